// SPDX-License-Identifier: Apache-2.0
#include "device/tape_drive.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "scripted_transport.h"
#include "scsi/attribute.h"
#include "scsi/block_protection.h"

using namespace tidemark;
using namespace tidemark::test;
using Raw = std::vector<std::uint8_t>;

namespace {

Raw position(const scsi::PositionData& data, scsi::PositionForm form) {
  switch (form) {
    case scsi::PositionForm::short_form:
      return scsi::encode_short_position(data);
    case scsi::PositionForm::long_form:
      return scsi::encode_long_position(data);
    case scsi::PositionForm::extended_form:
      break;
  }
  return scsi::encode_extended_position(data);
}

struct Bench {
  Script script;
  TapeDrive drive{std::make_unique<ScriptedTransport>(script), "drive"};
  scsi::PositionData data;

  Bench() {
    data.location_known = true;
    data.object_number = 8112;
    data.objects_in_buffer = 2;
    data.bytes_in_buffer = 1024;
  }
  Bench& answers(scsi::PositionForm form) {
    script.good(position(data, form));
    return *this;
  }
};

constexpr auto long_form = scsi::PositionForm::long_form;
constexpr auto short_form = scsi::PositionForm::short_form;
constexpr auto extended_form = scsi::PositionForm::extended_form;

}  // namespace

TEST_CASE("the position comes from the long form, the buffer's fill from the extended one") {
  Bench bench;
  bench.answers(long_form).answers(extended_form);
  const auto outcome = bench.drive.read_position();
  REQUIRE(outcome.value);
  CHECK(outcome.value->known);
  CHECK(outcome.value->object_number == 8112);
  CHECK(outcome.value->bytes_in_buffer == 1024);
}

TEST_CASE("a drive without the long form is asked for the short one, from then on at once") {
  Bench bench;
  bench.script.check(5, 0x24, 0x00);
  bench.answers(short_form).answers(short_form);
  CHECK(bench.drive.read_position().value->object_number == 8112);
  CHECK(bench.drive.read_position().value->bytes_in_buffer == 1024);
  REQUIRE(bench.script.cdbs.size() == 3);
  CHECK(bench.script.cdbs[2][1] == 0x00);
}

TEST_CASE("a drive without the extended form tells no fill") {
  Bench bench;
  bench.answers(long_form);
  bench.script.check(5, 0x24, 0x00);
  bench.answers(long_form);
  CHECK_FALSE(bench.drive.read_position().value->bytes_in_buffer);
  CHECK_FALSE(bench.drive.read_position().value->bytes_in_buffer);
  CHECK(bench.script.cdbs.size() == 3);
}

TEST_CASE("U10: a unit attention met by the second question is not lost") {
  Bench bench;
  bench.answers(long_form);
  bench.script.check(6, 0x29, 0x00);
  const auto outcome = bench.drive.read_position();
  CHECK_FALSE(outcome.value);
  CHECK(outcome.result.decoded_sense()->is(6, 0x29, 0x00));
}

TEST_CASE("LOLU and LONU: the position is not known") {
  Bench bench;
  bench.data.location_known = false;
  bench.answers(long_form);
  const auto outcome = bench.drive.read_position();
  REQUIRE(outcome.value);
  CHECK_FALSE(outcome.value->known);
  CHECK(outcome.value->object_number == 0);
}

TEST_CASE("a position that arrived in part is none") {
  Bench bench;
  bench.script.good(Raw(10));
  const auto outcome = bench.drive.read_position();
  CHECK_FALSE(outcome.value);
  CHECK(bench.script.cdbs.size() == 1);
}

TEST_CASE("LOCATE(16), and LOCATE(10) for drives that do not know it") {
  Bench bench;
  bench.script.check(5, 0x20, 0x00).good();
  CHECK(succeeded(bench.drive.locate(7)));
  REQUIRE(bench.script.cdbs.size() == 2);
  CHECK(bench.script.cdbs[0][0] == 0x92);
  CHECK(bench.script.cdbs[1][0] == 0x2B);
  bench.script.check(5, 0x20, 0x00);
  CHECK_FALSE(succeeded(bench.drive.locate(std::uint64_t{1} << 32)));
  CHECK(bench.script.cdbs.size() == 3);
}

TEST_CASE("a damaged one among protected blocks ends what is handed over") {
  Bench bench;
  scsi::ModeParameters sensed;
  sensed.pages = scsi::encode_control_data_protection({});
  bench.script.good(scsi::encode_mode_sense_10(sensed)).good();
  REQUIRE(succeeded(bench.drive.set_block_protection(true)));
  Raw wire;
  for (const auto& block : {Raw{1, 2}, Raw{3, 4}, Raw{5, 6}}) {
    const auto protection = scsi::block_protection(block);
    wire.insert(wire.end(), block.begin(), block.end());
    wire.insert(wire.end(), protection.begin(), protection.end());
  }
  bench.script.good(wire);
  std::vector<std::uint8_t> buffer(6);
  auto outcome = bench.drive.read_blocks(buffer, 2);
  CHECK(outcome.kind == ReadKind::block);
  CHECK(outcome.length == 6);
  CHECK(buffer == Raw{1, 2, 3, 4, 5, 6});
  wire[6] ^= 1;
  bench.script.good(wire);
  outcome = bench.drive.read_blocks(buffer, 2);
  CHECK(outcome.kind == ReadKind::damaged);
  CHECK(outcome.length == 2);
}

