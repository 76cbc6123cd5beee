// SPDX-License-Identifier: Apache-2.0
#include "scsi/changer_mode_page.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("transport geometry") {
  const Raw page{0x1E, 0x04, 0x01, 0x00, 0x00, 0x01};
  const std::vector<TransportGeometry> transports{{true, 0}, {false, 1}};
  CHECK(decode_transport_geometry(page) == transports);
  CHECK(encode_transport_geometry(transports) == page);
  // Reserved bits stay, and PS does not.
  CHECK(encode_transport_geometry({{false, 7}}, Raw{0x9E, 0x02, 0xFF, 0x00}) ==
        Raw{0x1E, 0x02, 0xFE, 0x07});
  const std::vector<TransportGeometry> many(200);
  CHECK(decode_transport_geometry(encode_transport_geometry(many))->size() == 127);
  CHECK_FALSE(decode_transport_geometry(Raw{0x1D, 0x02, 0x00, 0x00}));
}

TEST_CASE("changer capabilities") {
  Raw page(20);
  page[0] = 0x1F;
  page[1] = 0x12;
  page[2] = 0x0E;   // stores: drive, import/export, storage
  page[5] = 0x0E;   // from storage
  page[7] = 0x02;   // from a drive to storage
  page[13] = 0x08;  // exchange from storage with a drive
  const auto capabilities = decode_changer_capabilities(page);
  REQUIRE(capabilities);
  CHECK(capabilities->stores == ElementTypeSet{false, true, true, true});
  CHECK(capabilities->moves.from_transport == ElementTypeSet{});
  CHECK(capabilities->moves.from_storage == ElementTypeSet{false, true, true, true});
  CHECK(capabilities->moves.from_import_export == ElementTypeSet{});
  CHECK(capabilities->moves.from_data_transfer.storage);
  CHECK_FALSE(capabilities->moves.from_data_transfer.data_transfer);
  CHECK(capabilities->exchanges.from_storage.data_transfer);
  CHECK(encode_changer_capabilities(*capabilities) == page);
  Raw reserved(20, 0xFF);
  reserved[0] = 0x9F;
  reserved[1] = 0x12;
  const auto patched = encode_changer_capabilities({}, reserved);
  CHECK(patched[0] == 0x1F);
  CHECK(patched[2] == 0xF0);
  CHECK(patched[3] == 0xFF);
  CHECK(patched[8] == 0xFF);
  CHECK(patched[15] == 0xF0);
  CHECK_FALSE(decode_changer_capabilities(Raw{0x1E, 0x12, 0x00}));
}
