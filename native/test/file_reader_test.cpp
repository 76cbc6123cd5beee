// SPDX-License-Identifier: Apache-2.0
#include "stream/file_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "temporary_folder.h"
#include "transport/unique_fd.h"

namespace tidemark {
namespace {

constexpr std::size_t record = 16384;
/// Neither a multiple of the record size nor of a page: where an extent ends is nobody else's
/// affair.
constexpr std::uint64_t small_extent = 40'000;

struct Extent {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  Digest128 digest{};
  bool operator==(const Extent&) const = default;
};

std::string pattern(std::uint64_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 131 + i / 251);
  return text;
}

Extent extent_of(std::string_view archived, std::uint64_t from, std::uint64_t to) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(archived.data());
  return {from, to, xxh3_128({bytes + from, static_cast<std::size_t>(to - from)})};
}

/// What a reading told: extents, the last one included.
struct Told {
  std::vector<Extent> extents;
  /// Whether each was told before its last byte could be seen by a writer.
  bool in_time = true;
  std::string archived;
  FileReader::Result result;
};

Told read_file(int descriptor, FileReader::Source source, std::size_t capacity = 64 * record) {
  Ring ring(record, capacity);
  const std::uint64_t start = source.from;
  ring.start_at(start / record * record);
  if (start % record != 0) ring.filled(start / record * record, start % record);
  MemberFill fill(ring, start);
  source.descriptor = descriptor;
  Told told;
  FileReader reader;
  std::uint64_t behind = start;
  const FileReader::Result result =
      reader.read(source, fill, [&](std::uint64_t from, std::uint64_t to, const Digest128& digest) {
        told.extents.push_back({from, to, digest});
        told.in_time = told.in_time && ring.released() + ring.filled_bytes() < to;
        behind = to;
      });
  CHECK_FALSE(result.stopped);
  told.result = result;
  CHECK(fill.position() == source.archived_bytes);
  told.extents.push_back({behind, source.archived_bytes, result.digest});
  const auto* bytes = reinterpret_cast<const char*>(ring.at(start));
  told.archived.assign(bytes, source.archived_bytes - start);
  return told;
}

class TestFile {
 public:
  TestFile() : descriptor_(open(folder_.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
    REQUIRE(descriptor_);
  }
  void put(std::string_view text, std::uint64_t at) const {
    REQUIRE(pwrite(descriptor_.get(), text.data(), text.size(), static_cast<off_t>(at)) ==
            static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] int get() const { return descriptor_.get(); }

 private:
  test::TemporaryFolder folder_;
  UniqueFd descriptor_;
};

TEST_CASE("an extent ends at each multiple of its size and at the end, wherever reading begins") {
  for (const std::uint64_t size : {std::uint64_t{1}, small_extent - 1, small_extent,
                                   small_extent + 1, 2 * small_extent, 5 * small_extent + 7}) {
    const std::string content = pattern(size);
    TestFile file;
    file.put(content, 0);
    for (const std::uint64_t from :
         {std::uint64_t{0}, std::uint64_t{512}, std::uint64_t{39'936}, 2 * small_extent}) {
      if (from >= size) continue;
      FileReader::Source source;
      source.archived_bytes = size;
      source.from = from;
      source.extent_bytes = small_extent;
      const Told told = read_file(file.get(), source);
      std::vector<Extent> expected;
      for (std::uint64_t at = from; at < size;) {
        const std::uint64_t to = std::min(size, (at / small_extent + 1) * small_extent);
        expected.push_back(extent_of(content, at, to));
        at = to;
      }
      CAPTURE(size);
      CAPTURE(from);
      CHECK(told.extents == expected);
      CHECK(told.archived == content.substr(from));
    }
  }
}

TEST_CASE("an extent is told before a writer can see its end") {
  TestFile file;
  file.put(pattern(20 * record), 0);
  FileReader::Source source;
  source.archived_bytes = 20 * record;
  source.extent_bytes = 2 * record;
  const Told told = read_file(file.get(), source);
  CHECK(told.extents.size() == 10);
  CHECK(told.in_time);
}

TEST_CASE("a sparse file's extents count its map and its data, not its holes") {
  TestFile file;
  const std::string data = pattern(100'000);
  file.put(data.substr(0, 50'000), 1'000'000);
  file.put(data.substr(50'000), 5'000'000);
  const auto map = make_sparse_map({{1'000'000, 50'000}, {5'000'000, 50'000}}, 5'050'000, record);
  REQUIRE(map);
  std::string archived = map->text;
  for (const SparseMap::Stretch& stretch : map->stretches) {
    std::string bytes(stretch.bytes, '\0');
    REQUIRE(pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(stretch.offset)) >= 0);
    archived += bytes;
  }
  for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{record}, 3 * small_extent / 2}) {
    FileReader::Source source;
    source.archived_bytes = archived.size();
    source.from = from;
    source.map = &*map;
    source.extent_bytes = small_extent;
    const Told told = read_file(file.get(), source);
    std::vector<Extent> expected;
    for (std::uint64_t at = from; at < archived.size();) {
      const std::uint64_t to =
          std::min<std::uint64_t>(archived.size(), (at / small_extent + 1) * small_extent);
      expected.push_back(extent_of(archived, at, to));
      at = to;
    }
    CHECK(told.extents == expected);
    CHECK(told.archived == archived.substr(from));
  }
}

/// The memory of this process as a file. Where that shows a file past its end, the kernel has an
/// input/output error to tell, as a disk has behind a bad sector.
class FileWithBadEnd {
 public:
  FileWithBadEnd() : memory_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
    REQUIRE(memory_);
    content_.put(pattern(readable), 0);
    bytes_ = mmap(nullptr, size, PROT_READ, MAP_SHARED, content_.get(), 0);
    REQUIRE(bytes_ != MAP_FAILED);
  }
  FileWithBadEnd(const FileWithBadEnd&) = delete;
  FileWithBadEnd& operator=(const FileWithBadEnd&) = delete;
  ~FileWithBadEnd() { munmap(bytes_, size); }

  static constexpr std::size_t readable = 5 * record;
  static constexpr std::size_t size = 9 * record;
  [[nodiscard]] int get() const { return memory_.get(); }
  [[nodiscard]] std::uint64_t start() const { return reinterpret_cast<std::uint64_t>(bytes_); }

 private:
  TestFile content_;
  UniqueFd memory_;
  void* bytes_ = nullptr;
};

TEST_CASE("S5: behind a read error the rest is zeros, and the error is told") {
  const FileWithBadEnd file;
  SparseMap map;
  map.stretches = {{file.start(), FileWithBadEnd::size}};
  map.data_bytes = FileWithBadEnd::size;
  const std::string expected = pattern(FileWithBadEnd::readable) +
                               std::string(FileWithBadEnd::size - FileWithBadEnd::readable, '\0');
  // Digests too are of what is on the tape.
  for (const std::uint64_t extent : {default_extent_bytes, 3 * std::uint64_t{record}}) {
    FileReader::Source source;
    source.archived_bytes = FileWithBadEnd::size;
    source.map = &map;
    source.extent_bytes = extent;
    const Told told = read_file(file.get(), source);
    CHECK(told.result.error_number == EIO);
    CHECK_FALSE(told.result.shrunk);
    CHECK(told.archived == expected);
    std::vector<Extent> extents;
    for (std::uint64_t at = 0; at < source.archived_bytes; at += extent) {
      extents.push_back(extent_of(expected, at, std::min(source.archived_bytes, at + extent)));
    }
    CHECK(told.extents == extents);
  }
}

std::size_t cached_pages(int descriptor, std::size_t bytes) {
  void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  REQUIRE(mapped != MAP_FAILED);
  std::vector<unsigned char> pages(bytes / static_cast<std::size_t>(getpagesize()) + 1);
  REQUIRE(mincore(mapped, bytes, pages.data()) == 0);
  munmap(mapped, bytes);
  return static_cast<std::size_t>(
      std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return page & 1; }));
}

TEST_CASE("a large file is no more in the page cache than it was before") {
  const test::TemporaryFolder folder;
  // The first step of dropping, and an end that fills none.
  const std::size_t size = (8u << 20) + 300'000;
  const std::string path = folder.path() + "/large";
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const std::string content = pattern(size);
  REQUIRE(write(file.get(), content.data(), size) == static_cast<ssize_t>(size));
  FileReader::Source source;
  source.archived_bytes = size;
  const std::size_t all = cached_pages(file.get(), size);
  CHECK(read_file(file.get(), source, 1024 * record).archived == content);
  CHECK(cached_pages(file.get(), size) == all);
  fdatasync(file.get());
  posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  if (cached_pages(file.get(), size) > 0) return;  // a file system that has nowhere else to go
  CHECK(read_file(file.get(), source, 1024 * record).archived == content);
  CHECK(cached_pages(file.get(), size) < all / 2);
}

TEST_CASE("a file of one stretch has one extent, a larger one has more") {
  constexpr std::uint64_t stretch = 64ull << 20;
  TestFile file;
  REQUIRE(ftruncate(file.get(), static_cast<off_t>(stretch + 1)) == 0);
  for (const std::uint64_t size : {stretch - 1, stretch, stretch + 1}) {
    FileReader::Source source;
    source.archived_bytes = size;
    source.extent_bytes = extent_bytes_for(size, default_extent_bytes);
    const Told told = read_file(file.get(), source, 72u << 20);
    CHECK(told.extents.size() == (size > stretch ? 2 : 1));
    CHECK(told.extents.front().to == std::min(size, stretch));
  }
}

TEST_CASE("extents grow with the object: no more than can be counted") {
  constexpr std::uint64_t least = default_extent_bytes;
  constexpr std::uint64_t full = least * most_full_extents;
  CHECK(extent_bytes_for(0, least) == least);
  CHECK(extent_bytes_for(full - 1, least) == least);
  CHECK(extent_bytes_for(full, least) == 2 * least);
  CHECK(extent_bytes_for(2 * full - 1, least) == 2 * least);
  for (const std::uint64_t size : {full, 3 * full, std::uint64_t{1} << 62}) {
    CHECK(size / extent_bytes_for(size, least) < most_full_extents);
  }
}

}  // namespace
}  // namespace tidemark
