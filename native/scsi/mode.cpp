// SPDX-License-Identifier: Apache-2.0
#include "scsi/mode.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t block_descriptor_bytes = 8;

}  // namespace

std::optional<ModeParameters> decode_mode_parameters_6(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  bytes = bytes.first(std::min<std::size_t>(bytes.size(), 1U + bytes[0]));
  if (bytes.size() < header_bytes) return std::nullopt;

  ModeParameters parameters;
  parameters.medium_type = bytes[1];
  parameters.write_protected = (bytes[2] & 0x80) != 0;
  parameters.buffered_mode = bytes[2] >> 4 & 0x07;
  parameters.speed = bytes[2] & 0x0F;
  const std::size_t descriptors = bytes[3];
  if (bytes.size() < header_bytes + descriptors) return std::nullopt;
  if (descriptors >= block_descriptor_bytes) {
    parameters.block = {bytes[4], load_be24(bytes, 5), load_be24(bytes, 9)};
  }
  const auto pages = bytes.subspan(header_bytes + descriptors);
  parameters.pages.assign(pages.begin(), pages.end());
  return parameters;
}

std::vector<std::uint8_t> encode_mode_select_6(const ModeParameters& parameters) {
  const auto descriptors = parameters.block ? block_descriptor_bytes : 0;
  std::vector<std::uint8_t> bytes(header_bytes + descriptors);
  bytes[1] = parameters.medium_type;
  bytes[2] =
      static_cast<std::uint8_t>((parameters.buffered_mode & 0x07) << 4 | (parameters.speed & 0x0F));
  bytes[3] = static_cast<std::uint8_t>(descriptors);
  if (parameters.block) {
    bytes[4] = parameters.block->density;
    store_be24(bytes, 5, static_cast<std::uint32_t>(parameters.block->blocks));
    store_be24(bytes, 9, parameters.block->block_bytes);
  }
  bytes.insert(bytes.end(), parameters.pages.begin(), parameters.pages.end());
  return bytes;
}

std::vector<std::uint8_t> encode_mode_sense_6(const ModeParameters& parameters) {
  auto bytes = encode_mode_select_6(parameters);
  bytes[0] = static_cast<std::uint8_t>(bytes.size() - 1);
  if (parameters.write_protected) bytes[2] |= 0x80;
  return bytes;
}

Bytes find_mode_page(Bytes pages, std::uint8_t code, std::uint8_t subpage) {
  while (pages.size() >= 2) {
    const bool has_subpage = (pages[0] & 0x40) != 0;
    const std::size_t header = has_subpage ? 4 : 2;
    const std::size_t wanted = header + (has_subpage ? load_be16(pages, 2) : pages[1]);
    const auto length = std::min(wanted, pages.size());
    const auto found = has_subpage ? load_u8(pages, 1) : std::uint8_t{0};
    if ((pages[0] & 0x3F) == code && found == subpage) return pages.first(length);
    pages = pages.subspan(length);
  }
  return {};
}

std::optional<ElementAddresses> decode_element_addresses(Bytes page) {
  if (page.size() < 18) return std::nullopt;
  const auto range = [&](std::size_t offset) {
    return ElementRange{load_be16(page, offset), load_be16(page, offset + 2)};
  };
  return ElementAddresses{range(2), range(6), range(10), range(14)};
}

std::vector<std::uint8_t> encode_element_addresses(const ElementAddresses& addresses, Bytes) {
  std::vector<std::uint8_t> page(20);
  page[0] = mode_page::element_address_assignment;
  page[1] = 0x12;
  const auto store = [&](std::size_t offset, const ElementRange& range) {
    store_be16(page, offset, range.first);
    store_be16(page, offset + 2, range.count);
  };
  store(2, addresses.transport);
  store(6, addresses.storage);
  store(10, addresses.import_export);
  store(14, addresses.data_transfer);
  return page;
}

}  // namespace tidemark::scsi
