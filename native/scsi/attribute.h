// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// Attributes of the medium auxiliary memory (SPC-5 7.4).
namespace attribute {
inline constexpr std::uint16_t remaining_capacity = 0x0000;
inline constexpr std::uint16_t maximum_capacity = 0x0001;
inline constexpr std::uint16_t medium_manufacturer = 0x0400;
inline constexpr std::uint16_t medium_serial_number = 0x0401;
}  // namespace attribute

enum class AttributeFormat : std::uint8_t { binary = 0, ascii = 1, text = 2 };

/// `value` points into the parameter data.
struct Attribute {
  std::uint16_t id = 0;
  AttributeFormat format = AttributeFormat::binary;
  Bytes value;
};

/// READ ATTRIBUTE, attribute values: those that were received whole.
[[nodiscard]] std::optional<std::vector<Attribute>> decode_attributes(Bytes bytes);
/// As read-only attributes, in the order given (ascending ids).
[[nodiscard]] std::vector<std::uint8_t> encode_attributes(std::span<const Attribute> attributes);

}  // namespace tidemark::scsi
