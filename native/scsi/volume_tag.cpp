// SPDX-License-Identifier: Apache-2.0
#include "scsi/volume_tag.h"

#include <utility>

namespace tidemark::scsi {
namespace {

constexpr std::size_t list_bytes = 40;
constexpr std::size_t identifier_bytes = 32;

}  // namespace

std::optional<VolumeTagTemplate> decode_volume_tag_template(Bytes list) {
  if (list.size() < list_bytes) return std::nullopt;
  return VolumeTagTemplate{load_ascii(list, 0, identifier_bytes), load_be16(list, 34),
                           load_be16(list, 38)};
}

std::vector<std::uint8_t> encode_volume_tag_template(const VolumeTagTemplate& values) {
  std::vector<std::uint8_t> list(list_bytes);
  store_ascii(list, 0, identifier_bytes, values.identifier);
  store_be16(list, 34, values.minimum_sequence);
  store_be16(list, 38, values.maximum_sequence);
  return list;
}

std::optional<VolumeElementAddresses> decode_volume_element_addresses(Bytes bytes) {
  // All but byte 4 is as in READ ELEMENT STATUS, where it is reserved.
  const auto header = decode_element_status_header(bytes);
  auto elements = decode_element_status(bytes);
  if (!header || !elements) return std::nullopt;
  return VolumeElementAddresses{static_cast<VolumeTagAction>(load_bits(bytes, 4, 4, 0)),
                                header->first_address, header->count, std::move(*elements)};
}

std::vector<std::uint8_t> encode_volume_element_addresses(VolumeTagAction action,
                                                          std::uint16_t first_address,
                                                          std::uint16_t count, Bytes pages) {
  auto bytes = encode_element_status(first_address, count, pages);
  store_bits(bytes, 4, 4, 0, static_cast<std::uint8_t>(action));
  return bytes;
}

}  // namespace tidemark::scsi
