// SPDX-License-Identifier: Apache-2.0
/// READ ATTRIBUTE and WRITE ATTRIBUTE of the simulated drive.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "loaded_drive.h"

using namespace tidemark;
using scsi::AttributeFormat;
using tidemark::test::LoadedDrive;

namespace {

std::vector<scsi::Attribute> read_all(LoadedDrive& bench, std::uint16_t first = 0,
                                      std::uint8_t partition = 0) {
  const scsi::ReadAttribute wanted{scsi::ReadAttributeAction::values, 0, partition, first, false};
  REQUIRE(bench.drive.run(scsi::read_attribute(wanted, 8192), {}, 8192) == "good");
  return *scsi::decode_attributes(bench.drive.data());
}

scsi::Attribute attribute(LoadedDrive& bench, std::uint16_t id) {
  const auto all = read_all(bench, id);
  REQUIRE(all.front().id == id);
  return all.front();
}

std::uint64_t number(LoadedDrive& bench, std::uint16_t id) {
  return *scsi::attribute_number(attribute(bench, id));
}

std::string write_attributes(LoadedDrive& bench, const std::vector<scsi::Attribute>& attributes) {
  const auto list = scsi::encode_attributes_to_write(attributes);
  return bench.drive.run(
      scsi::write_attribute({true, 0, 0}, static_cast<std::uint32_t>(list.size())), list);
}

scsi::Attribute host_text(std::uint16_t id, AttributeFormat format, std::string_view text) {
  return {id, format, {text.begin(), text.end()}, false};
}

/// Unloads, and loads again.
void reload(LoadedDrive& bench) {
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  CHECK(bench.drive.run(scsi::load_unload(true)) == "good");
  CHECK(bench.drive.run(scsi::test_unit_ready()) == "6/28/00");
}

}  // namespace

