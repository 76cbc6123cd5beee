// SPDX-License-Identifier: Apache-2.0
#include "stream/posix_acl.h"

#include <doctest/doctest.h>

#include <vector>

#include "stream/acl_text.h"

namespace tidemark {
namespace {

std::vector<std::uint8_t> example() {
  return {2,  0, 0, 0,                        // version
          1,  0, 6, 0, 255,  255, 255, 255,   // user::rw-
          2,  0, 4, 0, 0xe8, 3,   0,   0,     // user:1000:r--
          4,  0, 4, 0, 255,  255, 255, 255,   // group::r--
          8,  0, 5, 0, 0xd0, 7,   0,   0,     // group:2000:r-x
          16, 0, 7, 0, 255,  255, 255, 255,   // mask::rwx
          32, 0, 0, 0, 255,  255, 255, 255};  // other::---
}

TEST_CASE("an access control list as text, and back") {
  const auto text = decode_acl(example());
  REQUIRE(text);
  CHECK(*text == "user::rw-,user:1000:r--,group::r--,group:2000:r-x,mask::rwx,other::---");
  OwnerNames owners(true);
  const auto back = encode_acl(*text, owners);
  REQUIRE(back);
  CHECK(*back == example());
}

TEST_CASE("what is no access control list stays what it is") {
  auto bytes = example();
  CHECK_FALSE(decode_acl({bytes.data(), bytes.size() - 1}));
  CHECK_FALSE(decode_acl({bytes.data(), 4}));
  CHECK_FALSE(decode_acl({}));
  bytes[0] = 3;
  CHECK_FALSE(decode_acl(bytes));
  bytes[0] = 2;
  bytes[4] = 3;
  CHECK_FALSE(decode_acl(bytes));
  bytes[4] = 1;
  bytes[6] = 8;
  CHECK_FALSE(decode_acl(bytes));
}

}  // namespace
}  // namespace tidemark
