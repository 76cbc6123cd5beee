// SPDX-License-Identifier: Apache-2.0
#include "stream/record_frame.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "stream/cbor_writer.h"

namespace tidemark {
namespace {

std::string hex(const std::uint8_t* begin, const std::uint8_t* end) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (; begin != end; ++begin) {
    text += digits[*begin >> 4];
    text += digits[*begin & 15];
  }
  return text;
}

TEST_CASE("heads are as short as can be (RFC 8949, appendix A)") {
  const struct {
    std::uint64_t value;
    const char* expected;
  } cases[] = {
      {0, "00"},
      {23, "17"},
      {24, "1818"},
      {255, "18ff"},
      {256, "190100"},
      {65'535, "19ffff"},
      {65'536, "1a00010000"},
      {1'000'000, "1a000f4240"},
      {1'000'000'000'000, "1b000000e8d4a51000"},
      {UINT64_MAX, "1bffffffffffffffff"},
  };
  for (const auto& [value, expected] : cases) {
    std::uint8_t bytes[CborWriter::largest_head];
    CborWriter writer(bytes);
    writer.uint(value);
    CHECK(hex(bytes, writer.end()) == expected);
  }
}

TEST_CASE("other items") {
  std::uint8_t bytes[64];
  CborWriter writer(bytes);
  writer.array(4);
  writer.bytes(std::string_view("\x01\x02"));
  writer.boolean(true);
  writer.null();
  writer.bytes(std::string_view());
  CHECK(hex(bytes, writer.end()) == "84420102f5f640");
}

struct Delivered {
  std::vector<RecordFrame> frames;
  RecordFrameWriter writer{[this](RecordFrame&& frame) { frames.push_back(std::move(frame)); }};
};

ObjectRecord object_ending_at(std::uint64_t end) {
  ObjectRecord record;
  record.name = "name";
  record.end_offset = end;
  return record;
}

TEST_CASE("an object's record") {
  Delivered delivered;
  ObjectRecord record = object_ending_at(2048);
  record.container_id = 7;
  record.kind = ObjectKind::hard_link;
  record.header_offset = 512;
  record.data_offset = 1024;
  record.outcome = ObjectOutcome::changed;
  record.link_target = "to";
  record.error_number = 5;
  delivered.writer.append(record);
  delivered.writer.deliver();
  REQUIRE(delivered.frames.size() == 1);
  const RecordFrame& frame = delivered.frames[0];
  CHECK(frame.records == 1);
  CHECK(frame.maximum_end_offset == 2048);
  CHECK(hex(frame.bytes.get(), frame.bytes.get() + frame.size) ==
        "8c0907446e616d65035834" + std::string(2 * Fingerprint::size, '0') +
            "19020019040019080001f642746f05");
}

TEST_CASE("frames are delivered when full, and hold every record once") {
  Delivered delivered;
  for (std::uint64_t i = 0; i < 2000; ++i) delivered.writer.append(object_ending_at(i));
  delivered.writer.deliver();
  delivered.writer.deliver();
  std::size_t records = 0;
  for (const RecordFrame& frame : delivered.frames) {
    CHECK(frame.size <= RecordFrameWriter::frame_size);
    records += frame.records;
  }
  CHECK(records == 2000);
  CHECK(delivered.frames.size() < 5);
}

TEST_CASE("a record longer than a frame has one of its own") {
  Delivered delivered;
  const std::string map(300'000, 'm');
  delivered.writer.append(object_ending_at(1));
  ObjectOpenRecord open;
  open.sparse_map = map;
  delivered.writer.append(open);
  delivered.writer.append(object_ending_at(2));
  delivered.writer.deliver();
  CHECK(delivered.frames.size() == 3);
}

TEST_CASE("what is due before bytes are written is delivered, and no more") {
  Delivered delivered;
  delivered.writer.append(object_ending_at(1000));
  delivered.writer.deliver_due(999);
  CHECK(delivered.frames.empty());
  delivered.writer.deliver_due(1000);
  CHECK(delivered.frames.size() == 1);
  // An object's opening is due where it begins, and not where it ends.
  ObjectOpenRecord open;
  open.header_offset = 2000;
  open.end_offset = 9000;
  delivered.writer.append(open);
  delivered.writer.deliver_due(2000);
  CHECK(delivered.frames.size() == 2);
  delivered.writer.append(object_ending_at(3000));
  delivered.writer.drop();
  delivered.writer.deliver();
  CHECK(delivered.frames.size() == 2);
}

}  // namespace
}  // namespace tidemark
