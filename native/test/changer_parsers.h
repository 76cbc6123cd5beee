// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "answer_text.h"
#include "primary_parsers.h"
#include "scsi/element_status.h"
#include "scsi/volume_tag.h"

/// Decoders of answers of a changer (SMC-3).
namespace tidemark::scsi {

inline std::string text_of_element(const Element& element) {
  AnswerText text;
  text.number("", element.address)
      .number("type", static_cast<int>(element.type))
      .flag("full", element.full)
      .flag("access", element.accessible)
      .flag("impexp", element.placed_by_operator)
      .flag("exenab", element.export_enabled)
      .flag("inenab", element.import_enabled)
      .optional("source", element.source_address)
      .flag("invert", element.inverted)
      .flag("disabled", element.disabled)
      .number("medium", static_cast<int>(element.medium_type))
      .optional("tag", element.volume_tag)
      .number("sequence", element.volume_sequence)
      .optional("alternate", element.alternate_volume_tag)
      .number("alternate_sequence", element.alternate_volume_sequence)
      .optional("serial", element.device_serial_number);
  if (element.exception) {
    text.group("exception", AnswerText()
                                .hex("asc", element.exception->asc)
                                .hex("ascq", element.exception->ascq)
                                .done());
  }
  if (element.bus_address) {
    text.group("bus", AnswerText()
                          .optional("id", element.bus_address->id)
                          .optional("lun", element.bus_address->lun)
                          .flag("other", element.bus_address->other_bus)
                          .done());
  }
  if (element.device_identifier) {
    text.group("identifier", text_of_designator(*element.device_identifier));
  }
  return text.done();
}
inline std::string text_of_elements(const std::vector<Element>& elements) {
  return AnswerText().list("", elements, text_of_element).done();
}
inline std::string text_of_header(const ElementStatusHeader& header) {
  return AnswerText()
      .number("first", header.first_address)
      .number("count", header.count)
      .number("bytes", header.byte_count)
      .done();
}
inline std::string text_of_template(const VolumeTagTemplate& values) {
  return AnswerText()
      .string("identifier", values.identifier)
      .number("minimum", values.minimum_sequence)
      .number("maximum", values.maximum_sequence)
      .done();
}
inline std::string text_of_volume_elements(const VolumeElementAddresses& addresses) {
  return AnswerText()
      .hex("action", static_cast<std::uint64_t>(addresses.action))
      .number("first", addresses.first_address)
      .number("count", addresses.count)
      .list("", addresses.elements, text_of_element)
      .done();
}

/// A page of its own for each element, with the parts that the element has.
inline std::vector<std::uint8_t> encode_element_pages(const std::vector<Element>& elements) {
  std::vector<std::uint8_t> pages;
  for (const auto& element : elements) {
    const auto page = encode_element_page(
        element.type, std::span(&element, 1),
        ElementPageParts{.volume_tags = element.volume_tag.has_value(),
                         .alternate_volume_tags = element.alternate_volume_tag.has_value(),
                         .device_identifiers = element.device_identifier.has_value(),
                         .vendor_bytes = 3});
    pages.insert(pages.end(), page.begin(), page.end());
  }
  return pages;
}
inline auto encode_elements(const std::vector<Element>& elements) {
  return encode_element_status(0, 0, encode_element_pages(elements));
}
inline auto encode_volume_elements(const VolumeElementAddresses& addresses) {
  return encode_volume_element_addresses(addresses.action, addresses.first_address, addresses.count,
                                         encode_element_pages(addresses.elements));
}
inline auto encode_header(const ElementStatusHeader& header) {
  auto bytes = encode_element_status(header.first_address, header.count, {});
  store_be24(bytes, 5, header.byte_count);
  return bytes;
}

/// The raw form of a tag is as it came, and nothing is encoded from it.
inline void forget_raw_tags(std::vector<Element>& elements) {
  for (auto& element : elements) element.volume_tag_field.clear();
}
inline auto decode_elements(Bytes bytes) {
  auto elements = decode_element_status(bytes);
  if (elements) forget_raw_tags(*elements);
  return elements;
}
inline auto decode_volume_elements(Bytes bytes) {
  auto addresses = decode_volume_element_addresses(bytes);
  if (addresses) forget_raw_tags(addresses->elements);
  return addresses;
}

inline constexpr Parser element_status_parsers[] = {
    {"element_status", decoded_text<decode_element_status, text_of_elements>,
     decodes_as_encoded<decode_elements, encode_elements>},
    {"element_status_header", decoded_text<decode_element_status_header, text_of_header>,
     decodes_as_encoded<decode_element_status_header, encode_header>},
    {"volume_tag_template", decoded_text<decode_volume_tag_template, text_of_template>,
     decodes_as_encoded<decode_volume_tag_template, encode_volume_tag_template>},
    {"volume_element_addresses",
     decoded_text<decode_volume_element_addresses, text_of_volume_elements>,
     decodes_as_encoded<decode_volume_elements, encode_volume_elements>},
};

}  // namespace tidemark::scsi
