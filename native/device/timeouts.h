// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "scsi/cdb.h"
#include "scsi/supported_operation.h"

namespace tidemark {

/// How long each command may take. When one times out the host aborts it and then resets the
/// device, which throws the drive's buffer away: rather too long than too short.
class Timeouts {
 public:
  explicit Timeouts(bool changer) : changer_(changer) {}

  /// What the device recommends (REPORT SUPPORTED OPERATION CODES with timeouts) replaces the
  /// defaults of a widely used initiator's table for LTO-5 to LTO-9.
  void learn(std::span<const scsi::SupportedOperation> operations);

  [[nodiscard]] std::uint32_t milliseconds(const scsi::Cdb& cdb) const;

 private:
  [[nodiscard]] std::uint32_t default_seconds(const scsi::Cdb& cdb) const;

  bool changer_;
  /// By operation code, and service action where the command has one.
  std::map<std::pair<std::uint8_t, std::optional<std::uint16_t>>, std::uint32_t> learnt_s_;
};

}  // namespace tidemark
