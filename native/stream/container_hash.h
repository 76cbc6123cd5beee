// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stream/fingerprint.h"
#include "stream/xxh3.h"

namespace tidemark {

/// Number and hash of a container's archived entries: XXH3-128 over name length u16be, name,
/// fingerprint (a directory's as an entry), in the order of the names. Entries come in that order;
/// one whose outcome is not known yet holds its place, and what follows waits for it.
class ContainerHash {
 public:
  ContainerHash() = default;

  void restart();
  /// `name` must stay valid until `finish`.
  void add(std::string_view name, const Fingerprint& fingerprint);
  /// A place for an entry that may still be archived.
  std::size_t hold_place(std::string_view name);
  void fill_place(std::size_t place, const Fingerprint& fingerprint);
  /// Once, after all entries.
  Digest128 finish();
  std::uint64_t entries() const { return entries_; }

 private:
  struct Waiting {
    std::string_view name;
    Fingerprint fingerprint;
    bool archived;
  };
  void take(std::string_view name, const Fingerprint& fingerprint);

  Xxh3Stream stream_;
  std::vector<Waiting> waiting_;
  std::uint64_t entries_ = 0;
};

}  // namespace tidemark
