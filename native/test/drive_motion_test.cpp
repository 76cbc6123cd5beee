// SPDX-License-Identifier: Apache-2.0
/// SPACE, LOCATE and READ POSITION of the simulated drive, byte by byte; erasing and dividing.
#include <doctest/doctest.h>

#include <vector>

#include "loaded_drive.h"
#include "scsi/access_order.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;

namespace {

/// a, b, filemark, c, filemark, filemark, d
void write_files(LoadedDrive& bench) {
  CHECK(bench.write(10, 'a') == "good");
  CHECK(bench.write(10, 'b') == "good");
  CHECK(bench.filemarks(1) == "good");
  CHECK(bench.write(10, 'c') == "good");
  CHECK(bench.filemarks(2) == "good");
  CHECK(bench.write(10, 'd') == "good");
}

std::string locate_file(LoadedDrive& bench, std::uint64_t file) {
  return bench.drive.run(scsi::locate_16({scsi::LocateDestination::file, file, {}, false, false}));
}

std::string partition_tape(LoadedDrive& bench, const scsi::MediumPartitions& wanted) {
  const auto page = bench.mode_page(scsi::mode_page::medium_partition);
  auto values = *scsi::decode_medium_partitions(page);
  values.additional = wanted.additional;
  values.fixed = wanted.fixed;
  values.selected = wanted.selected;
  values.initiator_defined = wanted.initiator_defined;
  values.unit = wanted.unit;
  values.size_exponent = wanted.size_exponent;
  values.sizes = wanted.sizes;
  const auto said = bench.select_page(scsi::encode_medium_partitions(values, page));
  if (said != "good") return said;
  return bench.drive.run(
      scsi::format_medium({scsi::FormatMedium::Layout::by_medium_partition_page, false, true}));
}

scsi::MediumPartitions two_partitions() {
  scsi::MediumPartitions wanted;
  wanted.additional = 1;
  wanted.initiator_defined = true;
  wanted.unit = scsi::MediumPartitions::Unit::kilobytes;
  wanted.sizes = {100, 0xFFFF};
  return wanted;
}

}  // namespace

TEST_CASE("SPACE over blocks stops at filemarks, with 6 and with 16 bytes") {
  LoadedDrive bench;
  write_files(bench);
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::space_16(scsi::SpaceCode::blocks, 5)) == "0/00/01");
  CHECK(bench.drive.sense()->information == 3);
  CHECK(bench.object_number() == 3);
  CHECK(bench.drive.run(scsi::space_6(scsi::SpaceCode::blocks, -2)) == "0/00/01");
  CHECK(bench.drive.sense()->information == 2);
  CHECK(bench.object_number() == 2);
  CHECK(bench.drive.run(scsi::space_16(scsi::SpaceCode::blocks, -7)) == "0/00/04");
  CHECK(bench.drive.sense()->information == 5);
  CHECK(bench.drive.run(scsi::space_16(scsi::SpaceCode::filemarks, 1LL << 40)) == "8/00/05");
  CHECK(bench.object_number() == 7);
  CHECK(bench.drive.run(scsi::space_16(scsi::SpaceCode::filemarks, INT64_MIN)) == "0/00/04");
  CHECK(bench.drive.run({0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0, 0}) == "5/24/00");
  CHECK(bench.drive.run({0x11, 4, 0, 0, 1, 0}) == "5/24/00");
}

TEST_CASE("SPACE over filemarks in a row") {
  LoadedDrive bench;
  write_files(bench);
  CHECK(bench.rewind() == "good");
  const auto code = scsi::SpaceCode::sequential_filemarks;
  CHECK(bench.drive.run(scsi::space_6(code, 2)) == "good");
  CHECK(bench.object_number() == 6);
  CHECK(bench.drive.run(scsi::space_6(code, 2)) == "8/00/05");
  CHECK(bench.drive.run(scsi::space_6(code, -2)) == "good");
  CHECK(bench.object_number() == 4);
  CHECK(bench.drive.run(scsi::space_6(code, -3)) == "0/00/04");
}

TEST_CASE("SPACE with a count of zero leaves the buffer alone") {
  LoadedDrive bench;
  CHECK(bench.write(10) == "good");
  CHECK(bench.drive.run(scsi::space_6(scsi::SpaceCode::blocks, 0)) == "good");
  CHECK(bench.drive.run(scsi::read_position(scsi::PositionForm::extended_form), {}, 32) == "good");
  const auto position = *scsi::decode_extended_position(bench.drive.data());
  CHECK(position.bytes_in_buffer == 10);
  CHECK(position.objects_in_buffer == 1);
  CHECK(position.object_number == 1);
  CHECK(position.last_object_number == 0);
}

TEST_CASE("R7: LOCATE to a file stops behind its filemark") {
  LoadedDrive bench;
  write_files(bench);
  CHECK(locate_file(bench, 1) == "good");
  CHECK(bench.object_number() == 3);
  CHECK(bench.position().file_number == 1);
  CHECK(locate_file(bench, 3) == "good");
  CHECK(bench.object_number() == 6);
  CHECK(locate_file(bench, 0) == "good");
  CHECK(bench.object_number() == 0);
  CHECK(locate_file(bench, 4) == "8/00/05");
  CHECK(bench.position().file_number == 3);
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(
            scsi::locate_16({scsi::LocateDestination::end_of_data, 0, {}, false, true})) == "good");
  CHECK(bench.object_number() == 7);
  CHECK(bench.drive.run(scsi::locate_10({2, {}, false, false})) == "good");
  CHECK(bench.object_number() == 2);
  CHECK(bench.drive.run(scsi::locate_10({2, {}, false, true})) == "5/24/00");
  CHECK(bench.drive.run(scsi::locate_16({scsi::LocateDestination::object, 0, 1, false, false})) ==
        "5/24/00");  // no such partition
}

