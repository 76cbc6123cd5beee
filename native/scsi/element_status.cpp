// SPDX-License-Identifier: Apache-2.0
#include "scsi/element_status.h"

#include <algorithm>
#include <utility>

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

constexpr unsigned primary_tag_bit = 7;
constexpr unsigned alternate_tag_bit = 6;

/// Nothing where there is none, or it was not received whole.
std::optional<Designator> decode_device_identifier(Bytes bytes) {
  const std::size_t length = load_u8(bytes, 3);
  const auto value = clip(bytes, identifier_header_bytes, length);
  if (length == 0 || value.size() != length) return std::nullopt;
  Designator identifier;
  identifier.type = load_bits(bytes, 1, 3, 0);
  identifier.code_set = static_cast<CodeSet>(load_bits(bytes, 0, 3, 0));
  identifier.association = static_cast<Association>(load_bits(bytes, 1, 5, 4));
  if (load_bit(bytes, 1, 7)) identifier.protocol = load_bits(bytes, 0, 7, 4);
  identifier.value.assign(value.begin(), value.end());
  return identifier;
}

std::optional<std::string> serial_number_of(const Designator& identifier) {
  const auto& value = identifier.value;
  if (identifier.type == designator_type::t10_vendor_identification &&
      value.size() >= t10_identifier_bytes) {
    return load_ascii(value, t10_serial_offset, value.size() - t10_serial_offset);
  }
  if (identifier.type == designator_type::vendor_specific) {
    return load_ascii(value, 0, value.size());
  }
  return std::nullopt;
}

Designator identifier_of(const Element& element) {
  if (element.device_identifier) return *element.device_identifier;
  Designator identifier;
  if (!element.device_serial_number) return identifier;
  identifier.type = designator_type::t10_vendor_identification;
  identifier.code_set = CodeSet::ascii;
  identifier.value.resize(t10_identifier_bytes);
  store_ascii(identifier.value, 0, 8, "TIDEMARK");
  store_ascii(identifier.value, 8, 16, "SIMULATED DRIVE");
  store_ascii(identifier.value, t10_serial_offset, 10, *element.device_serial_number);
  return identifier;
}

/// Byte 2, which means more for import/export elements.
void decode_flags(Bytes descriptor, Element& element) {
  element.full = load_bit(descriptor, 2, 0);
  element.accessible = load_bit(descriptor, 2, 3);
  if (load_bit(descriptor, 2, 2)) element.exception = {descriptor[4], descriptor[5]};
  if (element.type != ElementType::import_export) return;
  element.placed_by_operator = load_bit(descriptor, 2, 1);
  element.export_enabled = load_bit(descriptor, 2, 4);
  element.import_enabled = load_bit(descriptor, 2, 5);
}

void decode_bus_address(Bytes descriptor, Element& element) {
  const bool has_id = load_bit(descriptor, 6, 5);
  const bool has_lun = load_bit(descriptor, 6, 4);
  if (element.type != ElementType::data_transfer || (!has_id && !has_lun)) return;
  Element::BusAddress address;
  if (has_id) address.id = descriptor[7];
  if (has_lun) address.lun = load_bits(descriptor, 6, 2, 0);
  address.other_bus = load_bit(descriptor, 6, 7);
  element.bus_address = address;
}

/// A tag that the descriptor has no room for is absent; its sequence number may be missing.
void decode_tag(Bytes descriptor, std::size_t at, std::optional<std::string>& tag,
                std::uint16_t& sequence) {
  if (descriptor.size() < at + volume_identifier_bytes) return;
  tag = load_ascii(descriptor, at, volume_identifier_bytes);
  sequence = load_be16(descriptor, at + 34);
}