TEST_CASE("a block that arrived in part is read again with its exact length") {
  Bench bench;
  scsi::Sense sense;
  sense.incorrect_length = true;
  sense.information = 3;
  // As many bytes as the buffer is too long, which is what tgt sends.
  bench.script.check(sense).answers.back().data = Raw(3, 0xEE);
  bench.script.good().good(Raw{1, 2, 3, 4, 5, 6, 7});
  std::vector<std::uint8_t> buffer(10);
  const auto outcome = bench.drive.read_block(buffer);
  CHECK(outcome.kind == ReadKind::block);
  CHECK(outcome.length == 7);
  CHECK(Raw(buffer.begin(), buffer.begin() + 7) == Raw{1, 2, 3, 4, 5, 6, 7});
  REQUIRE(bench.script.cdbs.size() == 3);
  CHECK(bench.script.cdbs[1] == Raw{0x11, 0, 0xFF, 0xFF, 0xFF, 0});
  CHECK(bench.script.cdbs[2][4] == 7);
}

TEST_CASE("variable blocks: what was sensed goes back with two fields changed") {
  Bench bench;
  scsi::ModeParameters sensed;
  sensed.write_protected = true;
  sensed.speed = 3;
  sensed.block = {0x60, 0, 512};
  sensed.pages = Raw(16);
  sensed.pages[0] = 0x10;
  sensed.pages[1] = 0x0E;
  bench.script.good(scsi::encode_mode_sense_10(sensed)).good();
  CHECK(succeeded(bench.drive.set_block_bytes(0)));
  CHECK(bench.script.data_out[1] == Raw{0, 0, 0, 0x13, 0, 0, 0, 8, 0x60, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a drive that sends no block descriptor is given one") {
  Bench bench;
  scsi::ModeParameters sensed;
  sensed.pages = {0x10, 0x00};
  bench.script.good(scsi::encode_mode_sense_10(sensed)).good();
  CHECK(succeeded(bench.drive.set_block_bytes(512)));
  CHECK(bench.script.data_out[1] == Raw{0, 0, 0, 0x10, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0x02, 0});
}

TEST_CASE("W8: WORM is told by page 1Dh, where the drive has it") {
  Bench bench;
  scsi::ModeParameters sensed;
  sensed.buffered_mode = 1;
  sensed.block = {0x60, 0, 0};
  sensed.pages = Raw(32);
  sensed.pages[0] = 0x1D;
  sensed.pages[1] = 0x1E;
  sensed.pages[2] = 0x01;
  bench.script.good(scsi::encode_mode_sense_10(sensed));
  CHECK(bench.drive.mode_status().value->worm);
  sensed.pages = {};
  bench.script.check(5, 0x24, 0x00).good(scsi::encode_mode_sense_10(sensed));
  const auto outcome = bench.drive.mode_status();
  REQUIRE(outcome.value);
  CHECK_FALSE(outcome.value->worm);
  CHECK(outcome.value->buffered_mode == 1);
}

TEST_CASE("lengths that no CDB can hold are not sent") {
  Bench bench;
  CHECK(bench.drive.write_block(Raw(0x1000000)).kind == WriteKind::failed);
  CHECK(bench.drive.write_filemarks(0x1000000, false).kind == WriteKind::failed);
  CHECK(bench.drive.verify(0x1000000).outcome == Outcome::not_sent);
  CHECK(bench.script.cdbs.empty());
}

TEST_CASE("counts that SPACE(6) cannot hold go with SPACE(16)") {
  Bench bench;
  bench.script.good().good();
  CHECK(succeeded(bench.drive.space(scsi::SpaceCode::filemarks, -0x7FFFFF)));
  CHECK(succeeded(bench.drive.space(scsi::SpaceCode::filemarks, 0x800000)));
  CHECK(bench.script.cdbs[0][0] == scsi::operation::space_6);
  CHECK(bench.script.cdbs[1][0] == scsi::operation::space_16);
}

TEST_CASE("an attribute that the medium does not have is absent, not wrong") {
  Bench bench;
  const Raw value{'X'};
  const scsi::Attribute other{0x0500, scsi::AttributeFormat::ascii, value};
  bench.script.good(scsi::encode_attributes(std::span(&other, 1)));
  const auto outcome = bench.drive.read_attribute(0x0401);
  CHECK(succeeded(outcome.result));
  CHECK_FALSE(outcome.value);
}

TEST_CASE("a device without a serial number page is identified all the same") {
  Bench bench;
  bench.script.good(scsi::encode_inquiry({scsi::device_type::tape, "V", "P", "R"}))
      .check(5, 0x24, 0);
  const auto outcome = bench.drive.inquiry();
  REQUIRE(outcome.value);
  CHECK(outcome.value->vendor == "V");
  CHECK(outcome.value->serial_number.empty());
  CHECK(succeeded(outcome.result));
}

TEST_CASE("U2: after a reset blocks are protected only if the drive still says so") {
  Bench bench;
  const auto page = [](bool on) {
    scsi::ControlDataProtection values;
    values.on_write = on;
    scsi::ModeParameters parameters;
    parameters.pages = scsi::encode_control_data_protection(values);
    return scsi::encode_mode_sense_10(parameters);
  };
  const Raw block(100, 0x5A);
  bench.script.good(page(false)).good();
  REQUIRE(succeeded(bench.drive.set_block_protection(true)));
  bench.script.good();
  CHECK(bench.drive.write_block(block).accepted == 100);
  CHECK(bench.script.data_out.back().size() == 104);

  bench.script.check(6, 0x29, 0x00);
  CHECK_FALSE(succeeded(bench.drive.test_unit_ready()));
  bench.script.good(page(false)).good();
  CHECK(bench.drive.write_block(block).accepted == 100);
  CHECK(bench.script.data_out.back() == block);
}
