// SPDX-License-Identifier: Apache-2.0
#include "scsi/mode.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

const Raw sensed{0x13, 0x98, 0x94, 0x08,                          // header: WP, mode 1, speed 4
                 0x60, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00,  // density, 512-byte blocks
                 0x8F, 0x02, 0xC0, 0x00,                          // a page with PS set
                 0x1D, 0x02, 0x01, 0x00};

}  // namespace

TEST_CASE("header, block descriptor and pages of MODE SENSE(6)") {
  const auto parameters = decode_mode_parameters_6(sensed);
  REQUIRE(parameters);
  CHECK(parameters->medium_type == 0x98);
  CHECK(parameters->write_protected);
  CHECK(parameters->buffered_mode == 1);
  CHECK(parameters->speed == 4);
  REQUIRE(parameters->block);
  CHECK(parameters->block->density == 0x60);
  CHECK(parameters->block->block_bytes == 512);
  CHECK(find_mode_page(parameters->pages, 0x1D).size() == 4);
  CHECK(find_mode_page(parameters->pages, 0x0F).size() == 4);
  CHECK(find_mode_page(parameters->pages, 0x10).empty());
}

TEST_CASE("the inner length is trusted, but not beyond what was received") {
  auto echoed = sensed;  // some drives return the whole allocation length
  echoed.resize(255, 0xEE);
  CHECK(decode_mode_parameters_6(echoed)->pages.size() == 8);
  auto cut = sensed;
  cut.resize(14);
  CHECK(decode_mode_parameters_6(cut)->pages.size() == 2);
  cut.resize(11);
  CHECK_FALSE(decode_mode_parameters_6(cut));
  CHECK_FALSE(decode_mode_parameters_6(Raw{0x02, 0, 0, 0}));
  CHECK_FALSE(decode_mode_parameters_6({}));
}

TEST_CASE("MODE SELECT(6) keeps what was sensed, without length, WP and PS") {
  auto parameters = *decode_mode_parameters_6(sensed);
  parameters.pages.clear();
  parameters.block->block_bytes = 0;
  CHECK(encode_mode_select_6(parameters) == Raw{0, 0x98, 0x14, 8, 0x60, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("MODE SENSE(6) round trip") {
  const auto parameters = *decode_mode_parameters_6(sensed);
  CHECK(encode_mode_sense_6(parameters) == sensed);
}

TEST_CASE("pages with subpages are stepped over") {
  const Raw pages{0x50, 0x01, 0x00, 0x02, 0xAA, 0xBB, 0x10, 0x01, 0x77};
  CHECK(find_mode_page(pages, 0x10).size() == 3);
  CHECK(find_mode_page(pages, 0x10)[2] == 0x77);
}

TEST_CASE("element address assignment") {
  const Raw page{0x1D, 0x12, 0x00, 0x01, 0x00, 0x01, 0x10, 0x00, 0x00, 0x18,
                 0x03, 0x00, 0x00, 0x04, 0x01, 0x00, 0x00, 0x02, 0x00, 0x00};
  const auto addresses = decode_element_addresses(page);
  REQUIRE(addresses);
  CHECK(addresses->transport.first == 1);
  CHECK(addresses->storage.first == 4096);
  CHECK(addresses->storage.count == 24);
  CHECK(addresses->import_export.contains(0x303));
  CHECK_FALSE(addresses->import_export.contains(0x304));
  CHECK_FALSE(addresses->import_export.contains(0x2FF));
  CHECK(addresses->data_transfer.count == 2);
  CHECK(encode_element_addresses(*addresses) == page);
  CHECK_FALSE(decode_element_addresses(std::span(page).first(17)));
}

namespace {

const Raw sensed_10{0x00, 0x16, 0x98, 0x90, 0x00, 0x00, 0x00, 0x08,   // header
                    0x60, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00,   // 256 KiB blocks
                    0x8F, 0x02, 0xC0, 0x00, 0x50, 0x01, 0x00, 0x00};  // a page and a subpage

}  // namespace

TEST_CASE("header, block descriptor and pages of MODE SENSE(10)") {
  const auto parameters = decode_mode_parameters_10(sensed_10);
  REQUIRE(parameters);
  CHECK(parameters->medium_type == 0x98);
  CHECK(parameters->write_protected);
  REQUIRE(parameters->block);
  CHECK(parameters->block->block_bytes == 0x40000);
  CHECK(parameters->pages.size() == 8);
  CHECK(encode_mode_sense_10(*parameters) == sensed_10);
  const auto list = encode_mode_select_10(*parameters);
  CHECK(list[1] == 0);
  CHECK(list[3] == 0x10);
  CHECK(decode_mode_select_10(list)->pages == parameters->pages);
  CHECK(decode_mode_select_6(encode_mode_select_6(*parameters))->pages == parameters->pages);
}

TEST_CASE("a long block descriptor") {
  ModeParameters parameters;
  parameters.long_block_descriptor = true;
  parameters.block = {0, std::uint64_t{1} << 40, 4096};
  const auto raw = encode_mode_sense_10(parameters);
  CHECK(raw.size() == 24);
  CHECK(raw[4] == 0x01);
  CHECK(decode_mode_parameters_10(raw) == parameters);
}

TEST_CASE("pages are listed with their subpages") {
  const auto parameters = decode_mode_parameters_10(sensed_10);
  const auto pages = decode_mode_pages(parameters->pages);
  REQUIRE(pages.size() == 2);
  CHECK(pages[0] == ModePage{0x0F, 0, true, {0x8F, 0x02, 0xC0, 0x00}});
  CHECK(pages[1] == ModePage{0x10, 0x01, false, {0x50, 0x01, 0x00, 0x00}});
  CHECK(find_mode_page(parameters->pages, 0x10, 0x01).size() == 4);
  CHECK(find_mode_page(parameters->pages, 0x10).empty());
}

TEST_CASE("element addresses are patched into the page that came") {
  Raw page(22, 0xEE);
  page[0] = 0x9D;
  page[1] = 0x14;
  ElementAddresses addresses;
  addresses.data_transfer = {0x0100, 4};
  const auto patched = encode_element_addresses(addresses, page);
  CHECK(patched.size() == 22);
  CHECK(patched[0] == 0x1D);
  CHECK(patched[21] == 0xEE);
  CHECK(decode_element_addresses(patched) == addresses);
}
