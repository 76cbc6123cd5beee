// SPDX-License-Identifier: Apache-2.0
#include "simulator/changer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "simulated_units.h"

using namespace tidemark;
using tidemark::test::sense_of;
using tidemark::test::SimulatedUnits;

namespace {

const scsi::Element& at(const std::vector<scsi::Element>& elements, std::uint16_t address) {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const auto& each) { return each.address == address; });
  REQUIRE(found != elements.end());
  return *found;
}

constexpr auto slot_0 = SimulatedUnits::slot_0;
constexpr auto drive_0 = SimulatedUnits::drive_0;
constexpr auto drive_1 = SimulatedUnits::drive_1;

}  // namespace

TEST_CASE("the inventory of a new library") {
  const SimulatedUnits units;
  const auto changer = units.open_changer();
  CHECK(changer->inquiry().value->device_type == scsi::device_type::changer);
  CHECK(sense_of(changer->test_unit_ready()) == "6/29/00");
  CHECK(succeeded(changer->initialize_element_status()));
  const auto outcome = changer->elements();
  REQUIRE(outcome.value);
  CHECK(outcome.value->size() == 1 + 5 + 1 + 2);
  CHECK(at(*outcome.value, slot_0).volume_tag == "LTO001L9");
  CHECK(at(*outcome.value, slot_0 + 2).volume_tag == "LTO003L9");
  CHECK_FALSE(at(*outcome.value, slot_0 + 3).full);
  const auto& drive = at(*outcome.value, drive_1);
  CHECK_FALSE(drive.full);
  CHECK(drive.device_serial_number ==
        units.open_drive("drive-1")->inquiry().value->serial_number);
}

TEST_CASE("a move is there for every other process, with its source") {
  const SimulatedUnits units;
  CHECK(succeeded(units.changer()->move_medium(slot_0, drive_0)));
  const auto elements = units.changer()->elements().value;
  REQUIRE(elements);
  CHECK_FALSE(at(*elements, slot_0).full);
  const auto& drive = at(*elements, drive_0);
  CHECK(drive.full);
  CHECK(drive.volume_tag == "LTO001L9");
  CHECK(drive.source_address == slot_0);
  CHECK_FALSE(drive.accessible);  // it must be unloaded first
}

TEST_CASE("the status is told while a drive is in use") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  CHECK(units.changer()->elements().value);
}

TEST_CASE("C1, C2: moves that cannot be") {
  const SimulatedUnits units;
  const auto changer = units.changer();
  const auto sense = [&](std::uint16_t from, std::uint16_t to) {
    return sense_of(changer->move_medium(from, to));
  };
  CHECK(sense(slot_0 + 4, drive_0) == "5/3B/0E");
  CHECK(sense(slot_0, slot_0 + 1) == "5/3B/0D");
  CHECK(sense(9, drive_0) == "5/21/01");
  CHECK(sense(slot_0, 9) == "5/21/01");
  CHECK(succeeded(changer->move_medium(slot_0, drive_0)));
  CHECK(sense(drive_0, slot_0) == "5/53/01");
  const auto drive = units.ready_drive();
  CHECK(succeeded(drive->unload()));
  CHECK(at(*changer->elements().value, drive_0).accessible);
  CHECK(succeeded(changer->move_medium(drive_0, slot_0 + 4)));
  CHECK_FALSE(at(*changer->elements().value, slot_0 + 4).source_address);
}

TEST_CASE("tags and identifiers in one command are refused") {
  const SimulatedUnits units;
  SimulatedTransport transport(units.folder(), "changer");
  static_cast<void>(transport.execute({.cdb = scsi::test_unit_ready()}));
  std::vector<std::uint8_t> data(1000);
  const auto cdb =
      scsi::read_element_status(scsi::ElementType::data_transfer, 0, 10, true, true, 1000);
  CHECK(sense_of(transport.execute({.cdb = cdb, .data_in = data})) == "5/24/00");
}

TEST_CASE("all types in one command, cut at the allocation length") {
  const SimulatedUnits units;
  SimulatedTransport transport(units.folder(), "changer");
  static_cast<void>(transport.execute({.cdb = scsi::test_unit_ready()}));
  std::vector<std::uint8_t> data(1000);
  auto cdb =
      scsi::read_element_status(static_cast<scsi::ElementType>(0), 0, 0xFFFF, false, false, 1000);
  auto result = transport.execute({.cdb = cdb, .data_in = data});
  CHECK(scsi::decode_element_status(received(data, result))->size() == 9);
  cdb = scsi::read_element_status(static_cast<scsi::ElementType>(0), 0, 0xFFFF, false, false, 40);
  result = transport.execute({.cdb = cdb, .data_in = data});
  CHECK(result.residual == 960);
  CHECK(scsi::decode_element_status(received(data, result))->size() == 1);
}
