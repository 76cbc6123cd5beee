// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// Attributes of the medium auxiliary memory (SPC-5 7.4).
namespace attribute {
inline constexpr std::uint16_t remaining_capacity = 0x0000;
inline constexpr std::uint16_t maximum_capacity = 0x0001;
inline constexpr std::uint16_t volume_change_reference = 0x0009;
inline constexpr std::uint16_t medium_manufacturer = 0x0400;
inline constexpr std::uint16_t medium_serial_number = 0x0401;
inline constexpr std::uint16_t user_text_label = 0x0803;
inline constexpr std::uint16_t barcode = 0x0806;
inline constexpr std::uint16_t volume_coherency = 0x080C;
}  // namespace attribute

/// FORMAT; a value that is none of these comes as its number (3).
enum class AttributeFormat : std::uint8_t { binary = 0, ascii = 1, text = 2 };

struct Attribute {
  std::uint16_t id = 0;
  AttributeFormat format = AttributeFormat::binary;
  std::vector<std::uint8_t> value;
  /// Only the device may change it.
  bool read_only = false;

  bool operator==(const Attribute&) const = default;
};

/// READ ATTRIBUTE, attribute values, and the list of WRITE ATTRIBUTE: those that were received
/// whole.
[[nodiscard]] std::optional<std::vector<Attribute>> decode_attributes(Bytes bytes);
/// The answer to READ ATTRIBUTE, in the order given (ascending ids).
[[nodiscard]] std::vector<std::uint8_t> encode_attributes(std::span<const Attribute> attributes);
/// The list of WRITE ATTRIBUTE: the read-only bit is reserved there. An empty value deletes.
[[nodiscard]] std::vector<std::uint8_t> encode_attributes_to_write(
    std::span<const Attribute> attributes);

/// READ ATTRIBUTE, attribute list and supported attributes: identifiers.
[[nodiscard]] std::optional<std::vector<std::uint16_t>> decode_attribute_list(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_attribute_list(
    std::span<const std::uint16_t> identifiers);

/// READ ATTRIBUTE, logical volume list and partition list: consecutive numbers.
struct AttributeNumbers {
  std::uint8_t first = 0;
  std::uint8_t count = 0;

  bool operator==(const AttributeNumbers&) const = default;
};
[[nodiscard]] std::optional<AttributeNumbers> decode_attribute_numbers(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_attribute_numbers(const AttributeNumbers& numbers);

/// A binary value as a number; nothing where it is empty or does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> attribute_number(const Attribute& attribute);
/// An ASCII or text value without its padding.
[[nodiscard]] std::string attribute_text(const Attribute& attribute);

/// Volume coherency information, 080Ch (SSC-5 4.2.21, SPC-5 7.4.2.4.22): what an application knows
/// of the volume, bound to a volume change reference.
struct VolumeCoherency {
  std::uint64_t volume_change_reference = 0;
  /// Bytes of the reference, 4 or 8.
  std::uint8_t reference_bytes = 8;
  std::uint64_t count = 0;
  /// Block address of the set.
  std::uint64_t set_identifier = 0;
  std::vector<std::uint8_t> application_data;

  bool operator==(const VolumeCoherency&) const = default;
};
[[nodiscard]] std::optional<VolumeCoherency> decode_volume_coherency(Bytes value);
[[nodiscard]] std::vector<std::uint8_t> encode_volume_coherency(const VolumeCoherency& coherency);

}  // namespace tidemark::scsi
