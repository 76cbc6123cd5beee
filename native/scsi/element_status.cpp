// SPDX-License-Identifier: Apache-2.0
#include "scsi/element_status.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t page_header_bytes = 8;
constexpr std::size_t fixed_bytes = 12;
constexpr std::size_t volume_tag_bytes = 36;
constexpr std::size_t volume_identifier_bytes = 32;
constexpr std::size_t identifier_header_bytes = 4;
constexpr std::size_t t10_identifier_bytes = 34;  // vendor 8, product 16, serial 10
constexpr std::size_t t10_serial_offset = 24;

constexpr std::uint8_t primary_tag_bit = 0x80;
constexpr std::uint8_t alternate_tag_bit = 0x40;

std::optional<std::string> decode_device_identifier(Bytes identifier) {
  const std::size_t length = load_u8(identifier, 3);
  if (length == 0 ||
      length > identifier.size() - std::min(identifier.size(), identifier_header_bytes)) {
    return std::nullopt;
  }
  const auto value = identifier.subspan(identifier_header_bytes, length);
  const auto type = identifier[1] & 0x0F;
  if (type == 1 && length >= t10_identifier_bytes) {
    return load_ascii(value, t10_serial_offset, length - t10_serial_offset);
  }
  if (type == 0) return load_ascii(value, 0, length);
  return std::nullopt;
}

Element decode_descriptor(Bytes descriptor, ElementType type, std::uint8_t page_flags) {
  Element element;
  element.type = type;
  element.address = load_be16(descriptor, 0);
  element.full = (descriptor[2] & 0x01) != 0;
  element.accessible = (descriptor[2] & 0x08) != 0;
  element.placed_by_operator = type == ElementType::import_export && (descriptor[2] & 0x02) != 0;
  if ((descriptor[2] & 0x04) != 0) element.exception = {descriptor[4], descriptor[5]};
  if ((descriptor[9] & 0x80) != 0) element.source_address = load_be16(descriptor, 10);

  std::size_t at = fixed_bytes;
  if ((page_flags & primary_tag_bit) != 0) {
    if (descriptor.size() >= at + volume_identifier_bytes) {
      element.volume_tag = load_ascii(descriptor, at, volume_identifier_bytes);
    }
    at += volume_tag_bytes;
  }
  if ((page_flags & alternate_tag_bit) != 0) at += volume_tag_bytes;
  if (type == ElementType::data_transfer && descriptor.size() >= at + identifier_header_bytes) {
    element.device_serial_number = decode_device_identifier(descriptor.subspan(at));
  }
  return element;
}

void decode_page(Bytes page, std::vector<Element>& elements) {
  const std::size_t descriptor_bytes = load_be16(page, 2);
  // A page without elements may give a descriptor length of zero; a shorter one than the fixed part
  // is no descriptor.
  if (descriptor_bytes < fixed_bytes) return;
  auto rest = page.subspan(page_header_bytes);
  // tgt leaves the last 8 bytes of its answer out, and its last descriptor is short by them: what
  // matters most stands in the fixed part, and what is missing behind it counts as not told.
  while (rest.size() >= fixed_bytes) {
    const auto length = std::min(rest.size(), descriptor_bytes);
    elements.push_back(
        decode_descriptor(rest.first(length), static_cast<ElementType>(page[0] & 0x0F), page[1]));
    rest = rest.subspan(length);
  }
}

void append_device_identifier(std::vector<std::uint8_t>& bytes, const Element& element) {
  const auto at = bytes.size();
  bytes.resize(at + identifier_header_bytes + t10_identifier_bytes);
  bytes[at] = 0x02;      // ASCII
  bytes[at + 1] = 0x01;  // T10 vendor identification
  bytes[at + 3] = t10_identifier_bytes;
  const auto value = at + identifier_header_bytes;
  store_ascii(bytes, value, 8, "TIDEMARK");
  store_ascii(bytes, value + 8, 16, "SIMULATED DRIVE");
  store_ascii(bytes, value + t10_serial_offset, 10, element.device_serial_number.value_or(""));
}

}  // namespace

std::optional<std::vector<Element>> decode_element_status(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  auto rest = bytes.subspan(
      header_bytes, std::min<std::size_t>(bytes.size() - header_bytes, load_be24(bytes, 5)));
  std::vector<Element> elements;
  while (rest.size() >= page_header_bytes) {
    const auto length = std::min<std::size_t>(rest.size(), page_header_bytes + load_be24(rest, 5));
    decode_page(rest.first(length), elements);
    rest = rest.subspan(length);
  }
  return elements;
}

std::vector<std::uint8_t> encode_element_page(ElementType type, std::span<const Element> elements,
                                              bool volume_tags, bool device_identifiers) {
  const bool identifies = device_identifiers && type == ElementType::data_transfer;
  // Four reserved bytes stand where the identifier would (SMC-3 6.11.4).
  const auto descriptor_bytes = fixed_bytes + (volume_tags ? volume_tag_bytes : 0) +
                                identifier_header_bytes + (identifies ? t10_identifier_bytes : 0);
  std::vector<std::uint8_t> bytes(page_header_bytes);
  bytes[0] = static_cast<std::uint8_t>(type);
  bytes[1] = volume_tags ? primary_tag_bit : 0;
  store_be16(bytes, 2, static_cast<std::uint16_t>(descriptor_bytes));
  store_be24(bytes, 5, static_cast<std::uint32_t>(descriptor_bytes * elements.size()));
  for (const auto& element : elements) {
    const auto at = bytes.size();
    bytes.resize(at + fixed_bytes);
    store_be16(bytes, at, element.address);
    bytes[at + 2] = static_cast<std::uint8_t>(
        (element.full ? 0x01 : 0) | (element.placed_by_operator ? 0x02 : 0) |
        (element.exception ? 0x04 : 0) | (element.accessible ? 0x08 : 0) |
        (type == ElementType::import_export ? 0x30 : 0));  // EXENAB, INENAB
    if (element.exception) {
      bytes[at + 4] = element.exception->asc;
      bytes[at + 5] = element.exception->ascq;
    }
    if (element.source_address) {
      bytes[at + 9] = 0x80;  // SVALID
      store_be16(bytes, at + 10, *element.source_address);
    }
    if (volume_tags) {
      const auto tag = bytes.size();
      bytes.resize(tag + volume_tag_bytes);
      store_ascii(bytes, tag, volume_identifier_bytes, element.volume_tag.value_or(""));
    }
    if (identifies) {
      append_device_identifier(bytes, element);
    } else {
      bytes.resize(bytes.size() + identifier_header_bytes);
    }
  }
  return bytes;
}

std::vector<std::uint8_t> encode_element_status(std::uint16_t first_address, std::uint16_t count,
                                                Bytes pages) {
  std::vector<std::uint8_t> bytes(header_bytes + pages.size());
  store_be16(bytes, 0, first_address);
  store_be16(bytes, 2, count);
  store_be24(bytes, 5, static_cast<std::uint32_t>(pages.size()));
  std::copy(pages.begin(), pages.end(), bytes.begin() + header_bytes);
  return bytes;
}

}  // namespace tidemark::scsi
