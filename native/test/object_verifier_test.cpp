// SPDX-License-Identifier: Apache-2.0
#include "stream/object_verifier.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include "packed_objects.h"
#include "stream/object_restorer.h"
#include "tar_bytes.h"

using namespace tidemark;

namespace {

constexpr std::uint32_t changed_seconds = 1'600'000'000;

/// A stream of members, and a restorer whose sink only looks at them.
struct Verification {
  std::vector<std::uint8_t> stream;
  ObjectRestorer restorer{std::make_unique<ObjectVerifier>()};

  static Fingerprint fingerprint(const test::TarEntry& entry) {
    struct stat status {};
    status.st_size = static_cast<off_t>(entry.size);
    status.st_mtim.tv_sec = changed_seconds;
    status.st_mode = S_IFREG | entry.mode;
    status.st_uid = entry.uid;
    status.st_gid = entry.gid;
    return Fingerprint::of(status);
  }

  /// Where its header begins. The catalog has no digest of the first `undigested` bytes.
  std::size_t add(const test::TarEntry& entry, ObjectKind kind, std::string_view data = {},
                  std::size_t undigested = 0) {
    ExpectedObject object;
    object.header_offset = stream.size();
    object.kind = kind;
    object.path =
        entry.path.ends_with('/') ? entry.path.substr(0, entry.path.size() - 1) : entry.path;
    object.fingerprint = fingerprint(entry);
    if (kind == ObjectKind::file) object.last_digest = test::digest_of(data.substr(undigested));
    object.last_extent_from = undigested;
    test::append(stream, test::tar_header(entry));
    test::append(stream, data);
    test::pad(stream);
    object.end_offset = stream.size();
    REQUIRE(restorer.expect(test::pack(object)));
    return object.header_offset;
  }
  std::size_t add_file(const std::string& path, std::string_view data) {
    return add({.path = path, .size = data.size()}, ObjectKind::file, data);
  }
  void replace_header(std::size_t offset, const test::TarEntry& entry) {
    const auto header = test::tar_header(entry);
    std::copy(header.begin(), header.end(), stream.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  RestoreSummary finish() {
    for (std::size_t offset = 0; offset < stream.size(); offset += 1536) {
      const std::size_t length = std::min<std::size_t>(1536, stream.size() - offset);
      restorer.feed(offset, std::span(stream).subspan(offset, length));
    }
    return restorer.finish();
  }
};

}  // namespace

TEST_CASE("objects of every kind that are as the catalog says are counted as good") {
  Verification verification;
  verification.add({.path = "folder/", .type = '5', .mode = 0755}, ObjectKind::directory);
  verification.add_file("folder/file", std::string(5000, 'a'));
  verification.add_file("folder/empty", "");
  verification.add({.path = "link", .type = '2', .link_path = "x"}, ObjectKind::symbolic_link);
  verification.add({.path = "hard", .type = '1', .link_path = "folder/file"},
                   ObjectKind::hard_link);
  verification.add({.path = "fifo", .type = '6'}, ObjectKind::fifo);
  const RestoreSummary summary = verification.finish();
  CHECK(summary.damaged_count == 0);
  CHECK(summary.objects_restored == 6);
  CHECK(summary.bytes_restored == 5000);
  CHECK(summary.bytes_proved == 5000);
}

TEST_CASE("one flipped bit of data damages exactly the file that it lies in") {
  Verification verification;
  verification.add_file("before", std::string(3000, 'a'));
  const std::size_t offset = verification.add_file("file", std::string(3000, 'b'));
  verification.add_file("behind", std::string(3000, 'c'));
  verification.stream[offset + 512 + 2999] ^= 4;
  const RestoreSummary summary = verification.finish();
  CHECK(summary.objects_restored == 2);
  CHECK(summary.bytes_restored == 9000);
  CHECK(summary.bytes_proved == 6000);
  REQUIRE(summary.damaged.size() == 1);
  CHECK(summary.damaged[0].path == "file");
  CHECK(summary.damaged[0].reason == "digest mismatch in its archived bytes 0 to 3000");
}

TEST_CASE("data without a digest is passed over and counted") {
  for (const std::size_t flipped : {1499, 1500}) {
    Verification verification;
    const std::string data(3000, 'b');
    const std::size_t offset =
        verification.add({.path = "file", .size = 3000}, ObjectKind::file, data, 1500);
    verification.add_file("behind", std::string(3000, 'c'));
    verification.stream[offset + 512 + flipped] ^= 4;
    const RestoreSummary summary = verification.finish();
    CHECK(summary.bytes_unproved == 1500);
    CHECK(summary.bytes_restored == 6000);
    CHECK(summary.bytes_proved == (flipped < 1500 ? 4500 : 3000));
    CHECK(summary.damaged_count == (flipped < 1500 ? 0 : 1));
    if (flipped < 1500) continue;
    CHECK(summary.damaged[0].path == "file");
    CHECK(summary.damaged[0].reason == "digest mismatch in its archived bytes 1500 to 3000");
  }
}

TEST_CASE("a file whose end is not read proves nothing, and what has no digest in it is counted") {
  Verification verification;
  verification.add_file("before", std::string(1000, 'a'));
  verification.add({.path = "cut", .size = 9000}, ObjectKind::file, std::string(9000, 'b'), 1500);
  verification.stream.resize(512 + 1024 + 512 + 4096);
  const RestoreSummary summary = verification.finish();
  CHECK(summary.damaged_count == 1);
  CHECK(summary.bytes_restored == 1000 + 4096);
  CHECK(summary.bytes_proved == 1000);
  CHECK(summary.bytes_unproved == 1500);
}

TEST_CASE("a header that is not what the catalog says is damage, its checksum right or not") {
  Verification verification;
  const test::TarEntry good{.path = "file", .size = 5};
  const std::size_t offset = verification.add(good, ObjectKind::file, "hello");
  std::string reason;
  SUBCASE("a flipped bit") {
    verification.stream[offset + 3] ^= 1;
    reason = "its header is no valid tar header";
  }
  SUBCASE("another path") {
    verification.replace_header(offset, {.path = "filf", .size = 5});
    reason = "its header has another path";
  }
  SUBCASE("another kind") {
    verification.replace_header(offset, {.path = "file", .type = '5'});
    reason = "the tape holds something of another kind in its place";
  }
  SUBCASE("another size, as long on the tape") {
    verification.replace_header(offset, {.path = "file", .size = 6});
    reason = "its header has another size than the catalog";
  }
  SUBCASE("another modification time") {
    verification.replace_header(offset, {.path = "file", .size = 5, .mtime_s = 1});
    reason = "its header has another modification time than the catalog";
  }
  SUBCASE("another mode") {
    verification.replace_header(offset, {.path = "file", .size = 5, .mode = 0600});
    reason = "its header has another mode than the catalog";
  }
  SUBCASE("another owner") {
    verification.replace_header(offset, {.path = "file", .size = 5, .uid = 1});
    reason = "its header has another owner than the catalog";
  }
  verification.add_file("behind", "x");
  const RestoreSummary summary = verification.finish();
  CHECK(summary.objects_restored == 1);
  REQUIRE(summary.damaged.size() == 1);
  CHECK(summary.damaged[0].path == "file");
  CHECK(summary.damaged[0].reason == reason);
}

TEST_CASE("a modification time far off is compared without overflowing") {
  Verification verification;
  const std::size_t offset = verification.add_file("file", "");
  verification.replace_header(offset, {.path = "file", .mtime_s = 0x1FFFFFFFFu});
  CHECK(verification.finish().damaged_count == 1);
}
