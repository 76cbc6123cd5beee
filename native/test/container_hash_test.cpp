// SPDX-License-Identifier: Apache-2.0
#include "stream/container_hash.h"

#include <doctest/doctest.h>

#include <vector>

namespace tidemark {
namespace {

Fingerprint fingerprint_of(std::uint64_t inode, mode_t mode = S_IFREG, off_t size = 1) {
  struct stat status {};
  status.st_ino = inode;
  status.st_mode = mode;
  status.st_size = size;
  status.st_mtim = {-2, 500'000'000};
  return Fingerprint::of(status);
}

std::vector<std::uint8_t> entry(std::string_view name, const Fingerprint& fingerprint) {
  std::vector<std::uint8_t> bytes{0, static_cast<std::uint8_t>(name.size())};
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.insert(bytes.end(), fingerprint.bytes.begin(), fingerprint.bytes.end());
  return bytes;
}

TEST_CASE("a fingerprint is big-endian, and its times are signed") {
  const Fingerprint fingerprint = fingerprint_of(0x0102030405060708, S_IFREG | 0644, 77);
  CHECK(fingerprint.bytes[8] == 1);
  CHECK(fingerprint.bytes[15] == 8);
  CHECK(fingerprint.bytes[24] == 0xff);
  CHECK(fingerprint.inode() == 0x0102030405060708);
  CHECK(fingerprint.file_size() == 77);
  CHECK(fingerprint.mode() == (S_IFREG | 0644));
  CHECK(Fingerprint::from(fingerprint.bytes) == fingerprint);
}

TEST_CASE("a directory counts without what changes inside it") {
  const Fingerprint before = fingerprint_of(3, S_IFDIR, 4096);
  const Fingerprint after = fingerprint_of(3, S_IFDIR, 8192);
  CHECK(before != after);
  CHECK(before.as_entry() == after.as_entry());
  CHECK(before.as_entry() != fingerprint_of(4, S_IFDIR, 4096).as_entry());
  CHECK(fingerprint_of(3).as_entry() == fingerprint_of(3));
}

TEST_CASE("the hash is over lengths, names and fingerprints in order") {
  ContainerHash hash;
  hash.add("a", fingerprint_of(1));
  hash.add("bc", fingerprint_of(2, S_IFDIR));
  auto bytes = entry("a", fingerprint_of(1));
  const auto second = entry("bc", fingerprint_of(2, S_IFDIR).as_entry());
  bytes.insert(bytes.end(), second.begin(), second.end());
  CHECK(hash.finish() == xxh3_128(bytes));
  CHECK(hash.entries() == 2);
}

TEST_CASE("an entry that is archived late has its place all the same") {
  ContainerHash in_order;
  in_order.add("a", fingerprint_of(1));
  in_order.add("b", fingerprint_of(2));
  in_order.add("c", fingerprint_of(3));
  const Digest128 expected = in_order.finish();
  ContainerHash hash;
  hash.add("x", fingerprint_of(9));
  hash.restart();
  hash.add("a", fingerprint_of(1));
  const std::size_t place = hash.hold_place("b");
  hash.hold_place("bb");
  hash.add("c", fingerprint_of(3));
  hash.fill_place(place, fingerprint_of(2));
  CHECK(hash.finish() == expected);
  CHECK(hash.entries() == 3);
}

}  // namespace
}  // namespace tidemark
