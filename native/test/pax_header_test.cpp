// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_header.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "stream/pax_reader.h"

namespace tidemark {
namespace {

struct stat plain_status() {
  struct stat status {};
  status.st_mode = S_IFREG | 0640;
  status.st_uid = 1000;
  status.st_gid = 2000;
  status.st_mtim = {1'700'000'000, 0};
  return status;
}

/// What the reading side makes of it.
MemberHeader read_back(std::span<const std::uint8_t> header) {
  PaxReader reader;
  reader.restart();
  CHECK(reader.feed(header) == PaxReader::State::complete);
  CHECK(header.empty());
  return reader.member();
}

TEST_CASE("a plain member has one header") {
  PaxHeaderBuilder builder;
  const struct stat status = plain_status();
  const auto header = builder.build({.path = "a/file", .status = &status, .archived_bytes = 5});
  CHECK(header.size() == 512);
  const MemberHeader member = read_back(header);
  CHECK(member.path == "a/file");
  CHECK(member.mode == 0640);
  CHECK(member.uid == 1000);
  CHECK(member.gid == 2000);
  CHECK(member.archived_bytes == 5);
  CHECK(member.mtime.seconds == 1'700'000'000);
}

TEST_CASE("what ustar cannot say goes into an extended header") {
  PaxHeaderBuilder builder;
  struct stat status = plain_status();
  const std::string path = std::string(300, 'p') + "/f\xff\n";
  const std::string target(101, 't');
  status.st_uid = 3'000'000;
  status.st_gid = 4'000'000'000;
  status.st_mtim.tv_nsec = 1;
  const auto header =
      builder.build({.path = path, .status = &status, .archived_bytes = 1ull << 33});
  CHECK(header.size() == 512 + 512 + 512);
  const std::string text(header.begin(), header.end());
  CHECK(text.find("21 hdrcharset=BINARY\n") == 512);
  const MemberHeader member = read_back(header);
  CHECK(member.path == path);
  CHECK(member.uid == 3'000'000);
  CHECK(member.gid == 4'000'000'000);
  CHECK(member.archived_bytes == 1ull << 33);
  CHECK(member.mtime.nanoseconds == 1);
  const auto link =
      builder.build({.path = "l", .type = '1', .status = &status, .link_target = target});
  CHECK(read_back(link).link_path == target);
  const auto short_link =
      builder.build({.path = "l", .type = '2', .status = &status, .link_target = "short"});
  CHECK(read_back(short_link).link_path == "short");
}

TEST_CASE("times before 1970 count away from zero") {
  PaxHeaderBuilder builder;
  struct stat status = plain_status();
  const struct {
    timespec time;
    const char* text;
  } cases[] = {
      {{-2, 500'000'000}, "mtime=-1.500000000\n"},
      {{-1, 500'000'000}, "mtime=-0.500000000\n"},
      {{-1, 0}, "mtime=-1\n"},
      {{0, 1}, "mtime=0.000000001\n"},
      {{1'234'567'890, 120'000'000}, "mtime=1234567890.120000000\n"},
  };
  for (const auto& [time, text] : cases) {
    status.st_mtim = time;
    const auto header = builder.build({.path = "f", .status = &status});
    CHECK(std::string(header.begin(), header.end()).find(text) != std::string::npos);
    const MemberHeader member = read_back(header);
    CHECK(member.mtime.seconds == time.tv_sec);
    CHECK(member.mtime.nanoseconds == time.tv_nsec);
  }
}

TEST_CASE("S9: a sparse member's header names the file and lies in a folder of its own") {
  PaxHeaderBuilder builder;
  struct stat status = plain_status();
  status.st_size = 1 << 20;
  const auto header = builder.build(
      {.path = "dir/name", .status = &status, .archived_bytes = 1024, .sparse = true});
  const std::string text(header.begin(), header.end());
  CHECK(text.find("dir/GNUSparseFile.0/name") == header.size() - 512);
  const MemberHeader member = read_back(header);
  CHECK(member.sparse);
  CHECK(member.path == "dir/name");
  CHECK(member.real_bytes == 1 << 20);
}

TEST_CASE("attributes of any length find room") {
  PaxHeaderBuilder builder;
  const struct stat status = plain_status();
  std::string records(pax_record(nullptr, "SCHILY.xattr.user.x", std::string(60'000, 'v')), '\0');
  pax_record(reinterpret_cast<std::uint8_t*>(records.data()), "SCHILY.xattr.user.x",
             std::string(60'000, 'v'));
  const auto header = builder.build({.path = "f", .status = &status, .attribute_records = records});
  const MemberHeader member = read_back(header);
  REQUIRE(member.extended_attributes.size() == 1);
  CHECK(member.extended_attributes[0].second.size() == 60'000);
}

TEST_CASE("a record counts its own digits") {
  for (const std::size_t length : {1u, 90u, 91u, 92u, 93u, 989u, 990u, 991u, 9'985u}) {
    const std::string value(length, 'v');
    std::vector<std::uint8_t> bytes(pax_record(nullptr, "k", value));
    CHECK(pax_record(bytes.data(), "k", value) == bytes.size());
    const std::string text(bytes.begin(), bytes.end());
    CHECK(text.starts_with(std::to_string(bytes.size()) + " k="));
    CHECK(text.ends_with("v\n"));
  }
}

TEST_CASE("a filler fills any room, and readers pass over it") {
  for (std::size_t room = 512; room <= 16384; room += 512) {
    std::vector<std::uint8_t> bytes(room, 0xff);
    write_filler(bytes);
    PaxHeaderBuilder builder;
    const struct stat status = plain_status();
    const auto header = builder.build({.path = "behind", .status = &status});
    bytes.insert(bytes.end(), header.begin(), header.end());
    CHECK(read_back(bytes).path == "behind");
  }
}

TEST_CASE("only well-formed UTF-8 is UTF-8") {
  for (const char* good : {"", "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                          "\xf5\x80\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "a\xff"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace tidemark
