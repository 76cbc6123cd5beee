// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/inquiry.h"
#include "scsi/sense.h"

namespace tidemark::simulator {

/// A command as it arrives at the target.
struct Request {
  scsi::Bytes cdb;
  scsi::Bytes data_out;
  scsi::MutableBytes data_in;
};

/// What the target sends back.
struct Answer {
  /// Goes with CHECK CONDITION.
  std::optional<scsi::Sense> sense;
  /// Bytes of the data-in buffer that were filled.
  std::size_t transferred = 0;
  /// The SCSI status where there is no sense data.
  std::uint8_t status = 0;
};

[[nodiscard]] Answer good();
[[nodiscard]] Answer check(std::uint8_t key, std::uint8_t asc, std::uint8_t ascq);
[[nodiscard]] Answer check(const scsi::Sense& sense);
[[nodiscard]] Answer invalid_operation_code();
[[nodiscard]] Answer invalid_field_in_cdb();
/// As much of `data` as the allocation length and the buffer allow (SPC-5 4.2.5.6).
[[nodiscard]] Answer data(const Request& request, scsi::Bytes data, std::size_t allocation_length);

/// The target side of a logical unit: CDB in; status, sense and data out. What all units do alike
/// is here: INQUIRY, REQUEST SENSE, and unit attentions, which each stop one command.
class LogicalUnit {
 public:
  LogicalUnit();
  LogicalUnit(const LogicalUnit&) = delete;
  LogicalUnit& operator=(const LogicalUnit&) = delete;
  virtual ~LogicalUnit() = default;

  [[nodiscard]] Answer execute(const Request& request);
  /// Sense data in the format that the unit uses.
  [[nodiscard]] std::vector<std::uint8_t> encode_sense(const scsi::Sense& sense) const;

  /// What keeps the initiator from the unit, such as another one that uses it.
  struct Refusal {
    int error_number = 0;
    /// A sentence.
    std::string message;
  };
  /// Called before the first command other than INQUIRY, and again until it refuses nothing.
  [[nodiscard]] virtual std::optional<Refusal> acquire() { return std::nullopt; }

 protected:
  void add_unit_attention(std::uint8_t asc, std::uint8_t ascq);
  /// Called before each command but INQUIRY: what happened to the unit meanwhile.
  virtual void refresh() {}
  [[nodiscard]] virtual Answer dispatch(const Request& request) = 0;
  [[nodiscard]] virtual scsi::InquiryData inquiry_data() const = 0;
  [[nodiscard]] virtual std::string serial_number() const = 0;
  [[nodiscard]] virtual bool uses_descriptor_sense() const { return false; }

 private:
  [[nodiscard]] Answer inquiry(const Request& request) const;
  [[nodiscard]] Answer request_sense(const Request& request);
  [[nodiscard]] scsi::Sense take_unit_attention();

  std::deque<scsi::Sense> unit_attentions_;
};

}  // namespace tidemark::simulator
