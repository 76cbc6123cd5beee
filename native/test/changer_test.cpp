// SPDX-License-Identifier: Apache-2.0
#include "simulator/changer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "scripted_unit.h"
#include "scsi/changer_mode_page.h"
#include "scsi/volume_tag.h"
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
  CHECK(drive.device_serial_number == units.open_drive("drive-1")->inquiry().value->serial_number);
}

TEST_CASE("a move is there for every other process, with its source") {
  const SimulatedUnits units;
  CHECK(succeeded(units.changer()->move_medium({.source = slot_0, .destination = drive_0})));
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
    return sense_of(changer->move_medium({.source = from, .destination = to}));
  };
  CHECK(sense(slot_0 + 4, drive_0) == "5/3B/0E");
  CHECK(sense(slot_0, slot_0 + 1) == "5/3B/0D");
  CHECK(sense(9, drive_0) == "5/21/01");
  CHECK(sense(slot_0, 9) == "5/21/01");
  CHECK(succeeded(changer->move_medium({.source = slot_0, .destination = drive_0})));
  CHECK(sense(drive_0, slot_0) == "5/53/01");
  const auto drive = units.ready_drive();
  CHECK(succeeded(drive->unload()));
  CHECK(at(*changer->elements().value, drive_0).accessible);
  CHECK(succeeded(changer->move_medium(
      {.source = drive_0, .destination = static_cast<std::uint16_t>(slot_0 + 4)})));
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

namespace {

/// A changer past its unit attention, byte by byte.
struct ScriptedChanger {
  explicit ScriptedChanger(const test::LibraryShape& shape = {})
      : units(shape), changer(units.folder(), "changer") {
    CHECK(changer.run(scsi::test_unit_ready()) == "6/29/00");
  }
  std::vector<scsi::Element> elements() {
    CHECK(changer.run(scsi::read_element_status({{}, 0, 0xFFFF, true, false, false}, 4096), {},
                      4096) == "good");
    return *scsi::decode_element_status(changer.data());
  }
  void change_inventory(const std::function<bool(simulator::Inventory&)>& change) {
    simulator::LibraryError error;
    CHECK(simulator::Library::open(units.folder(), error)->update_inventory(change));
  }

  SimulatedUnits units;
  test::ScriptedUnit changer;
};

constexpr std::uint16_t mail_slot = simulator::first_import_export_address;

}  // namespace

TEST_CASE("EXCHANGE MEDIUM: two cartridges in one command") {
  ScriptedChanger bench;
  const auto exchange = [&](std::uint16_t source, std::uint16_t first, std::uint16_t second) {
    return bench.changer.run(scsi::exchange_medium({0, source, first, second, false, false}));
  };
  CHECK(exchange(slot_0, slot_0 + 1, slot_0) == "good");
  auto elements = bench.elements();
  CHECK(at(elements, slot_0).volume_tag == "LTO002L9");
  CHECK(at(elements, slot_0 + 1).volume_tag == "LTO001L9");
  CHECK(exchange(slot_0, slot_0 + 1, slot_0 + 4) == "good");
  elements = bench.elements();
  CHECK_FALSE(at(elements, slot_0).full);
  CHECK(at(elements, slot_0 + 4).volume_tag == "LTO001L9");
  CHECK(exchange(slot_0, slot_0 + 1, slot_0) == "5/3B/0E");
  CHECK(exchange(slot_0 + 1, slot_0, slot_0) == "5/3B/0E");
  CHECK(exchange(slot_0 + 1, slot_0 + 2, slot_0 + 4) == "5/3B/0D");
  CHECK(exchange(slot_0 + 1, 9, slot_0) == "5/21/01");
  CHECK(bench.changer.run(scsi::exchange_medium({0, slot_0, slot_0 + 1, slot_0, true, false})) ==
        "5/24/00");
  CHECK(bench.changer.run(scsi::move_medium(0, slot_0 + 1, drive_0)) == "good");
  CHECK(exchange(slot_0 + 2, drive_0, slot_0) == "5/53/01");
}

