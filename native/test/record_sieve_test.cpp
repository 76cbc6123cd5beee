// SPDX-License-Identifier: Apache-2.0
#include "stream/record_sieve.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/cbor_reader.h"
#include "stream/cbor_writer.h"
#include "stream/container_hash.h"
#include "stream/record_frame.h"

namespace tidemark {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// One record, as the packer writes it.
template <typename Record>
Bytes encoded(const Record& record) {
  Bytes bytes;
  RecordFrameWriter writer([&](RecordFrame&& frame) {
    bytes.assign(frame.bytes.get(), frame.bytes.get() + frame.size);
  });
  writer.append(record);
  writer.deliver();
  return bytes;
}

Fingerprint fingerprint(std::uint8_t mark) {
  Fingerprint result;
  result.bytes.fill(mark);
  return result;
}

Bytes opening(std::uint64_t id) {
  ContainerOpenRecord record;
  record.container_id = id;
  record.path = "a/";
  return encoded(record);
}

ObjectRecord file(std::uint64_t id, std::string_view name, std::uint64_t at) {
  ObjectRecord record;
  record.container_id = id;
  record.name = name;
  record.fingerprint = fingerprint(static_cast<std::uint8_t>(at));
  record.header_offset = at * 512;
  record.data_offset = at * 512 + 512;
  record.end_offset = at * 512 + 1024;
  record.digest = Digest128{};
  return record;
}

ContainerCloseRecord closing(std::uint64_t id, const std::vector<ObjectRecord>& entries) {
  ContainerHash hash;
  hash.restart();
  for (const ObjectRecord& entry : entries) hash.add(entry.name, entry.fingerprint);
  ContainerCloseRecord record;
  record.container_id = id;
  record.path = "a/";
  record.entries = hash.entries();
  record.hash = hash.finish();
  record.unchanged = true;
  return record;
}

Bytes epoch() {
  std::uint8_t bytes[32];
  CborWriter writer(bytes);
  writer.array(3);
  writer.uint(17);
  writer.uint(2);
  writer.bytes(std::string_view("nonce..."));
  return {bytes, writer.end()};
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// "w1 3: 0 4" for a whole container and its numbers, "0 1" for loose records and theirs.
std::string told(const std::vector<RecordSieve::Step>& steps) {
  std::string text;
  for (const auto& step : steps) {
    text += text.empty() ? "" : " | ";
    if (const auto* whole = std::get_if<WholeContainer>(&step)) {
      text += "w" + std::to_string(whole->container_id) + " " + std::to_string(whole->objects) +
              ": " + std::to_string(whole->first_ordinal) + " " +
              std::to_string(whole->last_ordinal);
      continue;
    }
    std::string numbers;
    for (const std::uint32_t ordinal : std::get<LooseRecords>(step).ordinals) {
      numbers += (numbers.empty() ? "" : " ") + std::to_string(ordinal);
    }
    text += numbers.empty() ? "unread" : numbers;
  }
  return text;
}

std::string sieved(const std::vector<Bytes>& records) {
  RecordSieve sieve;
  auto steps = sieve.take(joined(records));
  auto rest = sieve.finish();
  std::move(rest.begin(), rest.end(), std::back_inserter(steps));
  return told(steps);
}

const ObjectRecord own = file(1, "", 0);
const ObjectRecord one = file(1, "one", 1);
const ObjectRecord two = file(1, "two", 2);

TEST_CASE("a directory that agrees with its close comes as one") {
  RecordSieve sieve;
  const Bytes close = encoded(closing(1, {one, two}));
  // By two readers, whose frames lie among one another; names come in any order.
  const std::vector<Bytes> objects{encoded(two), encoded(own), encoded(one)};
  auto steps = sieve.take(joined({opening(1), objects[0], opening(2)}));
  CHECK(told(steps) == "0 2");
  steps = sieve.take(joined({objects[1], objects[2], close, opening(3)}));
  CHECK(told(steps) == "w1 3: 0 5 | 6");
  const auto& whole = std::get<WholeContainer>(steps[0]);
  CHECK(whole.first_offset == 0);
  CHECK(whole.end_offset == two.end_offset);
  CHECK(whole.member_bytes == 3 * 1024);
  CHECK(whole.close == close);
  CHECK(whole.records == joined(objects));
  CHECK(sieve.finish().empty());
}

TEST_CASE("everything else comes record by record, with its number") {
  const Bytes close = encoded(closing(1, {one, two}));
  SUBCASE("never closed") { CHECK(sieved({opening(1), encoded(one), encoded(two)}) == "0 | 1 2"); }
  SUBCASE("an object fewer, or more") {
    CHECK(sieved({opening(1), encoded(one), close}) == "0 1 2");
    CHECK(sieved({opening(1), encoded(one), encoded(two), encoded(file(1, "x", 3)), close}) ==
          "0 1 2 3 4");
  }
  SUBCASE("another object than was there at the close") {
    CHECK(sieved({opening(1), encoded(file(1, "one", 9)), encoded(two), close}) == "0 1 2 3");
  }
  SUBCASE("a name twice: which one counts is not decided here") {
    auto again = closing(1, {one, one});
    CHECK(sieved({opening(1), encoded(one), encoded(one), encoded(again)}) == "0 1 2 3");
  }
  SUBCASE("a directory that changed meanwhile, or that is empty") {
    auto changed = closing(1, {one});
    changed.unchanged = false;
    CHECK(sieved({opening(1), encoded(one), encoded(changed)}) == "0 1 2");
    CHECK(sieved({opening(1), encoded(closing(1, {}))}) == "0 1");
  }
  SUBCASE("an object that was not archived well, and what comes behind it") {
    ObjectRecord changed = one;
    changed.outcome = ObjectOutcome::changed;
    CHECK(sieved({opening(1), encoded(own), encoded(changed), encoded(two), close}) == "0 1 2 3 4");
  }
  SUBCASE("what is a link, or what links may point at") {
    ObjectRecord target = one;
    target.link_target = "";
    CHECK(sieved({opening(1), encoded(target), encoded(two), close}) == "0 1 2 3");
  }
  SUBCASE("a large object") {
    ObjectOpenRecord open;
    open.container_id = 1;
    open.name = "two";
    CHECK(sieved({opening(1), encoded(one), encoded(open), encoded(two), close}) == "0 1 2 3 4");
    ExtentRecord extent;
    extent.container_id = 1;
    CHECK(sieved({opening(1), encoded(one), encoded(extent), encoded(two), close}) == "0 1 2 3 4");
  }
  SUBCASE("a start in between: it may void what came before") {
    CHECK(sieved({opening(1), encoded(one), epoch(), encoded(two), close}) == "0 1 2 3 4");
  }
  SUBCASE("a directory that is opened again before it was closed") {
    CHECK(sieved({opening(1), encoded(one), opening(1), encoded(two), close}) == "0 1 2 3 4");
  }
  SUBCASE("objects and a close without an opening") {
    CHECK(sieved({encoded(one), close}) == "0 1");
  }
}

TEST_CASE("loose records are the bytes that came") {
  RecordSieve sieve;
  const std::vector<Bytes> records{opening(1), encoded(own), encoded(file(1, "one", 9)),
                                   encoded(closing(1, {one}))};
  const auto steps = sieve.take(joined(records));
  REQUIRE(steps.size() == 1);
  CHECK(std::get<LooseRecords>(steps[0]).bytes == joined(records));
}

TEST_CASE("more is not held than may be") {
  RecordSieve sieve;
  REQUIRE(told(sieve.take(opening(1))) == "0");
  const std::string target(200, 'n');
  std::size_t loose = 0;
  const std::size_t objects = RecordSieve::most_held_bytes / 200;
  for (std::size_t i = 0; i < objects; ++i) {
    const std::string name = target + std::to_string(i);
    for (const auto& step : sieve.take(encoded(file(1, name, i)))) {
      loose += std::get<LooseRecords>(step).ordinals.size();
    }
  }
  CHECK(loose == objects);
  CHECK(sieve.finish().empty());
}

TEST_CASE("from what cannot be read on, the bytes come as they are") {
  const Bytes whole = joined({opening(1), encoded(one)});
  for (std::size_t length = 1; length < whole.size(); ++length) {
    RecordSieve sieve;
    Bytes given;
    for (const auto& steps : {sieve.take(std::span(whole).first(length)), sieve.finish()}) {
      for (const auto& step : steps) {
        const auto& loose = std::get<LooseRecords>(step);
        given.insert(given.end(), loose.bytes.begin(), loose.bytes.end());
      }
    }
    CHECK(given == Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
  }
  // An item of indefinite length.
  CHECK(sieved({opening(1), {0x9f, 0xff}, encoded(one)}) == "0 | unread");
}

TEST_CASE("CBOR items of every kind are passed over, and no other") {
  const auto skips = [](const Bytes& bytes) -> std::optional<std::size_t> {
    CborReader reader(bytes);
    if (!reader.skip()) {
      CHECK(reader.position() == 0);
      return std::nullopt;
    }
    return reader.position();
  };
  CHECK(skips({0x18, 0xff}) == 2);
  CHECK(skips({0x39, 0x01, 0x00}) == 3);
  CHECK(skips({0x42, 1, 2, 9}) == 3);
  CHECK(skips({0x62, 'a', 'b'}) == 3);
  CHECK(skips({0x82, 0x81, 0x01, 0x02}) == 4);
  CHECK(skips({0xa2, 1, 2, 3, 0x41, 4}) == 6);
  CHECK(skips({0xc1, 0x1a, 0, 0, 0, 1}) == 6);
  CHECK(skips({0xfb, 0, 0, 0, 0, 0, 0, 0, 0}) == 9);
  CHECK(skips({0xf6}) == 1);
  CHECK_FALSE(skips({}));
  CHECK_FALSE(skips({0x1b, 0}));
  CHECK_FALSE(skips({0x42, 1}));
  CHECK_FALSE(skips({0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  CHECK_FALSE(skips({0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}));
  CHECK_FALSE(skips({0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2}));
  CHECK_FALSE(skips({0x5f, 0x41, 1, 0xff}));
  CHECK_FALSE(skips({0x1c}));
  CHECK_FALSE(skips(Bytes(100, 0x81)));
}

}  // namespace
}  // namespace tidemark
