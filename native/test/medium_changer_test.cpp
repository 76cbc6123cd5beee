// SPDX-License-Identifier: Apache-2.0
#include "device/medium_changer.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "device/classify.h"
#include "scripted_transport.h"

using namespace tidemark;
using namespace tidemark::test;

namespace {

std::vector<std::uint8_t> addresses(std::uint16_t storage, std::uint16_t drives) {
  scsi::ModeParameters mode;
  mode.pages = scsi::encode_element_addresses({{}, {4096, storage}, {}, {256, drives}});
  return scsi::encode_mode_sense_10(mode);
}

std::vector<std::uint8_t> elements(scsi::ElementType type, std::uint16_t first, std::uint16_t count,
                                   bool tags) {
  std::vector<scsi::Element> all(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    all[i].address = static_cast<std::uint16_t>(first + i);
    all[i].type = type;
    all[i].device_serial_number = "SERIAL" + std::to_string(i);
  }
  return scsi::encode_element_status(first, count,
                                     scsi::encode_element_page(type, all, tags, !tags));
}

constexpr auto storage = scsi::ElementType::storage;
constexpr auto drive = scsi::ElementType::data_transfer;

struct Bench {
  Script script;
  MediumChanger changer{std::make_unique<ScriptedTransport>(script), "changer"};
};

}  // namespace

TEST_CASE("C10: one type a command, tags and identifiers apart") {
  Bench bench;
  bench.script.good(addresses(2, 1))
      .good(elements(storage, 4096, 2, true))
      .good(elements(drive, 256, 1, true))
      .good(elements(drive, 256, 1, false));
  const auto outcome = bench.changer.elements();
  REQUIRE(outcome.value);
  CHECK(outcome.value->size() == 3);
  CHECK(outcome.value->at(2).device_serial_number == "SERIAL0");
  REQUIRE(bench.script.cdbs.size() == 4);
  CHECK(bench.script.cdbs[1][1] == 0x12);
  CHECK(bench.script.cdbs[2][1] == 0x14);
  CHECK(bench.script.cdbs[3][1] == 0x04);
  CHECK(bench.script.cdbs[3][6] == 0x01);
}

TEST_CASE("C10: more elements than fit an answer are asked for from the last address on") {
  Bench bench;
  bench.script.good(addresses(1500, 0))
      .good(elements(storage, 4096, 600, true))  // fewer than asked for
      .good(elements(storage, 4696, 900, true));
  const auto outcome = bench.changer.elements();
  REQUIRE(outcome.value);
  CHECK(outcome.value->size() == 1500);
  CHECK(scsi::load_be16(bench.script.cdbs[1], 4) == 1000);
  CHECK(scsi::load_be16(bench.script.cdbs[2], 2) == 4696);
  CHECK(scsi::load_be16(bench.script.cdbs[2], 4) == 900);
}

TEST_CASE("an answer that brings nothing new ends the reading") {
  Bench bench;
  bench.script.good(addresses(5, 0))
      .good(elements(storage, 4096, 2, true))
      .good(elements(storage, 4096, 2, true));
  const auto outcome = bench.changer.elements();
  REQUIRE(outcome.value);
  CHECK(outcome.value->size() == 2);
}

TEST_CASE("a changer without device identifiers still tells its elements") {
  Bench bench;
  bench.script.good(addresses(0, 1)).good(elements(drive, 256, 1, true)).check(5, 0x24, 0x00);
  const auto outcome = bench.changer.elements();
  REQUIRE(outcome.value);
  CHECK(outcome.value->size() == 1);
  CHECK_FALSE(outcome.value->at(0).device_serial_number);
}

TEST_CASE("C13: a unit attention on the way is handed on, not half a list") {
  Bench bench;
  bench.script.good(addresses(2, 1)).good(elements(storage, 4096, 2, true)).check(6, 0x28, 0x01);
  const auto outcome = bench.changer.elements();
  CHECK_FALSE(outcome.value);
  CHECK(outcome.result.decoded_sense()->is(6, 0x28, 0x01));
}
