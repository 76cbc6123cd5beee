// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_attributes.h"

#include <doctest/doctest.h>

#include <string>

#include "tar_bytes.h"

using namespace tidemark;
using test::pax_record;

namespace {

bool decode(std::string_view records, PaxAttributes& attributes) {
  return decode_pax_records({reinterpret_cast<const std::uint8_t*>(records.data()), records.size()},
                            attributes);
}

}  // namespace

TEST_CASE("pax records are decoded, bytes left as they are") {
  PaxAttributes attributes;
  const std::string name = "na\nme=\xFF";
  REQUIRE(decode(pax_record("hdrcharset", "BINARY") + pax_record("path", name) +
                     pax_record("size", "18446744073709551615") + pax_record("vendor.x", "y") +
                     pax_record("SCHILY.xattr.user.a%3Db%25", std::string("v\0=\n", 4)) +
                     pax_record("SCHILY.acl.access", "user::rw-") +
                     pax_record("mtime", "1600000000.123456789"),
                 attributes));
  CHECK(attributes.path == name);
  CHECK(attributes.size == UINT64_MAX);
  REQUIRE(attributes.extended_attributes.size() == 1);
  CHECK(attributes.extended_attributes[0].first == "user.a=b%");
  CHECK(attributes.extended_attributes[0].second == std::string("v\0=\n", 4));
  CHECK(attributes.access_acl == "user::rw-");
  REQUIRE(attributes.mtime);
  CHECK(attributes.mtime->seconds == 1'600'000'000);
  CHECK(attributes.mtime->nanoseconds == 123'456'789);
}

TEST_CASE("times before 1970 and with short or long fractions") {
  PaxAttributes attributes;
  REQUIRE(decode(pax_record("mtime", "-1.25"), attributes));
  CHECK(attributes.mtime->seconds == -2);
  CHECK(attributes.mtime->nanoseconds == 750'000'000);
  REQUIRE(decode(pax_record("mtime", "5.00000000199"), attributes));
  CHECK(attributes.mtime->seconds == 5);
  CHECK(attributes.mtime->nanoseconds == 1);
  CHECK_FALSE(decode(pax_record("mtime", "5.x"), attributes));
  CHECK_FALSE(decode(pax_record("mtime", "99999999999999999999"), attributes));
}

TEST_CASE("an empty value takes an earlier one back") {
  PaxAttributes attributes;
  REQUIRE(decode(pax_record("path", "a") + pax_record("size", "1"), attributes));
  REQUIRE(decode(pax_record("path", "") + pax_record("size", ""), attributes));
  CHECK_FALSE(attributes.path);
  CHECK_FALSE(attributes.size);
}

TEST_CASE("malformed records are refused") {
  PaxAttributes attributes;
  for (const std::string records :
       {"", " ", "8 path=a\n", "11 path=a\n", "10 path=ax", "99999999999999999999 a=b\n",
        "x path=a\n", "10 pathaaa\n", "7 =abc\n", "0 a=b\n", "-6 a=b\n", "3 \n"}) {
    CAPTURE(records);
    CHECK(decode(records, attributes) == records.empty());
  }
  CHECK_FALSE(decode(pax_record(std::string("SCHILY.xattr.user.\0", 19), "v"), attributes));
}
