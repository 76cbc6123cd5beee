// SPDX-License-Identifier: Apache-2.0
#include "stream/extractor.h"
#include "stream/object_creator.h"

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <iterator>

#include "packed_objects.h"
#include "simulated_drive.h"
#include "tar_bytes.h"

using namespace tidemark;

namespace {

constexpr std::size_t record_size = 16384;

/// Two files, the second over many records, on a tape in two tape files; the cut lies inside the
/// second.
struct Archive {
  test::SimulatedDrive tape;
  test::TemporaryFolder folder;
  std::string long_data;
  std::vector<std::uint8_t> expected;
  std::uint64_t first_records = 7;
  std::uint64_t records = 0;

  Archive() {
    for (int i = 0; i < 30'000; ++i) long_data += std::to_string(i) + "\n";
    std::vector<std::uint8_t> stream;
    add(stream, "short", "hello");
    add(stream, "folder/long", long_data);
    test::pad(stream, record_size);
    records = stream.size() / record_size;
    for (std::uint64_t i = 0; i < records; ++i) {
      if (i == first_records)
        REQUIRE(tape.drive->write_filemarks(1, true).kind == WriteKind::written);
      const auto record = std::span(stream).subspan(i * record_size, record_size);
      REQUIRE(tape.drive->write_block(record).kind == WriteKind::written);
    }
    REQUIRE(succeeded(tape.drive->rewind()));
  }

  void add(std::vector<std::uint8_t>& stream, const std::string& path, std::string_view data) {
    ExpectedObject object;
    object.path = path;
    object.header_offset = stream.size();
    test::append(stream, test::tar_header({.path = path, .size = data.size()}));
    test::append(stream, data);
    test::pad(stream);
    object.end_offset = stream.size();
    object.last_digest = test::digest_of(data);
    test::append(expected, test::pack(object));
  }

  std::unique_ptr<Extractor> extractor() const {
    TargetFolder target;
    REQUIRE_FALSE(target.open(folder.path() + "/target"));
    return std::make_unique<Extractor>(
        std::make_unique<ObjectCreator>(std::move(target), true, false));
  }

  std::string read(const std::string& path) const {
    std::ifstream file(folder.path() + "/target/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

RestoreSummary finish(Extractor& extractor) {
  std::promise<RestoreSummary> summary;
  extractor.finish([&](RestoreSummary result) { summary.set_value(std::move(result)); });
  return summary.get_future().get();
}

}  // namespace

TEST_CASE("an object that runs on over two tape files is restored from two stretches") {
  Archive archive;
  const auto extractor = archive.extractor();
  REQUIRE(extractor->expect(archive.expected));
  const auto first =
      extractor->extract(*archive.tape.drive, {0, archive.first_records, record_size});
  CHECK(first.stopped_at == ReadStop::count);
  CHECK(first.blocks_read == archive.first_records);
  CHECK(archive.read("short") == "hello");
  REQUIRE(succeeded(archive.tape.drive->space(scsi::SpaceCode::filemarks, 1)));
  const auto second = extractor->extract(
      *archive.tape.drive,
      {archive.first_records * record_size, archive.records - archive.first_records, record_size});
  CHECK(second.stopped_at == ReadStop::count);
  const RestoreSummary summary = finish(*extractor);
  CHECK(summary.damaged_count == 0);
  CHECK(summary.objects_restored == 2);
  CHECK(archive.read("folder/long") == archive.long_data);
}

TEST_CASE("a stretch ends where the tape does, and what was open is damaged at last") {
  Archive archive;
  const auto extractor = archive.extractor();
  REQUIRE(extractor->expect(archive.expected));
  const auto outcome = extractor->extract(*archive.tape.drive, {0, archive.records, record_size});
  CHECK(outcome.stopped_at == ReadStop::filemark);
  CHECK(outcome.blocks_read == archive.first_records);
  const RestoreSummary summary = finish(*extractor);
  CHECK(summary.objects_restored == 1);
  REQUIRE(summary.damaged.size() == 1);
  CHECK(summary.damaged[0].path == "folder/long");
}

TEST_CASE("a block that is no record ends a stretch with a sentence") {
  Archive archive;
  const auto extractor = archive.extractor();
  const auto outcome = extractor->extract(*archive.tape.drive, {0, 1, 2 * record_size});
  CHECK(outcome.stopped_at == ReadStop::wrong_length);
  CHECK(outcome.blocks_read == 0);
  CHECK(outcome.result.detail ==
        "a block of 16384 bytes stands where a record of 32768 bytes should be");
}

TEST_CASE("an abandoned extractor lets the drive's thread go") {
  Archive archive;
  const auto extractor = archive.extractor();
  REQUIRE(extractor->expect(archive.expected));
  extractor->abandon();
  const auto outcome = extractor->extract(*archive.tape.drive, {0, archive.records, record_size});
  CHECK(outcome.stopped_at == ReadStop::failed);
}