Element decode_descriptor(Bytes descriptor, ElementType type, Bytes page_header) {
  Element element;
  element.type = type;
  element.address = load_be16(descriptor, 0);
  decode_flags(descriptor, element);
  decode_bus_address(descriptor, element);
  if (load_bit(descriptor, 9, 7)) element.source_address = load_be16(descriptor, 10);
  element.inverted = load_bit(descriptor, 9, 6);
  element.disabled = load_bit(descriptor, 9, 3);
  element.medium_type = static_cast<MediumType>(load_bits(descriptor, 9, 2, 0));

  auto at = fixed_bytes;
  if (load_bit(page_header, 1, primary_tag_bit)) {
    decode_tag(descriptor, at, element.volume_tag, element.volume_sequence);
    const auto field = clip(descriptor, at, volume_tag_bytes);
    element.volume_tag_field.assign(field.begin(), field.end());
    at += volume_tag_bytes;
  }
  if (load_bit(page_header, 1, alternate_tag_bit)) {
    decode_tag(descriptor, at, element.alternate_volume_tag, element.alternate_volume_sequence);
    at += volume_tag_bytes;
  }
  if (type == ElementType::data_transfer) {
    element.device_identifier = decode_device_identifier(clip(descriptor, at, descriptor.size()));
  }
  if (element.device_identifier) {
    element.device_serial_number = serial_number_of(*element.device_identifier);
  }
  return element;
}

void decode_page(Bytes page, std::vector<Element>& elements) {
  const auto type = load_bits(page, 0, 3, 0);
  const std::size_t descriptor_bytes = load_be16(page, 2);
  // A page without elements may give a descriptor length of zero; a shorter one than the fixed part
  // is no descriptor. There are four types of element.
  if (descriptor_bytes < fixed_bytes || type < 1 || type > 4) return;
  auto rest = page.subspan(page_header_bytes);
  // tgt leaves the last 8 bytes of its answer out, and its last descriptor is short by them: what
  // matters most stands in the fixed part, and what is missing behind it counts as not told.
  while (rest.size() >= fixed_bytes) {
    const auto length = std::min(rest.size(), descriptor_bytes);
    elements.push_back(decode_descriptor(rest.first(length), static_cast<ElementType>(type), page));
    rest = rest.subspan(length);
  }
}

void store_fixed_part(MutableBytes descriptor, const Element& element, ElementType type) {
  store_be16(descriptor, 0, element.address);
  store_bit(descriptor, 2, 0, element.full);
  store_bit(descriptor, 2, 3, element.accessible);
  if (type == ElementType::import_export) {
    store_bit(descriptor, 2, 1, element.placed_by_operator);
    store_bit(descriptor, 2, 4, element.export_enabled);
    store_bit(descriptor, 2, 5, element.import_enabled);
  }
  if (element.exception) {
    store_bit(descriptor, 2, 2, true);
    store_u8(descriptor, 4, element.exception->asc);
    store_u8(descriptor, 5, element.exception->ascq);
  }
  if (element.bus_address && type == ElementType::data_transfer) {
    store_bit(descriptor, 6, 7, element.bus_address->other_bus);
    store_bit(descriptor, 6, 5, element.bus_address->id.has_value());
    store_bit(descriptor, 6, 4, element.bus_address->lun.has_value());
    store_bits(descriptor, 6, 2, 0, element.bus_address->lun.value_or(0));
    store_u8(descriptor, 7, element.bus_address->id.value_or(0));
  }
  store_bit(descriptor, 9, 7, element.source_address.has_value());
  store_bit(descriptor, 9, 6, element.inverted);
  store_bit(descriptor, 9, 3, element.disabled);
  store_bits(descriptor, 9, 2, 0, static_cast<std::uint8_t>(element.medium_type));
  store_be16(descriptor, 10, element.source_address.value_or(0));
}

void store_tag(MutableBytes descriptor, std::size_t at, const std::optional<std::string>& tag,
               std::uint16_t sequence) {
  store_ascii(descriptor, at, volume_identifier_bytes, tag.value_or(""));
  store_be16(descriptor, at + 34, sequence);
}

