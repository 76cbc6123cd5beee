// SPDX-License-Identifier: Apache-2.0
#include "scsi/density.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;

namespace {

DensityDescriptor ultrium(std::uint8_t code) {
  DensityDescriptor density;
  density.primary = code;
  density.secondary = code;
  density.writable = true;
  density.is_default = true;
  density.duplicate = true;
  density.bits_per_mm = 24414;
  density.width = 127;
  density.tracks = 4096;
  density.capacity_mb = 18000000;
  density.organization = "LTO-CVE";
  density.name = "U-918";
  density.description = "Ultrium 9/18T";
  return density;
}

}  // namespace

TEST_CASE("densities") {
  const std::vector<DensityDescriptor> densities{ultrium(0x60), ultrium(0x5E)};
  const auto raw = encode_densities(densities);
  CHECK(raw.size() == 4 + 2 * 52);
  CHECK(load_be16(raw, 0) == 2 + 2 * 52);
  CHECK(raw[4 + 2] == 0xE0);
  CHECK(decode_densities(raw) == densities);
  CHECK(decode_densities(std::span(raw).first(4 + 103))->size() == 1);
}

TEST_CASE("a longer descriptor is stepped over by its own length, if it is said to be valid") {
  auto raw = encode_densities(std::vector{ultrium(0x60), ultrium(0x5E)});
  raw.insert(raw.begin() + 4 + 52, 8, 0xEE);
  store_be16(raw, 0, static_cast<std::uint16_t>(raw.size() - 2));
  raw[4 + 2] |= 0x01;
  store_be16(raw, 4 + 3, 60);
  CHECK(decode_densities(raw)->at(1).primary == 0x5E);
  raw[4 + 2] &= 0xFE;
  CHECK(decode_densities(raw)->at(1).primary == 0xEE);
  // A length that leaves the descriptor's fields out cannot be one.
  raw[4 + 2] |= 0x01;
  store_be16(raw, 4 + 3, 0);
  CHECK(decode_densities(raw)->size() == 2);
}

TEST_CASE("medium types") {
  MediumTypeDescriptor type;
  type.medium_type = 0x98;
  type.densities = {0x5E, 0x60};
  type.width = 127;
  type.length_m = 1035;
  type.organization = "LTO-CVE";
  type.name = "Ultrium";
  type.description = "Data cartridge";
  const auto raw = encode_medium_types(std::vector{type, type});
  CHECK(raw.size() == 4 + 2 * 56);
  CHECK(load_be16(raw, 4 + 2) == 52);
  CHECK(decode_medium_types(raw) == std::vector{type, type});
  type.densities.resize(20, 1);
  CHECK(decode_medium_types(encode_medium_types(std::vector{type}))->at(0).densities.size() == 9);
}