TEST_CASE("attributes come in ascending order, from the one that is asked for") {
  LoadedDrive bench;
  const auto all = read_all(bench);
  CHECK(all.size() > 25);
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const auto& one, const auto& other) { return one.id < other.id; }));
  CHECK(std::all_of(all.begin(), all.end(), [](const auto& each) { return each.read_only; }));
  CHECK(read_all(bench, 0x0405).front().id == 0x0405);
  CHECK(bench.drive.run(scsi::read_attribute(0x0500, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(
            scsi::read_attribute({scsi::ReadAttributeAction::values, 0, 1, 0, false}, 255), {},
            255) == "5/24/00");
  CHECK(bench.drive.run({0x8C, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0}, {}, 99) == "5/24/00");
}

TEST_CASE("lists: of what is there, of what could be, of volumes and partitions") {
  LoadedDrive bench;
  const auto list = [&](scsi::ReadAttributeAction action) {
    REQUIRE(bench.drive.run(scsi::read_attribute({action, 0, 0, 0, false}, 1024), {}, 1024) ==
            "good");
    return *scsi::decode_attribute_list(bench.drive.data());
  };
  const auto there = list(scsi::ReadAttributeAction::list);
  const auto supported = list(scsi::ReadAttributeAction::supported);
  const auto has = [](const std::vector<std::uint16_t>& identifiers, std::uint16_t id) {
    return std::find(identifiers.begin(), identifiers.end(), id) != identifiers.end();
  };
  CHECK(has(there, 0x0401));
  CHECK_FALSE(has(there, 0x0806));
  CHECK(has(supported, 0x0806));
  CHECK(bench.drive.run(
            scsi::read_attribute({scsi::ReadAttributeAction::partitions, 0, 0, 0, false}, 64), {},
            64) == "good");
  CHECK(scsi::decode_attribute_numbers(bench.drive.data()) == scsi::AttributeNumbers{0, 1});
  CHECK(bench.drive.run(
            scsi::read_attribute({scsi::ReadAttributeAction::volumes, 0, 0, 0, false}, 64), {},
            64) == "good");
  CHECK(scsi::decode_attribute_numbers(bench.drive.data()) == scsi::AttributeNumbers{0, 1});
}

TEST_CASE("counters of the cartridge's life") {
  LoadedDrive bench({30u << 20, 1 << 20});
  CHECK(number(bench, 0x0000) == 30);
  CHECK(number(bench, 0x0001) == 30);
  CHECK(number(bench, 0x0003) == 1);
  CHECK(number(bench, 0x0408) == 0);
  CHECK(bench.write(5 << 20) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(number(bench, 0x0000) == 25);
  CHECK(number(bench, 0x0220) == 5);
  CHECK(number(bench, 0x0222) == 5);
  CHECK(bench.read(5 << 20) == "good");
  CHECK(number(bench, 0x0221) == 5);
  reload(bench);
  CHECK(number(bench, 0x0003) == 2);
  CHECK(number(bench, 0x0220) == 5);
  CHECK(number(bench, 0x0222) == 0);
  CHECK(scsi::attribute_text(attribute(bench, 0x020A)).starts_with("TIDEMARK"));
  CHECK(attribute(bench, 0x020A).value == attribute(bench, 0x020B).value);
}

TEST_CASE("the volume change reference changes with the first write after a load") {
  LoadedDrive bench;
  const auto before = number(bench, 0x0009);
  CHECK(bench.write(10) == "good");
  CHECK(number(bench, 0x0009) == before);  // it is in the buffer
  CHECK(bench.filemarks(1) == "good");
  const auto after = number(bench, 0x0009);
  CHECK(after != before);
  CHECK(bench.write(10) == "good");
  CHECK(bench.filemarks(1) == "good");
  CHECK(number(bench, 0x0009) == after);
  reload(bench);
  CHECK(number(bench, 0x0009) == after);
  CHECK(bench.drive.run(scsi::erase_6(false)) == "good");
  CHECK(number(bench, 0x0009) != after);
}

TEST_CASE("what a host writes is kept with the cartridge, and can be taken away") {
  LoadedDrive bench;
  CHECK(write_attributes(bench, {host_text(0x0800, AttributeFormat::ascii, "TIDEMARK"),
                                 host_text(0x0803, AttributeFormat::text, "my tape"),
                                 {0x0805, AttributeFormat::binary, {0x81}, false}}) == "good");
  const auto space = number(bench, 0x0004);
  CHECK(space < 16384);
  reload(bench);
  CHECK(scsi::attribute_text(attribute(bench, 0x0803)) == "my tape");
  CHECK_FALSE(attribute(bench, 0x0803).read_only);
  CHECK(attribute(bench, 0x0805).value == std::vector<std::uint8_t>{0x81});
  CHECK(write_attributes(bench, {{0x0803, AttributeFormat::text, {}, false}}) == "good");
  CHECK(read_all(bench, 0x0803).front().id == 0x0805);
  CHECK(number(bench, 0x0004) > space);
}

TEST_CASE("what WRITE ATTRIBUTE refuses, it refuses whole") {
  LoadedDrive bench;
  const auto good = host_text(0x0801, AttributeFormat::ascii, "Tidemark");
  CHECK(write_attributes(bench, {good, host_text(0x0401, AttributeFormat::ascii, "mine")}) ==
        "5/26/00");
  CHECK(write_attributes(bench, {good, host_text(0x0802, AttributeFormat::ascii, "123456789")}) ==
        "5/26/00");
  CHECK(write_attributes(bench, {good, host_text(0x0803, AttributeFormat::binary, "x")}) ==
        "5/26/00");
  CHECK(write_attributes(bench, {good, host_text(0x0BFF, AttributeFormat::ascii, "x")}) ==
        "5/26/00");
  CHECK(bench.drive.run(scsi::read_attribute(0x0800, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(scsi::write_attribute({true, 0, 0}, 40), {0, 0, 0, 36}) == "5/1A/00");
  CHECK(bench.drive.run(scsi::write_attribute({true, 0, 0}, 9), {0, 0, 0, 99, 8, 1, 0, 0, 0}) ==
        "5/1A/00");
  CHECK(bench.drive.run(scsi::write_attribute({true, 0, 1}, 4), {0, 0, 0, 0}) == "5/24/00");
  CHECK(bench.drive.run(scsi::write_attribute({true, 0, 0}, 0)) == "good");
}

TEST_CASE("W8: a WORM medium says so") {
  test::LibraryShape shape;
  shape.worm_barcodes = {"LTO001L9"};
  LoadedDrive bench(shape);
  CHECK(number(bench, 0x0408) == 0x80);
}