void store_identifier(MutableBytes descriptor, std::size_t at, const Designator& identifier) {
  if (identifier.value.empty()) return;
  store_bits(descriptor, at, 7, 4, identifier.protocol.value_or(0));
  store_bits(descriptor, at, 3, 0, static_cast<std::uint8_t>(identifier.code_set));
  store_bit(descriptor, at + 1, 7, identifier.protocol.has_value());
  store_bits(descriptor, at + 1, 5, 4, static_cast<std::uint8_t>(identifier.association));
  store_bits(descriptor, at + 1, 3, 0, identifier.type);
  store_u8(descriptor, at + 3, static_cast<std::uint8_t>(identifier.value.size()));
  for (std::size_t i = 0; i < identifier.value.size(); ++i) {
    store_u8(descriptor, at + identifier_header_bytes + i, identifier.value[i]);
  }
}

/// One descriptor; the identifier's header stands there even without identifiers (SMC-3 6.11.4).
std::vector<std::uint8_t> encode_descriptor(ElementType type, const Element& element,
                                            const ElementPageParts& parts) {
  std::vector<std::uint8_t> bytes(fixed_bytes);
  store_fixed_part(bytes, element, type);
  if (parts.volume_tags) {
    bytes.resize(bytes.size() + volume_tag_bytes);
    store_tag(bytes, bytes.size() - volume_tag_bytes, element.volume_tag, element.volume_sequence);
  }
  if (parts.alternate_volume_tags) {
    bytes.resize(bytes.size() + volume_tag_bytes);
    store_tag(bytes, bytes.size() - volume_tag_bytes, element.alternate_volume_tag,
              element.alternate_volume_sequence);
  }
  const auto at = bytes.size();
  bytes.resize(at + identifier_header_bytes);
  if (parts.device_identifiers && type == ElementType::data_transfer) {
    const auto identifier = identifier_of(element);
    bytes.resize(bytes.size() + std::min<std::size_t>(identifier.value.size(), 0xFF));
    store_identifier(bytes, at, identifier);
  }
  bytes.resize(bytes.size() + parts.vendor_bytes);
  return bytes;
}

}  // namespace

std::optional<ElementStatusHeader> decode_element_status_header(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  return ElementStatusHeader{load_be16(bytes, 0), load_be16(bytes, 2), load_be24(bytes, 5)};
}

std::optional<std::vector<Element>> decode_element_status(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  auto rest = clip(bytes, header_bytes, load_be24(bytes, 5));
  std::vector<Element> elements;
  while (rest.size() >= page_header_bytes) {
    const auto page = clip(rest, 0, page_header_bytes + load_be24(rest, 5));
    decode_page(page, elements);
    rest = rest.subspan(page.size());
  }
  return elements;
}

std::vector<std::uint8_t> encode_element_page(ElementType type, std::span<const Element> elements,
                                              const ElementPageParts& parts) {
  std::vector<std::vector<std::uint8_t>> descriptors;
  std::size_t longest = 0;
  for (const auto& element : elements) {
    descriptors.push_back(encode_descriptor(type, element, parts));
    longest = std::max(longest, descriptors.back().size());
  }
  std::vector<std::uint8_t> bytes(page_header_bytes);
  bytes[0] = static_cast<std::uint8_t>(type);
  store_bit(bytes, 1, primary_tag_bit, parts.volume_tags);
  store_bit(bytes, 1, alternate_tag_bit, parts.alternate_volume_tags);
  store_be16(bytes, 2, static_cast<std::uint16_t>(longest));
  store_be24(bytes, 5, static_cast<std::uint32_t>(longest * elements.size()));
  for (auto& descriptor : descriptors) {
    descriptor.resize(longest);  // all descriptors of a page are equally long
    bytes.insert(bytes.end(), descriptor.begin(), descriptor.end());
  }
  return bytes;
}

std::vector<std::uint8_t> encode_element_page(ElementType type, std::span<const Element> elements,
                                              bool volume_tags, bool device_identifiers) {
  return encode_element_page(type, elements,
                             ElementPageParts{.volume_tags = volume_tags,
                                              .alternate_volume_tags = false,
                                              .device_identifiers = device_identifiers,
                                              .vendor_bytes = 0});
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
