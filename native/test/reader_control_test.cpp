// SPDX-License-Identifier: Apache-2.0
#include "stream/reader_control.h"

#include <doctest/doctest.h>

#include <future>

namespace tidemark {
namespace {

TEST_CASE("the control says how many readers there shall be, until it is stopped") {
  // Each look finds twice as much as the one before: however long it took, it is faster.
  std::uint64_t bytes = 8u << 20;
  bool told = false;
  std::promise<std::uint32_t> first;
  ReaderControl control;
  control.start(
      2, 4,
      [&] {
        ReaderCount::Sample sample;
        sample.bytes = bytes *= 2;
        sample.wants_more = true;
        return sample;
      },
      [&](std::uint32_t count) {
        if (!told) first.set_value(count);
        told = true;
      });
  CHECK(first.get_future().get() == 4);
  control.stop();
  control.stop();
}

TEST_CASE("a control that was never started can be stopped") {
  ReaderControl control;
  control.stop();
}

}  // namespace
}  // namespace tidemark
