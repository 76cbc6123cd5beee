// SPDX-License-Identifier: Apache-2.0
#include "scsi/secret_bytes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

using namespace tidemark::scsi;

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);

TEST_CASE("bytes are overwritten") {
  std::array<std::uint8_t, 32> key{};
  key.fill(0x5A);
  overwrite(key);
  CHECK(std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte == 0; }));
  overwrite({});
}

TEST_CASE("moving hands the one allocation over") {
  const std::array<std::uint8_t, 3> key{1, 2, 3};
  SecretBytes first(key);
  const auto* allocation = first.view().data();
  SecretBytes second(std::move(first));
  CHECK(second.view().data() == allocation);
  CHECK(second.size() == 3);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  SecretBytes third(8);
  CHECK(third.view()[7] == 0);
  third = std::move(second);
  CHECK(third.view().data() == allocation);
  CHECK(third.view()[2] == 3);
  auto& same = third;
  third = std::move(same);
  CHECK(third.size() == 3);
  third.wipe();
  CHECK(third.empty());
  CHECK(third.view().empty());
}
