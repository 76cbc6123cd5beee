// SPDX-License-Identifier: Apache-2.0
#include "scsi/mode.h"

#include <algorithm>

#include "scsi/mode_page_bytes.h"

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_6_bytes = 4;
constexpr std::size_t header_10_bytes = 8;
constexpr std::size_t short_descriptor_bytes = 8;
constexpr std::size_t long_descriptor_bytes = 16;

constexpr std::uint8_t page_code_mask = 0x3F;
constexpr std::uint8_t subpage_format = 0x40;
constexpr std::uint8_t parameters_saveable = 0x80;

void decode_device_specific(ModeParameters& parameters, std::uint8_t byte) {
  parameters.write_protected = (byte & 0x80) != 0;
  parameters.buffered_mode = byte >> 4 & 0x07;
  parameters.speed = byte & 0x0F;
}

std::uint8_t encode_device_specific(const ModeParameters& parameters, bool write_protect) {
  return static_cast<std::uint8_t>((write_protect && parameters.write_protected ? 0x80 : 0) |
                                   (parameters.buffered_mode & 0x07) << 4 |
                                   (parameters.speed & 0x0F));
}

/// Block descriptors and pages, behind the header. SPC-5 7.5.5 has the long form.
bool decode_rest(ModeParameters& parameters, Bytes rest, std::size_t descriptor_bytes) {
  if (rest.size() < descriptor_bytes) return false;
  if (parameters.long_block_descriptor && descriptor_bytes >= long_descriptor_bytes) {
    parameters.block = {0, load_be64(rest, 0), load_be32(rest, 12)};
  } else if (!parameters.long_block_descriptor && descriptor_bytes >= short_descriptor_bytes) {
    parameters.block = {rest[0], load_be24(rest, 1), load_be24(rest, 5)};
  }
  const auto pages = rest.subspan(descriptor_bytes);
  parameters.pages.assign(pages.begin(), pages.end());
  return true;
}

std::vector<std::uint8_t> encode_rest(const ModeParameters& parameters, bool long_descriptor) {
  std::vector<std::uint8_t> bytes;
  if (parameters.block && long_descriptor) {
    bytes.resize(long_descriptor_bytes);
    store_be64(bytes, 0, parameters.block->blocks);
    store_be32(bytes, 12, parameters.block->block_bytes);
  } else if (parameters.block) {
    bytes.resize(short_descriptor_bytes);
    bytes[0] = parameters.block->density;
    store_be24(bytes, 1, static_cast<std::uint32_t>(parameters.block->blocks));
    store_be24(bytes, 5, parameters.block->block_bytes);
  }
  bytes.insert(bytes.end(), parameters.pages.begin(), parameters.pages.end());
  return bytes;
}

