// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"
#include "scsi/attribute.h"
#include "scsi/cdb.h"
#include "scsi/log_page.h"
#include "simulated_units.h"
#include "transport/simulated.h"

namespace tidemark::test {

/// A unit of a simulated library that gets commands byte by byte, as no driver of ours would have
/// to send them, and what it answered last.
class ScriptedUnit {
 public:
  ScriptedUnit(const std::string& folder, const std::string& unit,
               const std::string& initiator = {})
      : transport_(folder, unit, initiator) {}

  /// `good`, `key/asc/ascq`, or `status 24`.
  std::string run(const scsi::Cdb& cdb, std::vector<std::uint8_t> data_out = {},
                  std::size_t data_in_bytes = 0) {
    Command command;
    command.cdb = cdb;
    command.data_out = data_out;
    data_.assign(data_in_bytes, 0);
    command.data_in = data_;
    result_ = transport_.execute(command);
    REQUIRE(result_.outcome == Outcome::completed);
    data_.resize(received(data_, result_).size());
    if (result_.scsi_status == scsi_status::good) return "good";
    return result_.decoded_sense() ? sense_of(result_)
                                   : "status " + std::to_string(result_.scsi_status);
  }
  std::string run(std::initializer_list<std::uint8_t> bytes,
                  std::vector<std::uint8_t> data_out = {}, std::size_t data_in_bytes = 0) {
    scsi::Cdb cdb;
    cdb.length = static_cast<std::uint8_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), cdb.bytes.begin());
    return run(cdb, std::move(data_out), data_in_bytes);
  }

  /// Of the last command.
  [[nodiscard]] const std::vector<std::uint8_t>& data() const { return data_; }
  [[nodiscard]] const Result& result() const { return result_; }
  [[nodiscard]] std::optional<scsi::Sense> sense() const { return result_.decoded_sense(); }

 private:
  SimulatedTransport transport_;
  std::vector<std::uint8_t> data_;
  Result result_;
};

}  // namespace tidemark::test
