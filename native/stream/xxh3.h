// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace tidemark {

/// XXH3-64 of a whole record: what BLOCKS records hold.
[[nodiscard]] std::uint64_t xxh3_64(std::span<const std::uint8_t> bytes);

/// XXH3-128 in canonical form (big-endian).
using Digest128 = std::array<std::uint8_t, 16>;

/// Of bytes that are in one piece.
[[nodiscard]] Digest128 xxh3_128(std::span<const std::uint8_t> bytes);

/// XXH3-128 over pieces.
class Xxh3Stream {
 public:
  Xxh3Stream();
  ~Xxh3Stream();
  Xxh3Stream(const Xxh3Stream&) = delete;
  Xxh3Stream& operator=(const Xxh3Stream&) = delete;

  void restart();
  void update(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Digest128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark
