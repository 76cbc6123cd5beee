// SPDX-License-Identifier: Apache-2.0
#include "stream/owner_names.h"

#include <doctest/doctest.h>

using namespace tidemark;

TEST_CASE("by number, names do not count") {
  OwnerNames owners(true);
  CHECK(owners.user("root", 4711) == 4711);
  CHECK(owners.group("root", 4712) == 4712);
}

TEST_CASE("by name, a number follows the name that it was seen with") {
  OwnerNames owners(false);
  CHECK(owners.user(4711) == 4711);
  CHECK(owners.user("root", 4711) == 0);
  CHECK(owners.user(4711) == 0);
  CHECK(owners.group("root", 4712) == 0);
  CHECK(owners.group(4712) == 0);
  CHECK(owners.user("nobody has this name", 4713) == 4713);
  CHECK(owners.user("", 4714) == 4714);
}
