// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tidemark {

/// Whom restored files belong to here: by number, or by the name that goes with the number in the
/// archive where that name is known on this machine. Look-ups are remembered.
class OwnerNames {
 public:
  explicit OwnerNames(bool numeric) : numeric_(numeric) {}

  [[nodiscard]] bool numeric() const { return numeric_; }
  /// The local number for an owner of the archive. Learns which number goes with which.
  std::uint32_t user(std::string_view name, std::uint64_t id);
  std::uint32_t group(std::string_view name, std::uint64_t id);
  /// The same for a number alone, as far as its name has been seen.
  [[nodiscard]] std::uint32_t user(std::uint64_t id) const { return local(users_by_id_, id); }
  [[nodiscard]] std::uint32_t group(std::uint64_t id) const { return local(groups_by_id_, id); }

  std::optional<std::uint32_t> user_named(std::string_view name);
  std::optional<std::uint32_t> group_named(std::string_view name);

 private:
  using ByName = std::unordered_map<std::string, std::optional<std::uint32_t>>;
  using ById = std::unordered_map<std::uint64_t, std::uint32_t>;
  static std::uint32_t local(const ById& by_id, std::uint64_t id);

  const bool numeric_;
  ByName users_;
  ByName groups_;
  ById users_by_id_;
  ById groups_by_id_;
};

}  // namespace tidemark
