// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "stream/fingerprint.h"

namespace tidemark {

/// Objects with several names: the first one written is the target, later ones are links to it. A
/// target enters once its space in the stream is reserved, so that a link always comes behind it
/// (durability, section 5, step 10). The lock is held from the look-up until then, else two readers
/// would write two targets.
class LinkMap {
 public:
  struct Target {
    Fingerprint fingerprint;
    std::uint64_t header_offset = 0;
    /// The member's path.
    std::string path;
    /// Links written to it.
    std::uint64_t links = 0;
  };

  /// Replaces everything by packed link targets: count u32, then fingerprint, header offset u64,
  /// path length u16, path of each. False where they are malformed.
  [[nodiscard]] bool load(std::span<const std::uint8_t> packed);
  void clear();

  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  // --- Only with the lock held ---

  /// The target that an object with this fingerprint and path may be a link to. An object whose
  /// target has changed since is written whole: the link would restore the old content.
  Target* find(const Fingerprint& fingerprint, std::string_view path);
  void put(const Fingerprint& fingerprint, std::uint64_t header_offset, std::string_view path);
  /// Before the member at this offset is written again: takes the target out. False, and nothing
  /// done, where links to it are in the stream already; they would keep what they have.
  [[nodiscard]] bool withdraw(const Fingerprint& fingerprint, std::uint64_t header_offset);

 private:
  using Inode = std::pair<std::uint64_t, std::uint64_t>;

  std::mutex mutex_;
  std::map<Inode, Target> targets_;
};

}  // namespace tidemark