std::vector<std::uint8_t> encode_6(const ModeParameters& parameters, bool write_protect) {
  std::vector<std::uint8_t> bytes(header_6_bytes);
  bytes[1] = parameters.medium_type;
  bytes[2] = encode_device_specific(parameters, write_protect);
  bytes[3] = parameters.block ? short_descriptor_bytes : 0;
  const auto rest = encode_rest(parameters, false);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

std::vector<std::uint8_t> encode_10(const ModeParameters& parameters, bool write_protect) {
  const auto long_descriptor = parameters.long_block_descriptor;
  std::vector<std::uint8_t> bytes(header_10_bytes);
  bytes[2] = parameters.medium_type;
  bytes[3] = encode_device_specific(parameters, write_protect);
  bytes[4] = long_descriptor ? 0x01 : 0x00;
  if (parameters.block) {
    bytes[7] = long_descriptor ? long_descriptor_bytes : short_descriptor_bytes;
  }
  const auto rest = encode_rest(parameters, long_descriptor);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

/// The next page with its header, as far as it is there. A page of length zero still has its
/// header.
Bytes first_page(Bytes pages) {
  const bool has_subpage = (pages[0] & subpage_format) != 0;
  const std::size_t length = has_subpage ? 4U + load_be16(pages, 2) : 2U + pages[1];
  return pages.first(std::min(length, pages.size()));
}

std::uint8_t subpage_of(Bytes page) {
  return (page[0] & subpage_format) != 0 ? page[1] : std::uint8_t{0};
}

}  // namespace

std::optional<ModeParameters> decode_mode_select_6(Bytes list) {
  if (list.size() < header_6_bytes) return std::nullopt;
  ModeParameters parameters;
  parameters.medium_type = list[1];
  decode_device_specific(parameters, list[2]);
  if (!decode_rest(parameters, list.subspan(header_6_bytes), list[3])) return std::nullopt;
  return parameters;
}

std::optional<ModeParameters> decode_mode_select_10(Bytes list) {
  if (list.size() < header_10_bytes) return std::nullopt;
  ModeParameters parameters;
  parameters.medium_type = list[2];
  decode_device_specific(parameters, list[3]);
  parameters.long_block_descriptor = load_bit(list, 4, 0);
  if (!decode_rest(parameters, list.subspan(header_10_bytes), load_be16(list, 6))) {
    return std::nullopt;
  }
  return parameters;
}

std::optional<ModeParameters> decode_mode_parameters_6(Bytes bytes) {
  return decode_mode_select_6(clip(bytes, 0, 1U + load_u8(bytes, 0)));
}

std::optional<ModeParameters> decode_mode_parameters_10(Bytes bytes) {
  return decode_mode_select_10(clip(bytes, 0, 2U + load_be16(bytes, 0)));
}

std::vector<std::uint8_t> encode_mode_select_6(const ModeParameters& parameters) {
  return encode_6(parameters, false);
}

std::vector<std::uint8_t> encode_mode_select_10(const ModeParameters& parameters) {
  return encode_10(parameters, false);
}

std::vector<std::uint8_t> encode_mode_sense_6(const ModeParameters& parameters) {
  auto bytes = encode_6(parameters, true);
  bytes[0] = static_cast<std::uint8_t>(bytes.size() - 1);
  return bytes;
}

std::vector<std::uint8_t> encode_mode_sense_10(const ModeParameters& parameters) {
  auto bytes = encode_10(parameters, true);
  store_be16(bytes, 0, static_cast<std::uint16_t>(bytes.size() - 2));
  return bytes;
}

std::vector<ModePage> decode_mode_pages(Bytes pages) {
  std::vector<ModePage> decoded;
  while (pages.size() >= 2) {
    const auto page = first_page(pages);
    decoded.push_back({static_cast<std::uint8_t>(page[0] & page_code_mask),
                       subpage_of(page),
                       (page[0] & parameters_saveable) != 0,
                       {page.begin(), page.end()}});
    pages = pages.subspan(page.size());
  }
  return decoded;
}

Bytes find_mode_page(Bytes pages, std::uint8_t code, std::uint8_t subpage) {
  while (pages.size() >= 2) {
    const auto page = first_page(pages);
    if ((page[0] & page_code_mask) == code && subpage_of(page) == subpage) return page;
    pages = pages.subspan(page.size());
  }
  return {};
}

Bytes checked_mode_page(Bytes page, std::uint8_t code, std::size_t least) {
  if (page.size() < 2 || (page[0] & (subpage_format | page_code_mask)) != code) return {};
  const auto whole = first_page(page);
  return whole.size() < least ? Bytes{} : whole;
}

Bytes checked_mode_subpage(Bytes page, std::uint8_t code, std::uint8_t subpage, std::size_t least) {
  const auto wanted = subpage_format | code;
  if (page.size() < 4 || (page[0] & (subpage_format | page_code_mask)) != wanted) return {};
  const auto whole = first_page(page);
  return page[1] != subpage || whole.size() < least ? Bytes{} : whole;
}

std::vector<std::uint8_t> begin_mode_page(Bytes page, std::uint8_t code, std::size_t bytes) {
  std::vector<std::uint8_t> begun(page.begin(), page.end());
  if (page.empty()) {
    begun.resize(bytes);
    begun[0] = code;
    begun[1] = static_cast<std::uint8_t>(bytes - 2);
  }
  store_bit(begun, 0, 7, false);
  return begun;
}

std::vector<std::uint8_t> begin_mode_subpage(Bytes page, std::uint8_t code, std::uint8_t subpage,
                                             std::size_t bytes) {
  std::vector<std::uint8_t> begun(page.begin(), page.end());
  if (page.empty()) {
    begun.resize(bytes);
    begun[0] = subpage_format | code;
    begun[1] = subpage;
    store_be16(begun, 2, static_cast<std::uint16_t>(bytes - 4));
  }
  store_bit(begun, 0, 7, false);
  return begun;
}

std::optional<ElementAddresses> decode_element_addresses(Bytes page) {
  page = checked_mode_page(page, mode_page::element_address_assignment, 18);
  if (page.empty()) return std::nullopt;
  const auto range = [&](std::size_t offset) {
    return ElementRange{load_be16(page, offset), load_be16(page, offset + 2)};
  };
  return ElementAddresses{range(2), range(6), range(10), range(14)};
}

std::vector<std::uint8_t> encode_element_addresses(const ElementAddresses& addresses, Bytes page) {
  auto bytes = begin_mode_page(page, mode_page::element_address_assignment, 20);
  const auto store = [&](std::size_t offset, const ElementRange& range) {
    store_be16(bytes, offset, range.first);
    store_be16(bytes, offset + 2, range.count);
  };
  store(2, addresses.transport);
  store(6, addresses.storage);
  store(10, addresses.import_export);
  store(14, addresses.data_transfer);
  return bytes;
}

}  // namespace tidemark::scsi