TEST_CASE("FORMAT MEDIUM as page 11h says, and each partition for itself") {
  LoadedDrive bench;
  CHECK(bench.write(10) == "good");
  CHECK(partition_tape(bench, two_partitions()) == "5/3B/0C");  // not at the beginning
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::format_medium(
            {scsi::FormatMedium::Layout::by_medium_partition_page, false, false})) == "good");
  CHECK(bench.write(10, '0') == "good");
  CHECK(bench.drive.run(scsi::locate_16({scsi::LocateDestination::object, 0, 1, false, false})) ==
        "good");
  CHECK(bench.position().partition == 1);
  CHECK(bench.write(20, '1') == "good");
  CHECK(bench.drive.run(scsi::locate_10({0, 0, false, false})) == "good");
  CHECK(bench.read(10) == "good");
  CHECK(bench.read(10) == "8/00/05");
  const auto page =
      *scsi::decode_medium_partitions(bench.mode_page(scsi::mode_page::medium_partition));
  CHECK(page.additional == 1);
  CHECK(page.maximum_additional == 3);
  CHECK(page.sizes == std::vector<std::uint16_t>{100, 948});
  CHECK(bench.drive.run(scsi::log_sense(0x17, 0x0202, 1024), {}, 1024) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::format_medium({})) == "good");
  CHECK(bench.read(10) == "8/00/05");
  CHECK(bench.drive.run({0x04, 0, 3, 0, 0, 0}) == "5/24/00");
  CHECK(bench.drive.run({0x04, 0, 0, 0, 8, 0}) == "5/1A/00");
}

TEST_CASE("partitions that cannot be") {
  LoadedDrive bench;
  auto wanted = two_partitions();
  wanted.sizes = {600, 600};
  CHECK(partition_tape(bench, wanted) == "5/26/00");
  wanted.sizes = {0, 600};
  CHECK(partition_tape(bench, wanted) == "5/26/00");
  wanted.sizes = {100};
  CHECK(partition_tape(bench, wanted) == "5/26/00");
  wanted.sizes = {0xFFFF, 0xFFFF};
  CHECK(partition_tape(bench, wanted) == "5/26/00");
  wanted.additional = 4;
  wanted.sizes = {10, 10, 10, 10, 10};
  CHECK(partition_tape(bench, wanted) == "5/26/00");
  scsi::MediumPartitions chosen_by_drive;
  chosen_by_drive.additional = 3;
  chosen_by_drive.selected = true;
  CHECK(partition_tape(bench, chosen_by_drive) == "good");
  CHECK(scsi::decode_medium_partitions(bench.mode_page(scsi::mode_page::medium_partition))->sizes ==
        std::vector<std::uint16_t>(4, 262));
}

TEST_CASE("ERASE writes end of data, and SET CAPACITY makes the tape shorter") {
  LoadedDrive bench;
  write_files(bench);
  CHECK(bench.drive.run(scsi::set_capacity(0x8000)) == "5/3B/0C");
  CHECK(bench.locate(3) == "good");
  CHECK(bench.drive.run(scsi::erase_6(false, true)) == "good");
  CHECK(bench.read(10) == "8/00/05");
  CHECK(bench.object_number() == 3);
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::set_capacity(0)) == "5/24/00");
  CHECK(bench.drive.run(scsi::set_capacity(0x4000)) == "good");
  CHECK(bench.read(10) == "8/00/05");
  CHECK(bench.write(100'000) == "good");
  CHECK(bench.write(100'000) == "0/00/02");
  CHECK(bench.write(100'000) == "D/00/02");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::set_capacity(0xFFFF)) == "good");
  CHECK(bench.write(300'000) == "good");
}

TEST_CASE("the recommended access order is that of the tape") {
  LoadedDrive bench;
  write_files(bench);
  CHECK(bench.filemarks(0) == "good");
  const std::vector<scsi::UserDataSegment> wanted{{"late", 0, 6, 6}, {"early", 0, 0, 1}};
  const auto list = scsi::encode_access_order_request(wanted);
  const auto length = static_cast<std::uint32_t>(list.size());
  CHECK(bench.drive.run(
            scsi::generate_recommended_access_order(scsi::AccessOrderProcess::reorder, length),
            list) == "good");
  CHECK(bench.drive.run(scsi::receive_recommended_access_order({}, 1024), {}, 1024) == "good");
  const auto order = scsi::decode_access_order(bench.drive.data());
  REQUIRE(order);
  REQUIRE(order->segments.size() == 2);
  CHECK(order->segments[0] == wanted[1]);
  CHECK(order->segments[1] == wanted[0]);
  CHECK(bench.drive.run(scsi::receive_recommended_access_order({true, 0}, 64), {}, 64) == "good");
  CHECK(scsi::decode_access_order_limits(bench.drive.data())->maximum_segments == 2730);
  const auto beyond =
      scsi::encode_access_order_request(std::vector<scsi::UserDataSegment>{{"x", 0, 5, 7}});
  CHECK(bench.drive.run(
            scsi::generate_recommended_access_order(scsi::AccessOrderProcess::none,
                                                    static_cast<std::uint32_t>(beyond.size())),
            beyond) == "5/26/00");
}
