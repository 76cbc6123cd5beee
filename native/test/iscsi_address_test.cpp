// SPDX-License-Identifier: Apache-2.0
#include "transport/iscsi_address.h"

#include <doctest/doctest.h>

#include <string>

using namespace tidemark;

namespace {

std::optional<IscsiAddress> parse(std::string_view url, const ChapEnvironment& environment = {}) {
  return parse_iscsi_url(url, environment);
}

}  // namespace

TEST_CASE("a URL names portal, target and logical unit; the port has a default") {
  const auto address = parse("iscsi://tape.example:3333/iqn.2026-01.example:vtl/4");
  REQUIRE(address);
  CHECK(address->portal == "tape.example:3333");
  CHECK(address->target == "iqn.2026-01.example:vtl");
  CHECK(address->lun == 4);
  CHECK_FALSE(address->credentials);
  CHECK(address->text() == "tape.example:3333/iqn.2026-01.example:vtl/4");
  CHECK(parse("iscsi://10.0.0.1/iqn.x/0")->portal == "10.0.0.1:3260");
  CHECK(parse("iscsi://[::1]/iqn.x/0")->portal == "[::1]:3260");
  CHECK(parse("iscsi://[::1]:99/iqn.x/16383")->portal == "[::1]:99");
}

TEST_CASE("credentials stand before the last @, and never in the text") {
  for (const char* url : {"iscsi://joe%s3cret/@x@h/iqn.x/0", "iscsi://joe:s3cret/@x@h/iqn.x/0"}) {
    const auto address = parse(url);
    REQUIRE(address);
    REQUIRE(address->credentials);
    CHECK(address->credentials->user == "joe");
    CHECK(address->credentials->password == "s3cret/@x");
    CHECK(address->portal == "h:3260");
    CHECK(address->text().find("s3cret") == std::string::npos);
    CHECK(address->text().find("joe") == std::string::npos);
  }
}

TEST_CASE("what the URL does not give comes from the environment") {
  const ChapEnvironment environment{"joe", "secret", "target", "proof"};
  auto address = parse("iscsi://h/iqn.x/0", environment);
  REQUIRE(address->credentials);
  CHECK(address->credentials->user == "joe");
  REQUIRE(address->target_credentials);
  CHECK(address->target_credentials->password == "proof");
  address = parse("iscsi://jim@h/iqn.x/0", environment);
  CHECK(address->credentials->user == "jim");
  CHECK(address->credentials->password == "secret");
  CHECK_FALSE(
      parse("iscsi://h/iqn.x/0", {nullptr, nullptr, "target", "proof"})->target_credentials);
}

TEST_CASE("anything else is refused") {
  const std::string longest(224, 'a');
  const std::string urls[] = {"",
                              "iscsi://",
                              "http://h/iqn.x/0",
                              "iscsi://h",
                              "iscsi://h/iqn.x",
                              "iscsi://h/iqn.x/",
                              "iscsi://h/iqn.x/-1",
                              "iscsi://h/iqn.x/16384",
                              "iscsi://h/iqn.x/1x",
                              "iscsi://h//0",
                              "iscsi:///iqn.x/0",
                              "iscsi://h/iqn.x/y/0",
                              "iscsi://h:0/iqn.x/0",
                              "iscsi://h:99999/iqn.x/0",
                              "iscsi://h:/iqn.x/0",
                              "iscsi://::1/iqn.x/0",
                              "iscsi://h/iqn.x/0?header_digest=none",
                              "iscsi://joe@h/iqn.x/0",
                              "iscsi://%secret@h/iqn.x/0",
                              "iscsi://joe%@h/iqn.x/0",
                              "iscsi://h/" + longest + "/0",
                              "iscsi://" + longest + "%secret@h/iqn.x/0",
                              "iscsi://joe%" + longest + "@h/iqn.x/0",
                              "iscsi://" + longest + "/iqn.x/0"};
  for (const auto& url : urls) {
    CAPTURE(url);
    CHECK_FALSE(parse(url));
  }
}

TEST_CASE("the default initiator name has the form of one") {
  const auto name = default_initiator_name();
  CHECK(name.starts_with("iqn.2026-01.local.tidemark:"));
  CHECK(name.size() <= 223);
  CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.:-") == std::string::npos);
}
