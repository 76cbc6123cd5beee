// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stream/fingerprint.h"
#include "stream/xxh3.h"

namespace tidemark {

/// What the catalog says about one container (architecture: catalog server).
struct ContainerAnswer {
  enum class Verdict : std::uint8_t { not_listed = 0, partial = 1, complete = 2 };

  Verdict verdict = Verdict::not_listed;
  /// Of a complete container: its entries, and the directory as it was when it was closed.
  std::uint64_t entries = 0;
  Digest128 hash{};
  Fingerprint fingerprint{};
  /// Of a partial one: name length u16, name, fingerprint of each object that is complete.
  std::vector<std::uint8_t> complete_objects;
};

/// Takes one packed answer from the front of `bytes`; nothing where they are malformed.
[[nodiscard]] std::optional<ContainerAnswer> take_container_answer(
    std::span<const std::uint8_t>& bytes);

/// Finds the complete objects of a partial container by name.
class CompleteObjects {
 public:
  CompleteObjects() = default;
  /// `packed` was checked by `take_container_answer`, and must outlive this.
  explicit CompleteObjects(std::span<const std::uint8_t> packed);

  std::optional<Fingerprint> find(std::string_view name) const;
  bool empty() const { return objects_.empty(); }

  struct Object {
    std::string_view name;
    const std::uint8_t* fingerprint;
  };
  /// In the order of their names.
  const std::vector<Object>& objects() const { return objects_; }

 private:
  std::vector<Object> objects_;
};

}  // namespace tidemark
