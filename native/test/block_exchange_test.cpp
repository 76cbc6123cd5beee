// SPDX-License-Identifier: Apache-2.0
#include "stream/block_exchange.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>
#include <vector>

using namespace tidemark;

TEST_CASE("blocks arrive in order, over several series of different sizes") {
  BlockExchange exchange;
  for (const std::size_t block_bytes : {std::size_t{512}, std::size_t{512}, std::size_t{4096}}) {
    exchange.begin(block_bytes);
    std::vector<std::uint64_t> offsets;
    std::thread user([&] {
      while (const auto block = exchange.next()) {
        CHECK(block->bytes.size() == block_bytes);
        CHECK(block->bytes[0] == static_cast<std::uint8_t>(block->stream_offset));
        offsets.push_back(block->stream_offset);
        exchange.used();
      }
      exchange.drained();
    });
    for (std::uint64_t offset = 0; offset < 100; ++offset) {
      const auto buffer = exchange.empty_buffer();
      REQUIRE(buffer.size() == block_bytes);
      CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % PageBuffer::alignment == 0);
      buffer[0] = static_cast<std::uint8_t>(offset);
      exchange.filled(offset, buffer.size());
    }
    exchange.end();
    user.join();
    CHECK(offsets.size() == 100);
    CHECK(offsets.back() == 99);
  }
}

TEST_CASE("closing lets both sides go, for good") {
  BlockExchange exchange;
  exchange.begin(512);
  for (int i = 0; i < 2; ++i) exchange.filled(0, exchange.empty_buffer().size());
  std::thread closer([&] { exchange.close(); });
  CHECK(exchange.empty_buffer().empty());
  exchange.end();
  CHECK_FALSE(exchange.next());
  closer.join();
  exchange.begin(512);
  CHECK(exchange.empty_buffer().empty());
}
