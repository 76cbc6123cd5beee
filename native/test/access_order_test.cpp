// SPDX-License-Identifier: Apache-2.0
#include "scsi/access_order.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

const std::vector<UserDataSegment> segments{{"file1", 0, 1, 9}, {"file2", 1, 0x100, 0x1FF}};

}  // namespace

TEST_CASE("the request") {
  const auto list = encode_access_order_request(segments);
  CHECK(list.size() == 8 + 2 * 32);
  CHECK(load_be32(list, 4) == 64);
  CHECK(load_be16(list, 8) == 30);
  CHECK(list[8 + 5] == 'f');
  CHECK(list[8 + 32 + 15] == 1);
  CHECK(load_be64(list, 8 + 24) == 9);
  CHECK(decode_access_order_request(list) == segments);
  CHECK_FALSE(decode_access_order_request(std::span(list).first(7)));
}

TEST_CASE("the recommended order") {
  const AccessOrder order{AccessOrderProcess::reorder, 1, segments};
  const auto raw = encode_access_order(order);
  CHECK(raw[0] == 2);
  CHECK(raw[1] == 1);
  CHECK(decode_access_order(raw) == order);
}

TEST_CASE("descriptors with more in them, and none that could be one") {
  auto raw = encode_access_order(AccessOrder{.segments = segments});
  raw.insert(raw.begin() + 8 + 32, 16, 0xEE);
  store_be32(raw, 4, 80);
  store_be16(raw, 8, 46);
  CHECK(decode_access_order(raw)->segments == segments);
  store_be16(raw, 8, 0);
  CHECK(decode_access_order(raw)->segments.empty());
}

TEST_CASE("limits") {
  CHECK(decode_access_order_limits(Raw{0x0A, 0x00, 0x00, 0x20}) == AccessOrderLimits{2560, 32});
  CHECK(encode_access_order_limits({2560, 32}) == Raw{0x0A, 0x00, 0x00, 0x20});
  CHECK_FALSE(decode_access_order_limits(Raw{0x0A, 0x00, 0x00}));
}
