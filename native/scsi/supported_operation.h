// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scsi/bytes.h"

/// Data of REPORT SUPPORTED OPERATION CODES (SPC-5 6.35).
namespace tidemark::scsi {

/// The command timeouts descriptor. 0: the device does not say.
struct CommandTimeouts {
  std::uint8_t command_specific = 0;
  std::uint32_t nominal_s = 0;
  std::uint32_t recommended_s = 0;

  bool operator==(const CommandTimeouts&) const = default;
};

/// One command of the list of all.
struct SupportedOperation {
  std::uint8_t operation_code = 0;
  /// Where SERVACTV is set.
  std::optional<std::uint16_t> service_action;
  /// CDB LENGTH in bytes.
  std::uint16_t cdb_bytes = 0;
  /// Where CTDP is set.
  std::optional<CommandTimeouts> timeouts;

  bool operator==(const SupportedOperation&) const = default;
};
[[nodiscard]] std::optional<std::vector<SupportedOperation>> decode_supported_operations(
    Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_supported_operations(
    std::span<const SupportedOperation> operations);

/// The answer about one command.
struct OperationSupport {
  /// SUPPORT; a value that is none of these comes as its number.
  enum class Support : std::uint8_t {
    /// Just now it cannot be told.
    unknown = 0,
    unsupported = 1,
    standard = 3,
    vendor_specific = 5
  };
  Support support = Support::unknown;
  /// CDB USAGE DATA: the CDB with its operation code, and ones for the bits that are looked at.
  std::vector<std::uint8_t> usage;
  std::optional<CommandTimeouts> timeouts;

  [[nodiscard]] bool supported() const {
    return support == Support::standard || support == Support::vendor_specific;
  }
  bool operator==(const OperationSupport&) const = default;
};
[[nodiscard]] std::optional<OperationSupport> decode_operation_support(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_operation_support(const OperationSupport& support);

}  // namespace tidemark::scsi
