// SPDX-License-Identifier: Apache-2.0
#include "scsi/changer_mode_page.h"

#include <algorithm>

#include "scsi/mode.h"
#include "scsi/mode_page_bytes.h"

namespace tidemark::scsi {
namespace {

ElementTypeSet load_types(Bytes page, std::size_t offset) {
  return {load_bit(page, offset, 0), load_bit(page, offset, 1), load_bit(page, offset, 2),
          load_bit(page, offset, 3)};
}

void store_types(MutableBytes page, std::size_t offset, const ElementTypeSet& types) {
  store_bit(page, offset, 0, types.transport);
  store_bit(page, offset, 1, types.storage);
  store_bit(page, offset, 2, types.import_export);
  store_bit(page, offset, 3, types.data_transfer);
}

ElementPaths load_paths(Bytes page, std::size_t offset) {
  return {load_types(page, offset), load_types(page, offset + 1), load_types(page, offset + 2),
          load_types(page, offset + 3)};
}

void store_paths(MutableBytes page, std::size_t offset, const ElementPaths& paths) {
  store_types(page, offset, paths.from_transport);
  store_types(page, offset + 1, paths.from_storage);
  store_types(page, offset + 2, paths.from_import_export);
  store_types(page, offset + 3, paths.from_data_transfer);
}

}  // namespace

std::optional<std::vector<TransportGeometry>> decode_transport_geometry(Bytes page) {
  page = checked_mode_page(page, mode_page::transport_geometry, 2);
  if (page.empty()) return std::nullopt;
  std::vector<TransportGeometry> transports;
  for (std::size_t at = 2; at + 2 <= page.size(); at += 2) {
    transports.push_back({load_bit(page, at, 0), load_u8(page, at + 1)});
  }
  return transports;
}

std::vector<std::uint8_t> encode_transport_geometry(
    const std::vector<TransportGeometry>& transports, Bytes page) {
  const auto count = std::min<std::size_t>(transports.size(), 127);  // PAGE LENGTH is one byte
  auto bytes = begin_mode_page(page, mode_page::transport_geometry, 2);
  bytes.resize(2 + 2 * count);
  bytes[1] = static_cast<std::uint8_t>(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    store_bit(bytes, 2 + 2 * i, 0, transports[i].rotates);
    store_u8(bytes, 3 + 2 * i, transports[i].member);
  }
  return bytes;
}

std::optional<ChangerCapabilities> decode_changer_capabilities(Bytes page) {
  page = checked_mode_page(page, mode_page::changer_capabilities, 3);
  if (page.empty()) return std::nullopt;
  return ChangerCapabilities{load_types(page, 2), load_paths(page, 4), load_paths(page, 12)};
}

std::vector<std::uint8_t> encode_changer_capabilities(const ChangerCapabilities& capabilities,
                                                      Bytes page) {
  auto bytes = begin_mode_page(page, mode_page::changer_capabilities, 20);
  store_types(bytes, 2, capabilities.stores);
  store_paths(bytes, 4, capabilities.moves);
  store_paths(bytes, 12, capabilities.exchanges);
  return bytes;
}

}  // namespace tidemark::scsi
