// SPDX-License-Identifier: Apache-2.0
#include "stream/link_map.h"

#include <doctest/doctest.h>

#include <vector>

namespace tidemark {
namespace {

Fingerprint fingerprint_of(std::uint64_t inode, off_t size) {
  struct stat status {};
  status.st_ino = inode;
  status.st_size = size;
  return Fingerprint::of(status);
}

TEST_CASE("a link points at another path of the same, unchanged object") {
  LinkMap links;
  const auto lock = links.lock();
  links.put(fingerprint_of(1, 10), 512, "a");
  REQUIRE(links.find(fingerprint_of(1, 10), "b") != nullptr);
  CHECK(links.find(fingerprint_of(1, 10), "b")->path == "a");
  CHECK(links.find(fingerprint_of(1, 10), "a") == nullptr);
  CHECK(links.find(fingerprint_of(1, 11), "b") == nullptr);
  CHECK(links.find(fingerprint_of(2, 10), "b") == nullptr);
}

TEST_CASE("a target that links point at is not withdrawn") {
  LinkMap links;
  const auto lock = links.lock();
  const Fingerprint fingerprint = fingerprint_of(1, 10);
  links.put(fingerprint, 512, "a");
  ++links.find(fingerprint, "b")->links;
  CHECK_FALSE(links.withdraw(fingerprint, 512));
  CHECK(links.withdraw(fingerprint, 1024));
  links.put(fingerprint, 2048, "c");
  CHECK(links.withdraw(fingerprint, 2048));
  CHECK(links.find(fingerprint, "b") == nullptr);
}

TEST_CASE("packed targets are loaded whole or not at all") {
  std::vector<std::uint8_t> packed{0, 0, 0, 1};
  const Fingerprint fingerprint = fingerprint_of(7, 70);
  packed.insert(packed.end(), fingerprint.bytes.begin(), fingerprint.bytes.end());
  for (const int byte : {0, 0, 0, 0, 0, 0, 2, 0, 0, 3}) {
    packed.push_back(static_cast<std::uint8_t>(byte));
  }
  for (const char letter : {'d', '/', 'f'}) packed.push_back(static_cast<std::uint8_t>(letter));
  LinkMap links;
  CHECK(links.load(packed));
  {
    const auto lock = links.lock();
    const LinkMap::Target* target = links.find(fingerprint, "other");
    REQUIRE(target != nullptr);
    CHECK(target->path == "d/f");
    CHECK(target->header_offset == 512);
  }
  for (std::size_t length = 1; length < packed.size(); ++length)
    CHECK_FALSE(links.load({packed.data(), length}));
  CHECK(links.load({}));
}

}  // namespace
}  // namespace tidemark
