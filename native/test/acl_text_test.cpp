// SPDX-License-Identifier: Apache-2.0
#include "stream/acl_text.h"

#include <doctest/doctest.h>

using namespace tidemark;

TEST_CASE("an access control list becomes the kernel's form, in the kernel's order") {
  OwnerNames owners(true);
  const auto bytes =
      encode_acl("user::rw-,other::---,mask::rw-,user:1000:r-x,group::r--,group:5:--x\n", owners);
  REQUIRE(bytes);
  const std::vector<std::uint8_t> expected{
      2,    0, 0, 0,                          // version
      0x01, 0, 6, 0, 0xFF, 0xFF, 0xFF, 0xFF,  // user::rw-
      0x02, 0, 5, 0, 0xE8, 0x03, 0,    0,     // user:1000:r-x
      0x04, 0, 4, 0, 0xFF, 0xFF, 0xFF, 0xFF,  // group::r--
      0x08, 0, 1, 0, 5,    0,    0,    0,     // group:5:--x
      0x10, 0, 6, 0, 0xFF, 0xFF, 0xFF, 0xFF,  // mask::rw-
      0x20, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,  // other::---
  };
  CHECK(*bytes == expected);
}

TEST_CASE("the forms of other writers are understood") {
  OwnerNames owners(true);
  CHECK(encode_acl("user:joe:rwx:1000", owners) == encode_acl("u:1000:rwx", owners));
  CHECK(encode_acl("user:root:rwx", owners) == encode_acl("user:0:rwx", owners));
  CHECK(encode_acl("default:user::rwx\ndefault:other::r-x", owners) ==
        encode_acl("user::rwx,other::r-x", owners));
  CHECK(encode_acl("user::rwx\t#effective:r-x", owners) == encode_acl("user::rwx", owners));
}

TEST_CASE("lists that make no sense are refused") {
  OwnerNames owners(true);
  for (const char* text :
       {"", "user", "user:::x:y:z:q", "what::rwx", "user::rwz", "user:nobody-of-this-name:r--",
        "user:4294967295:r--", "user:99999999999999999999:r--"}) {
    CAPTURE(text);
    CHECK_FALSE(encode_acl(text, owners));
  }
}
