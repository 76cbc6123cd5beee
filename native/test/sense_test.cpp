// SPDX-License-Identifier: Apache-2.0
#include "scsi/sense.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("fixed format: a filemark met by READ") {
  const Raw raw{0xF0, 0, 0x80, 0, 0x08, 0, 0, 10, 0, 0, 0, 0, 0x00, 0x01, 0, 0, 0, 0};
  const auto sense = decode_sense(raw);
  REQUIRE(sense);
  CHECK_FALSE(sense->deferred);
  CHECK(sense->is(0, 0x00, 0x01));
  CHECK(sense->filemark);
  CHECK_FALSE(sense->end_of_medium);
  CHECK(sense->information == 0x080000);
}

TEST_CASE("fixed format: INFORMATION is signed, and means nothing without VALID") {
  Raw raw{0xF0, 0, 0x20, 0xFF, 0xFF, 0xFE, 0x00, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  CHECK(decode_sense(raw)->information == -512);
  CHECK(decode_sense(raw)->incorrect_length);
  raw[0] = 0x70;
  CHECK_FALSE(decode_sense(raw)->information);
}

TEST_CASE("fixed format: a deferred write error") {
  const Raw raw{0x71, 0, 0x03, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0C, 0x00, 0, 0, 0, 0};
  const auto sense = decode_sense(raw);
  CHECK(sense->deferred);
  CHECK(sense->is(sense_key::medium_error, 0x0C, 0x00));
}

TEST_CASE("fixed format: codes count only as far as the additional length covers them") {
  Raw raw{0x70, 0, 0x06, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0x28, 0x01};
  CHECK(decode_sense(raw)->asc == 0x28);
  CHECK(decode_sense(raw)->ascq == 0);
  raw[7] = 0;
  CHECK(decode_sense(raw)->asc == 0);
  raw.resize(3);
  CHECK(decode_sense(raw)->key == sense_key::unit_attention);
}

TEST_CASE("descriptor format: information and stream commands descriptors") {
  const Raw raw{0x72, 0x0D, 0x00, 0x02, 0, 0, 0, 16,                          // header
                0x00, 0x0A, 0x80, 0,    0, 0, 0, 0,  0x00, 0x08, 0x00, 0x00,  // information
                0x04, 0x02, 0x00, 0x40};                                      // EOM
  const auto sense = decode_sense(raw);
  REQUIRE(sense);
  CHECK(sense->is(sense_key::volume_overflow, 0x00, 0x02));
  CHECK(sense->end_of_medium);
  CHECK(sense->information == 0x080000);
}

TEST_CASE("descriptor format: negative information, unknown descriptors, cut tails") {
  Raw raw{0x73, 0x00, 0x00, 0x00, 0,    0,    0,    24,   0x09, 0x02, 0xAA, 0xBB, 0x00, 0x0A,
          0x80, 0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x04, 0x02, 0x00, 0x20};
  auto sense = decode_sense(raw);
  CHECK(sense->deferred);
  CHECK(sense->information == -1);
  CHECK(sense->incorrect_length);
  raw.resize(20);  // the information descriptor is cut
  sense = decode_sense(raw);
  CHECK_FALSE(sense->information);
  CHECK_FALSE(sense->incorrect_length);
}

TEST_CASE("what is no sense data is told apart from NO SENSE") {
  CHECK_FALSE(decode_sense({}));
  CHECK_FALSE(decode_sense(Raw{0x00, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(decode_sense(Raw{0x7F, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(decode_sense(Raw{0x70}));
}

TEST_CASE("both encodings say the same") {
  Sense sense;
  sense.deferred = true;
  sense.key = sense_key::volume_overflow;
  sense.ascq = 0x02;
  sense.end_of_medium = true;
  sense.incorrect_length = true;
  sense.information = -77;
  for (const auto& raw : {encode_fixed_sense(sense), encode_descriptor_sense(sense)}) {
    const auto decoded = decode_sense(raw);
    REQUIRE(decoded);
    CHECK(decoded->deferred);
    CHECK(decoded->is(sense.key, sense.asc, sense.ascq));
    CHECK(decoded->end_of_medium);
    CHECK(decoded->incorrect_length);
    CHECK_FALSE(decoded->filemark);
    CHECK(decoded->information == -77);
  }
}

TEST_CASE("fixed format leaves VALID off for what 32 bits cannot hold") {
  Sense sense;
  sense.information = std::int64_t{1} << 40;
  CHECK_FALSE(decode_sense(encode_fixed_sense(sense))->information);
  CHECK(decode_sense(encode_descriptor_sense(sense))->information == std::int64_t{1} << 40);
}

TEST_CASE("no bytes make the decoder read past their end") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    Raw raw(random() % 40);
    for (auto& byte : raw) byte = static_cast<std::uint8_t>(random());
    if (!raw.empty() && round % 2 == 0) raw[0] = static_cast<std::uint8_t>(0x70 + random() % 4);
    // An exact heap allocation: the address sanitizer sees one byte too many.
    static_cast<void>(decode_sense(raw));
  }
}

TEST_CASE("what else fixed format tells") {
  const Raw raw{0x70, 0,    0x15, 0,    0,    0,    0,    10,   0x01,
                0x02, 0x03, 0x04, 0x26, 0x01, 0x42, 0xCB, 0x01, 0x10};
  const auto sense = decode_sense(raw);
  REQUIRE(sense);
  CHECK(sense->overflow);
  CHECK(sense->command_specific == 0x01020304);
  CHECK(sense->field_replaceable_unit == 0x42);
  REQUIRE(sense->field_pointer);
  CHECK(sense->field_pointer->in_cdb);
  CHECK(sense->field_pointer->byte == 0x0110);
  CHECK(sense->field_pointer->bit == 3);
  CHECK_FALSE(sense->progress);
  CHECK(encode_fixed_sense(*sense) == raw);
}

TEST_CASE("the sense key says what the key specific bytes mean") {
  Raw raw{0x70, 0, 0x02, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x04, 0x07, 0, 0x80, 0x80, 0x00};
  CHECK(decode_sense(raw)->progress == 0x8000);
  raw[2] = 0x01;
  CHECK(decode_sense(raw)->retries == 0x8000);
  CHECK(encode_fixed_sense(*decode_sense(raw)) == raw);
  raw[2] = 0x06;  // none for a unit attention
  const auto sense = decode_sense(raw);
  CHECK_FALSE(sense->field_pointer);
  CHECK_FALSE(sense->progress);
  CHECK_FALSE(sense->retries);
  raw[2] = 0x05;
  CHECK_FALSE(decode_sense(raw)->field_pointer->in_cdb);
  CHECK_FALSE(decode_sense(raw)->field_pointer->bit);
}

TEST_CASE("what else descriptor format tells") {
  Sense sense;
  sense.key = sense_key::not_ready;
  sense.asc = 0x04;
  sense.ascq = 0x04;
  sense.overflow = true;
  sense.command_specific = std::uint64_t{1} << 40;
  sense.field_replaceable_unit = 9;
  sense.progress = 77;
  sense.filemark = true;
  sense.other_progress = {{2, 4, 7, 100}, {4, 4, 1, 200}};
  CHECK(decode_sense(encode_descriptor_sense(sense)) == sense);
  // 32 bits cannot hold it.
  CHECK(decode_sense(encode_fixed_sense(sense))->command_specific == 0);
}

TEST_CASE("descriptor sense never gets longer than its length byte can tell") {
  Sense sense;
  sense.other_progress.resize(100);
  const auto raw = encode_descriptor_sense(sense);
  CHECK(raw.size() == 8U + raw[7]);
  CHECK(decode_sense(raw)->other_progress.size() == 31);
}
