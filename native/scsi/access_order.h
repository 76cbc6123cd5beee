// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/cdb.h"

/// Data of GENERATE and RECEIVE RECOMMENDED ACCESS ORDER (SSC-5 7.13, 7.14): in which order a drive
/// would best read some pieces of a tape.
namespace tidemark::scsi {

/// A user data segment (UDS) descriptor with basic identification.
struct UserDataSegment {
  /// UDS NAME, ten bytes of the application's own.
  std::string name;
  std::uint8_t partition = 0;
  /// First and last logical object.
  std::uint64_t first_object = 0;
  std::uint64_t last_object = 0;

  bool operator==(const UserDataSegment&) const = default;
};

/// The parameter list of GENERATE RECOMMENDED ACCESS ORDER.
[[nodiscard]] std::optional<std::vector<UserDataSegment>> decode_access_order_request(Bytes list);
[[nodiscard]] std::vector<std::uint8_t> encode_access_order_request(
    std::span<const UserDataSegment> segments);

/// The answer to RECEIVE RECOMMENDED ACCESS ORDER.
struct AccessOrder {
  /// As GENERATE had asked. A process that has no name there comes as its number.
  AccessOrderProcess process = AccessOrderProcess::none;
  /// RAO STATUS, 0 to 7.
  std::uint8_t status = 0;
  /// In the recommended order, those that were received whole.
  std::vector<UserDataSegment> segments;

  bool operator==(const AccessOrder&) const = default;
};
[[nodiscard]] std::optional<AccessOrder> decode_access_order(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_access_order(const AccessOrder& order);

/// With UDS_LIMITS.
struct AccessOrderLimits {
  std::uint16_t maximum_segments = 0;
  /// Bytes of one descriptor.
  std::uint16_t maximum_descriptor_bytes = 0;

  bool operator==(const AccessOrderLimits&) const = default;
};
[[nodiscard]] std::optional<AccessOrderLimits> decode_access_order_limits(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_access_order_limits(const AccessOrderLimits& limits);

}  // namespace tidemark::scsi
