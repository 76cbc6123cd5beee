// SPDX-License-Identifier: Apache-2.0
#include "stream/xxh3.h"

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <algorithm>

namespace tidemark {
namespace {

Digest128 canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Digest128 digest;
  std::copy(std::begin(bytes.digest), std::end(bytes.digest), digest.begin());
  return digest;
}

}  // namespace

std::uint64_t xxh3_64(std::span<const std::uint8_t> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct Xxh3Stream::State {
  XXH3_state_t xxh;
};

Xxh3Stream::Xxh3Stream() : state_(std::make_unique<State>()) { restart(); }
Xxh3Stream::~Xxh3Stream() = default;

void Xxh3Stream::restart() { XXH3_128bits_reset(&state_->xxh); }

void Xxh3Stream::update(std::span<const std::uint8_t> bytes) {
  XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
}

Digest128 Xxh3Stream::digest() const { return canonical(XXH3_128bits_digest(&state_->xxh)); }

Digest128 xxh3_128(std::span<const std::uint8_t> bytes) {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

}  // namespace tidemark
