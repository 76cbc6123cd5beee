// SPDX-License-Identifier: Apache-2.0
/// What all simulated units do alike: vital product data, REPORT LUNS, the commands that are known.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "loaded_drive.h"
#include "scsi/block_limits.h"
#include "scsi/density.h"
#include "scsi/logical_units.h"
#include "scsi/supported_operation.h"
#include "scsi/vital_product_data.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;
using tidemark::test::ScriptedUnit;
namespace page = scsi::vital_product_page;

namespace {

std::vector<std::uint8_t> vital_product_page(ScriptedUnit& unit, std::uint8_t wanted) {
  REQUIRE(unit.run(scsi::inquiry_page(wanted, 512), {}, 512) == "good");
  return unit.data();
}

std::vector<scsi::SupportedOperation> operations(ScriptedUnit& unit) {
  scsi::OperationCodesQuery query;
  query.timeouts = true;
  REQUIRE(unit.run(scsi::report_supported_operation_codes(query, 8192), {}, 8192) == "good");
  return *scsi::decode_supported_operations(unit.data());
}

}  // namespace

TEST_CASE("vital product data of a drive") {
  LoadedDrive bench;
  auto& drive = bench.drive;
  CHECK(*scsi::decode_supported_pages(vital_product_page(drive, page::supported_pages)) ==
        std::vector<std::uint8_t>{0x00, 0x80, 0x83, 0xB0, 0xB1, 0xB2});
  const auto serial = *scsi::decode_unit_serial_number(vital_product_page(drive, 0x80));
  const auto designators = *scsi::decode_designators(vital_product_page(drive, 0x83));
  REQUIRE(designators.size() == 3);
  CHECK(designators[0].type == scsi::designator_type::t10_vendor_identification);
  CHECK(scsi::designator_text(designators[0]) == "TIDEMARKSIMULATED DRIVE " + serial);
  CHECK(designators[1].type == scsi::designator_type::naa);
  CHECK(designators[1].value.size() == 8);
  CHECK((designators[1].value[0] & 0xF0) == 0x30);
  CHECK(scsi::decode_sequential_access_capabilities(vital_product_page(drive, 0xB0))->worm);
  CHECK(scsi::decode_manufacturer_serial_number(vital_product_page(drive, 0xB1)) == serial);
  const auto flags = *scsi::decode_supported_tape_alerts(vital_product_page(drive, 0xB2));
  CHECK(std::find(flags.begin(), flags.end(), 60) != flags.end());
  CHECK(drive.run(scsi::inquiry_page(0xB3, 255), {}, 255) == "5/24/00");
}

TEST_CASE("names of units differ") {
  LoadedDrive bench;
  ScriptedUnit other(bench.units.folder(), "drive-1");
  ScriptedUnit changer(bench.units.folder(), "changer");
  std::set<std::vector<std::uint8_t>> names;
  for (auto* unit : {&bench.drive, &other, &changer}) {
    names.insert((*scsi::decode_designators(vital_product_page(*unit, 0x83)))[1].value);
  }
  CHECK(names.size() == 3);
}

TEST_CASE("REPORT LUNS is answered whatever is to be told, and there is one unit") {
  const test::SimulatedUnits units;
  ScriptedUnit drive(units.folder(), "drive-0");
  CHECK(drive.run(scsi::report_luns(scsi::LunsWanted::addressable, 64), {}, 64) == "good");
  CHECK(*scsi::decode_logical_units(drive.data()) == std::vector<std::uint64_t>{0});
  CHECK(drive.run(scsi::report_luns(scsi::LunsWanted::well_known, 64), {}, 64) == "good");
  CHECK(scsi::decode_logical_units(drive.data())->empty());
  CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
  CHECK(drive.run(scsi::request_sense(false, 252), {}, 252) == "good");
  CHECK(scsi::decode_sense(drive.data())->key == 0);
}

TEST_CASE("every command that is reported is there, and no other one") {
  LoadedDrive bench;
  ScriptedUnit changer(bench.units.folder(), "changer");
  CHECK(changer.run(scsi::test_unit_ready()) == "6/29/00");
  for (auto* unit : {&bench.drive, &changer}) {
    const auto known = operations(*unit);
    CHECK(known.size() > 25);
    std::set<std::uint8_t> codes;
    for (const auto& each : known) {
      codes.insert(each.operation_code);
      REQUIRE(each.timeouts);
      CHECK(each.timeouts->recommended_s > 0);
      const auto length = scsi::cdb_length(each.operation_code);
      if (length != 0) CHECK(each.cdb_bytes == length);
    }
    for (unsigned code = 0; code < 256; ++code) {
      scsi::OperationCodesQuery query{scsi::OperationCodesQuery::Option::any,
                                      static_cast<std::uint8_t>(code), 0, false};
      const auto found = std::find_if(known.begin(), known.end(), [&](const auto& each) {
        return each.operation_code == code;
      });
      if (found != known.end()) query.service_action = found->service_action.value_or(0);
      CHECK(unit->run(scsi::report_supported_operation_codes(query, 64), {}, 64) == "good");
      CHECK(scsi::decode_operation_support(unit->data())->supported() == (found != known.end()));
    }
    CHECK(unit->run({0xC5, 0, 0, 0, 0, 0}) == "5/20/00");
    CHECK_FALSE(codes.contains(0xC5));
  }
}

TEST_CASE("what is asked of one command") {
  LoadedDrive bench;
  const auto ask = [&](scsi::OperationCodesQuery::Option option, std::uint8_t code,
                       std::uint16_t action) {
    return bench.drive.run(scsi::report_supported_operation_codes({option, code, action, true}, 64),
                           {}, 64);
  };
  using Option = scsi::OperationCodesQuery::Option;
  CHECK(ask(Option::operation_code, 0x0A, 0) == "good");
  auto support = *scsi::decode_operation_support(bench.drive.data());
  CHECK(support.usage == std::vector<std::uint8_t>{0x0A, 0x01, 0xFF, 0xFF, 0xFF, 0x00});
  CHECK(support.timeouts->recommended_s == 1500);
  CHECK(ask(Option::operation_code, 0xA3, 0) == "5/24/00");  // it has service actions
  CHECK(ask(Option::operation_code_and_service_action, 0x0A, 0) == "5/24/00");
  CHECK(ask(Option::operation_code_and_service_action, 0xA3, 0x0C) == "good");
  CHECK(scsi::decode_operation_support(bench.drive.data())->usage[1] == 0x0C);
  CHECK(ask(Option::operation_code_and_service_action, 0xA3, 0x05) == "good");
  CHECK_FALSE(scsi::decode_operation_support(bench.drive.data())->supported());
  CHECK(bench.drive.run({0xA3, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) == "5/24/00");
}

TEST_CASE("the tgt profile reports what it knows") {
  test::LibraryShape shape;
  shape.profile = "tgt";
  LoadedDrive bench(shape);
  const auto known = operations(bench.drive);
  const auto has = [&](std::uint8_t code) {
    return std::any_of(known.begin(), known.end(),
                       [&](const auto& each) { return each.operation_code == code; });
  };
  CHECK(has(0x0A));
  CHECK_FALSE(has(0x4D));
  CHECK_FALSE(has(0x92));
  CHECK(bench.select_block_bytes(100) == "5/20/00");  // MODE SELECT(10)
}

TEST_CASE("densities, media and block limits") {
  LoadedDrive bench({30'000'000, 0});
  CHECK(bench.drive.run(scsi::report_density_support({false, false}, 1024), {}, 1024) == "good");
  auto densities = *scsi::decode_densities(bench.drive.data());
  CHECK(densities.size() == 2);
  CHECK(densities[1].primary == 0x60);
  CHECK(densities[1].is_default);
  CHECK(bench.drive.run(scsi::report_density_support({true, false}, 1024), {}, 1024) == "good");
  densities = *scsi::decode_densities(bench.drive.data());
  REQUIRE(densities.size() == 1);
  CHECK(densities[0].capacity_mb == 30);
  CHECK(bench.drive.run(scsi::report_density_support({true, true}, 1024), {}, 1024) == "good");
  CHECK(scsi::decode_medium_types(bench.drive.data())->size() == 1);
  CHECK(bench.drive.run(scsi::read_block_limits(true), {}, 20) == "good");
  CHECK(scsi::decode_maximum_object_identifier(bench.drive.data()) == UINT64_MAX);
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  CHECK(bench.drive.run(scsi::report_density_support({true, false}, 64), {}, 64) == "2/04/02");
}

TEST_CASE("diagnostics, and combinations of LOAD UNLOAD that are none") {
  LoadedDrive bench;
  CHECK(bench.drive.run(scsi::send_diagnostic(scsi::SelfTest::default_test)) == "good");
  CHECK(bench.drive.run(scsi::send_diagnostic(scsi::SelfTest::foreground_short)) == "good");
  CHECK(bench.drive.run({0x1D, 0x60, 0, 0, 0, 0}) == "5/24/00");
  CHECK(bench.drive.run({0x1D, 0, 0, 0, 8, 0}, std::vector<std::uint8_t>(8)) == "5/24/00");
  CHECK(bench.drive.run(scsi::load_unload({true, false, true, false, false})) == "5/24/00");
  CHECK(bench.drive.run(scsi::load_unload({true, false, false, true, false})) == "5/24/00");
  CHECK(bench.drive.run(scsi::load_unload({true, true, false, false, true})) == "good");
}