TEST_CASE("C13: what the operator puts in is told, shown, and ends when the robot takes it") {
  ScriptedChanger bench;
  bench.change_inventory([](simulator::Inventory& inventory) {
    inventory[mail_slot] = {"NEW001L9", std::nullopt, false, false, true, {}};
    return true;
  });
  CHECK(bench.changer.run(scsi::test_unit_ready()) == "6/28/01");
  CHECK(bench.changer.run(scsi::test_unit_ready()) == "good");
  auto element = at(bench.elements(), mail_slot);
  CHECK(element.placed_by_operator);
  CHECK(element.import_enabled);
  CHECK(element.export_enabled);
  CHECK(element.volume_tag == "NEW001L9");
  CHECK(bench.changer.run(scsi::open_close_import_export_element(mail_slot, true)) == "good");
  CHECK(bench.changer.run(scsi::open_close_import_export_element(mail_slot, false)) == "good");
  CHECK(bench.changer.run(scsi::open_close_import_export_element(slot_0, true)) == "5/21/01");
  CHECK(bench.changer.run(scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(bench.changer.run(scsi::open_close_import_export_element(mail_slot, true)) == "5/53/02");
  CHECK(bench.changer.run(scsi::move_medium(0, mail_slot, slot_0 + 3)) == "good");
  CHECK(bench.changer.run(scsi::move_medium(0, slot_0 + 3, mail_slot)) == "good");
  element = at(bench.elements(), mail_slot);
  CHECK_FALSE(element.placed_by_operator);
}

TEST_CASE("an element with an exception says which, and a cleaning cartridge what it is") {
  test::LibraryShape shape;
  shape.barcodes = {"LTO001L9", "CLN001L1"};
  ScriptedChanger bench(shape);
  bench.change_inventory([](simulator::Inventory& inventory) {
    inventory[slot_0].exception = 0x8310;
    return true;
  });
  const auto elements = bench.elements();
  REQUIRE(at(elements, slot_0).exception);
  CHECK(at(elements, slot_0).exception == scsi::Element::Exception{0x83, 0x10});
  CHECK(at(elements, slot_0).medium_type == scsi::MediumType::data);
  CHECK(at(elements, slot_0 + 1).medium_type == scsi::MediumType::cleaning);
}

TEST_CASE("W12: a cleaning cartridge cleans, and may be taken away again") {
  test::LibraryShape shape;
  shape.barcodes = {"CLN001L1"};
  ScriptedChanger bench(shape);
  test::ScriptedUnit drive(bench.units.folder(), "drive-0");
  CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
  CHECK(bench.changer.run(scsi::move_medium(0, slot_0, drive_0)) == "good");
  CHECK(drive.run(scsi::test_unit_ready()) == "2/30/03");
  CHECK(drive.run(scsi::test_unit_ready()) == "2/3A/00");
  CHECK(drive.run(scsi::load_unload(true)) == "2/3A/00");
  CHECK(drive.run(scsi::log_sense(0x14, 1, 255), {}, 255) == "good");
  CHECK(scsi::log_counter(*scsi::decode_log_page(drive.data(), 0x14), 1) == 1);
  CHECK(bench.changer.run(scsi::move_medium(0, drive_0, slot_0)) == "good");
  CHECK(drive.run(scsi::test_unit_ready()) == "2/3A/00");
}

TEST_CASE("mode pages of the changer") {
  ScriptedChanger bench;
  scsi::ModeSense wanted;
  wanted.page = scsi::mode_page::all;
  CHECK(bench.changer.run(scsi::mode_sense_10(wanted, 512), {}, 512) == "good");
  const auto mode = *scsi::decode_mode_parameters_10(bench.changer.data());
  CHECK(scsi::decode_mode_pages(mode.pages).size() == 3);
  const auto addresses = *scsi::decode_element_addresses(scsi::find_mode_page(mode.pages, 0x1D));
  CHECK(addresses.storage == scsi::ElementRange{slot_0, 5});
  CHECK(scsi::decode_transport_geometry(scsi::find_mode_page(mode.pages, 0x1E))->size() == 1);
  CHECK(scsi::decode_changer_capabilities(scsi::find_mode_page(mode.pages, 0x1F))
            ->moves.from_storage.data_transfer);
  CHECK(bench.changer.run(scsi::mode_sense_6(0x0F, 255), {}, 255) == "5/24/00");
  CHECK(bench.changer.run(scsi::log_sense(0x2E, 0, 1024), {}, 1024) == "good");
  CHECK(scsi::set_tape_alert_flags(*scsi::decode_log_page(bench.changer.data(), 0x2E)).empty());
}

TEST_CASE("volume tags are searched for with SEND VOLUME TAG") {
  ScriptedChanger bench;
  auto& changer = bench.changer;
  CHECK(changer.run(scsi::request_volume_element_address({{}, 0, 100, true}, 512), {}, 512) ==
        "5/2C/00");
  const auto search = [&](const char* wanted) {
    const auto list = scsi::encode_volume_tag_template({wanted, 0, 0xFFFF});
    CHECK(changer.run(scsi::send_volume_tag({{}, 0, scsi::VolumeTagAction::translate_primary}, 40),
                      list) == "good");
    CHECK(changer.run(scsi::request_volume_element_address({{}, 0, 100, true}, 512), {}, 512) ==
          "good");
    std::vector<std::uint16_t> found;
    const auto addresses = *scsi::decode_volume_element_addresses(changer.data());
    for (const auto& each : addresses.elements) {
      found.push_back(each.address);
    }
    return found;
  };
  CHECK(search("LTO002L9") == std::vector<std::uint16_t>{slot_0 + 1});
  CHECK(search("LTO00?L9") == std::vector<std::uint16_t>{slot_0, slot_0 + 1, slot_0 + 2});
  CHECK(search("*3*") == std::vector<std::uint16_t>{slot_0 + 2});
  CHECK(search("XYZ").empty());
  CHECK(changer.run(scsi::send_volume_tag({{}, slot_0, scsi::VolumeTagAction::undefine_primary},
                                          0)) == "5/24/00");
}

TEST_CASE("the rest of the changer's commands") {
  ScriptedChanger bench;
  CHECK(bench.changer.run(scsi::position_to_element({0, slot_0, false})) == "good");
  CHECK(bench.changer.run(scsi::position_to_element({0, 9, false})) == "5/21/01");
  CHECK(bench.changer.run(scsi::initialize_element_status_with_range({slot_0, 2, true, false})) ==
        "good");
  CHECK(bench.changer.run(scsi::initialize_element_status_with_range({9, 2, true, false})) ==
        "5/21/01");
  CHECK(bench.changer.run(scsi::reserve_6()) == "good");
  CHECK(bench.changer.run(scsi::release_6()) == "good");
}
