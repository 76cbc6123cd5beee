// SPDX-License-Identifier: Apache-2.0
#include "stream/xxh3.h"

#if defined(__x86_64__)
// One build for every machine: the library asks the processor for wider words when it is loaded.
// With those of AVX2 it is as fast as the page cache is read; those of AVX-512 may slow down the
// clock of everything else.
#define XXH_DISPATCH_AVX512 0
#include <xxh_x86dispatch.c>
#else
#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>
#endif

#include <algorithm>

namespace tidemark {
namespace {

#if defined(__x86_64__)
constexpr auto digest_64 = XXH3_64bits_dispatch;
constexpr auto digest_128 = XXH3_128bits_dispatch;
constexpr auto add_to_digest_128 = XXH3_128bits_update_dispatch;
#else
constexpr auto digest_64 = XXH3_64bits;
constexpr auto digest_128 = XXH3_128bits;
constexpr auto add_to_digest_128 = XXH3_128bits_update;
#endif

Digest128 canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Digest128 digest;
  std::copy(std::begin(bytes.digest), std::end(bytes.digest), digest.begin());
  return digest;
}

}  // namespace

std::uint64_t xxh3_64(std::span<const std::uint8_t> bytes) {
  return digest_64(bytes.data(), bytes.size());
}

struct Xxh3Stream::State {
  XXH3_state_t xxh;
};

Xxh3Stream::Xxh3Stream() : state_(std::make_unique<State>()) { restart(); }
Xxh3Stream::~Xxh3Stream() = default;

void Xxh3Stream::restart() { XXH3_128bits_reset(&state_->xxh); }

void Xxh3Stream::update(std::span<const std::uint8_t> bytes) {
  add_to_digest_128(&state_->xxh, bytes.data(), bytes.size());
}

Digest128 Xxh3Stream::digest() const { return canonical(XXH3_128bits_digest(&state_->xxh)); }

Digest128 xxh3_128(std::span<const std::uint8_t> bytes) {
  return canonical(digest_128(bytes.data(), bytes.size()));
}

}  // namespace tidemark
