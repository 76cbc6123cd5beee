// SPDX-License-Identifier: Apache-2.0
#include "stream/object_restorer.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "packed_objects.h"
#include "stream/object_creator.h"
#include "tar_bytes.h"
#include "temporary_folder.h"

using namespace tidemark;

namespace {

namespace fs = std::filesystem;
using test::append_be;
using test::digest_of;
using test::pack;

/// A stream that is built member by member, and a restorer that expects them.
struct Restore {
  test::TemporaryFolder folder;
  std::vector<std::uint8_t> stream;
  ObjectRestorer restorer;

  explicit Restore(bool overwrite = false) : restorer(creator(folder.path(), overwrite)) {}

  static std::unique_ptr<ObjectSink> creator(const std::string& path, bool overwrite) {
    TargetFolder target;
    REQUIRE_FALSE(target.open(path));
    return std::make_unique<ObjectCreator>(std::move(target), true, overwrite);
  }

  ExpectedObject add(const test::TarEntry& entry, ObjectKind kind, std::string_view data = {},
                     std::string_view records = {}) {
    ExpectedObject object;
    object.header_offset = stream.size();
    object.kind = kind;
    object.path = entry.path;
    if (!records.empty()) test::append(stream, test::tar_extended(records));
    test::append(stream, test::tar_header(entry));
    test::append(stream, data);
    test::pad(stream);
    object.end_offset = stream.size();
    if (kind == ObjectKind::file || kind == ObjectKind::sparse_file)
      object.last_digest = digest_of(data);
    return object;
  }
  ExpectedObject add_file(const std::string& path, std::string_view data) {
    return add({.path = path, .size = data.size()}, ObjectKind::file, data);
  }
  void expect(const ExpectedObject& object) { REQUIRE(restorer.expect(pack(object))); }
  void feed(std::size_t step = 512, std::size_t from = 0, std::size_t to = SIZE_MAX) {
    to = std::min(to, stream.size());
    for (std::size_t offset = from; offset < to; offset += step) {
      restorer.feed(offset, std::span(stream).subspan(offset, std::min(step, to - offset)));
    }
  }
  std::string read(const std::string& path) const {
    std::ifstream file(folder.path() + "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
};

}  // namespace

TEST_CASE("expected files are restored, others passed over, in pieces of any size") {
  const std::string data(5000, 'a');
  for (const std::size_t step : {std::size_t{512}, std::size_t{1536}, std::size_t{1} << 20}) {
    Restore restore;
    restore.add_file("not-wanted", "x");
    restore.expect(restore.add_file("one/two/file", data));
    restore.add_file("not-wanted-either", data);
    restore.expect(restore.add_file("empty", ""));
    restore.feed(step);
    const RestoreSummary summary = restore.restorer.finish();
    CHECK(summary.objects_restored == 2);
    CHECK(summary.bytes_restored == 5000);
    CHECK(summary.damaged_count == 0);
    CHECK(restore.read("one/two/file") == data);
    CHECK(fs::exists(restore.folder.path() + "/empty"));
    CHECK_FALSE(fs::exists(restore.folder.path() + "/not-wanted"));
  }
}

TEST_CASE("a digest mismatch is reported with the path and the file kept") {
  Restore restore;
  auto object = restore.add_file("file", "hello");
  object.last_digest = digest_of("other");
  restore.expect(object);
  restore.feed();
  const RestoreSummary summary = restore.restorer.finish();
  REQUIRE(summary.damaged.size() == 1);
  CHECK(summary.damaged[0].path == "file");
  CHECK(summary.damaged[0].reason == "digest mismatch in its archived bytes 0 to 5");
  CHECK(restore.read("file") == "hello");
}

TEST_CASE("each extent has its own digest") {
  const std::string data = std::string(700, 'a') + std::string(900, 'b') + std::string(50, 'c');
  Restore restore;
  auto object = restore.add_file("file", data);
  object.extents = {{0, 700, digest_of(std::string(700, 'a'))},
                    {700, 1600, digest_of(std::string(900, 'b'))}};
  object.last_extent_from = 1600;
  object.last_digest = digest_of(std::string(50, 'c'));
  SUBCASE("good") {}
  SUBCASE("bad in the middle") { object.extents[1].digest[3] ^= 1; }
  SUBCASE("more than there is") {
    object.extents.push_back({1600, 9000, {}});
    object.last_extent_from = 9000;
  }
  const bool good =
      object.extents.size() == 2 && object.extents[1].digest == digest_of(std::string(900, 'b'));
  restore.expect(object);
  restore.feed();
  CHECK(restore.restorer.finish().damaged_count == (good ? 0 : 1));
}

TEST_CASE("an object that is not read to its end is damaged, what comes behind is not") {
  Restore restore;
  restore.expect(restore.add_file("cut", std::string(3000, 'a')));
  const std::size_t second = restore.stream.size();
  restore.expect(restore.add_file("second", "b"));
  restore.expect(restore.add_file("never-read", "c"));
  restore.feed(512, 0, 1024);
  restore.feed(512, second, second + 1024);
  const RestoreSummary summary = restore.restorer.finish();
  CHECK(summary.objects_restored == 1);
  REQUIRE(summary.damaged.size() == 2);
  CHECK(summary.damaged[0].path == "cut");
  CHECK(summary.damaged[0].reason == "the tape was not read to its end");
  CHECK(summary.damaged[1].path == "never-read");
  CHECK(summary.damaged[1].reason == "it was not read");
}

TEST_CASE("a sparse file gets its holes and its length back") {
  const std::string map = "3\n0\n512\n1048576\n3\n2000000\n0\n";
  std::string data = map + std::string(512 - map.size(), '\0') + std::string(512, 's') + "end";
  Restore restore;
  restore.expect(restore.add({.path = "holes", .size = data.size()}, ObjectKind::sparse_file, data,
                             test::pax_record("GNU.sparse.major", "1") +
                                 test::pax_record("GNU.sparse.minor", "0") +
                                 test::pax_record("GNU.sparse.name", "holes") +
                                 test::pax_record("GNU.sparse.realsize", "2000000")));
  restore.feed();
  CHECK(restore.restorer.finish().objects_restored == 1);
  const std::string content = restore.read("holes");
  REQUIRE(content.size() == 2'000'000);
  CHECK(content.substr(0, 512) == std::string(512, 's'));
  CHECK(content.substr(1 << 20, 4) == std::string("end\0", 4));
  struct stat status {};
  REQUIRE(stat((restore.folder.path() + "/holes").c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 < 100'000);
}

TEST_CASE("links, directories, fifos and times to the nanosecond") {
  Restore restore;
  restore.expect(restore.add({.path = "d/", .type = '5', .mode = 0555}, ObjectKind::directory));
  restore.expect(restore.add({.path = "d/file", .size = 1, .mode = 04711}, ObjectKind::file, "x",
                             test::pax_record("mtime", "1500000000.987654321")));
  restore.expect(
      restore.add({.path = "d/hard", .type = '1', .link_path = "d/file"}, ObjectKind::hard_link));
  restore.expect(restore.add({.path = "d/soft", .type = '2', .link_path = "../../else"},
                             ObjectKind::symbolic_link));
  restore.expect(restore.add({.path = "d/pipe", .type = '6', .mode = 0620}, ObjectKind::fifo));
  restore.feed();
  std::vector<std::uint8_t> directory;
  append_be(directory, 2, 2);
  test::append(directory, "d/");
  directory.resize(directory.size() + 24);
  append_be(directory, 8, static_cast<std::uint64_t>(-1));  // one nanosecond before 1970
  append_be(directory, 8, 0);
  append_be(directory, 4, 040555);
  append_be(directory, 4, getuid());
  append_be(directory, 4, getgid());
  restore.restorer.finish_directories(directory);
  const RestoreSummary summary = restore.restorer.finish();
  CHECK(summary.damaged_count == 0);
  CHECK(summary.objects_restored == 5);
  const std::string base = restore.folder.path() + "/d";
  struct stat file {
  }, hard{}, pipe{}, folder{};
  REQUIRE(lstat((base + "/file").c_str(), &file) == 0);
  REQUIRE(lstat((base + "/hard").c_str(), &hard) == 0);
  REQUIRE(lstat((base + "/pipe").c_str(), &pipe) == 0);
  REQUIRE(lstat(base.c_str(), &folder) == 0);
  CHECK(file.st_ino == hard.st_ino);
  CHECK(file.st_mode == (S_IFREG | 04711));
  CHECK(file.st_mtim.tv_sec == 1'500'000'000);
  CHECK(file.st_mtim.tv_nsec == 987'654'321);
  CHECK(pipe.st_mode == (S_IFIFO | 0620));
  CHECK(folder.st_mode == (S_IFDIR | 0555));
  CHECK(folder.st_mtim.tv_sec == -1);
  CHECK(folder.st_mtim.tv_nsec == 999'999'999);
  CHECK(fs::read_symlink(base + "/soft") == "../../else");
  chmod(base.c_str(), 0755);
}

TEST_CASE("access control lists and extended attributes come back, and none is inherited") {
  Restore restore;
  restore.expect(restore.add({.path = "d/", .type = '5', .mode = 0755}, ObjectKind::directory, {},
                             test::pax_record("SCHILY.acl.default",
                                              "user::rwx,user:1000:rwx,group::r-x,mask::rwx,"
                                              "other::r-x")));
  restore.expect(restore.add({.path = "d/plain", .size = 1, .mode = 0640}, ObjectKind::file, "x"));
  restore.expect(restore.add({.path = "d/sub/", .type = '5', .mode = 0750}, ObjectKind::directory));
  restore.expect(
      restore.add({.path = "d/listed", .size = 1, .mode = 0460}, ObjectKind::file, "x",
                  test::pax_record("SCHILY.acl.access",
                                   "user::r--,user:1000:rw-,group::r--,mask::rw-,other::---") +
                      test::pax_record("SCHILY.xattr.user.name", std::string("v\0w", 3))));
  restore.feed();
  const RestoreSummary summary = restore.restorer.finish();
  for (const auto& damaged : summary.damaged) FAIL_CHECK(damaged.path << ": " << damaged.reason);
  const auto attribute_bytes = [&](const char* path, const char* name) {
    return getxattr((restore.folder.path() + path).c_str(), name, nullptr, 0);
  };
  constexpr ssize_t five_entries = 4 + 5 * 8;
  CHECK(attribute_bytes("/d", "system.posix_acl_default") == five_entries);
  CHECK(attribute_bytes("/d/plain", "system.posix_acl_access") == -1);
  CHECK(attribute_bytes("/d/sub", "system.posix_acl_default") == -1);
  CHECK(attribute_bytes("/d/sub", "system.posix_acl_access") == -1);
  CHECK(attribute_bytes("/d/listed", "system.posix_acl_access") == five_entries);
  CHECK(attribute_bytes("/d/listed", "user.name") == 3);
  struct stat plain {
  }, listed{};
  REQUIRE(stat((restore.folder.path() + "/d/plain").c_str(), &plain) == 0);
  REQUIRE(stat((restore.folder.path() + "/d/listed").c_str(), &listed) == 0);
  CHECK(plain.st_mode == (S_IFREG | 0640));
  CHECK(listed.st_mode == (S_IFREG | 0460));
}

TEST_CASE("nothing on a tape leads a restore out of the target folder") {
  Restore restore(true);
  test::TemporaryFolder outside;
  restore.expect(restore.add({.path = "trap", .type = '2', .link_path = outside.path()},
                             ObjectKind::symbolic_link));
  restore.expect(restore.add_file("trap/through", "x"));
  restore.expect(restore.add_file("../up", "x"));
  restore.expect(restore.add_file("/absolute", "x"));
  restore.expect(restore.add_file("a/../b", "x"));
  restore.expect(restore.add_file("a//b", "x"));
  restore.expect(restore.add_file("trap/", "x"));
  auto zero = restore.add_file("zero", "x");
  zero.path = std::string("ze\0ro", 5);
  restore.expect(zero);
  restore.expect(restore.add({.path = "hard", .type = '1', .link_path = "../../etc/passwd"},
                             ObjectKind::hard_link));
  restore.expect(restore.add({.path = "trap", .type = '5', .mode = 0777}, ObjectKind::directory));
  restore.feed();
  const RestoreSummary summary = restore.restorer.finish();
  CHECK(fs::is_empty(outside.path()));
  // The link itself; the file that replaced it, which is what overwriting means; and the directory.
  CHECK(summary.objects_restored == 3);
  CHECK(summary.damaged_count == 7);
}

TEST_CASE("what exists is left or replaced, as asked") {
  for (const bool overwrite : {false, true}) {
    Restore restore(overwrite);
    test::TemporaryFolder outside;
    std::ofstream(outside.path() + "/precious") << "old";
    fs::create_symlink(outside.path() + "/precious", restore.folder.path() + "/link");
    std::ofstream(restore.folder.path() + "/file") << "old";
    restore.expect(restore.add_file("file", "new"));
    restore.expect(restore.add_file("link", "new"));
    restore.feed();
    const RestoreSummary summary = restore.restorer.finish();
    CHECK(summary.damaged_count == (overwrite ? 0 : 2));
    if (!overwrite) CHECK(summary.damaged[0].reason == "exists");
    CHECK(restore.read("file") == (overwrite ? "new" : "old"));
    std::ifstream precious(outside.path() + "/precious");
    CHECK(std::string(std::istreambuf_iterator<char>(precious), {}) == "old");
  }
}

TEST_CASE("what the tape holds must be what the catalog says") {
  Restore restore;
  auto other_kind = restore.add_file("kind", "x");
  other_kind.kind = ObjectKind::directory;
  auto longer = restore.add_file("longer", "x");
  longer.end_offset += 512;
  auto nowhere = restore.add_file("nowhere", std::string(600, 'n'));
  nowhere.header_offset += 512;
  restore.expect(other_kind);
  restore.expect(longer);
  restore.expect(nowhere);
  restore.expect(restore.add_file("good", "x"));
  restore.feed();
  const RestoreSummary summary = restore.restorer.finish();
  CHECK(summary.damaged_count == 2 + 1);
  CHECK(summary.objects_restored == 1);
}

TEST_CASE("paths longer than PATH_MAX are restored") {
  Restore restore;
  std::string path;
  for (int i = 0; i < 30; ++i) path += std::string(200, static_cast<char>('a' + i % 26)) + "/";
  path += "file";
  auto object = restore.add({.path = "file", .size = 4}, ObjectKind::file, "deep",
                            test::pax_record("path", path));
  object.path = path;
  restore.expect(object);
  restore.feed();
  CHECK(restore.restorer.finish().objects_restored == 1);
}

TEST_CASE("malformed batches are refused whole") {
  Restore restore;
  auto packed = pack(restore.add_file("file", "x"));
  packed.pop_back();
  CHECK_FALSE(restore.restorer.expect(packed));
  auto disordered = restore.add_file("file", "x");
  disordered.extents = {{10, 20, {}}, {5, 30, {}}};
  disordered.last_extent_from = 30;
  CHECK_FALSE(restore.restorer.expect(pack(disordered)));
  CHECK(restore.restorer.finish().damaged_count == 0);
}
