// SPDX-License-Identifier: Apache-2.0
#include "stream/owner_names.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace tidemark {
namespace {

/// Names come from a tape: what is remembered of them stays small.
constexpr std::size_t most_remembered = 4096;
constexpr std::size_t first_look_up_bytes = 4096;
constexpr std::size_t most_look_up_bytes = 1u << 20;

/// `look_up(buffer, size, found)` is getpwnam_r or getgrnam_r; it asks for more room by ERANGE.
template <typename LookUp>
std::optional<std::uint32_t> look_up_by_name(LookUp look_up) {
  for (std::size_t size = first_look_up_bytes; size <= most_look_up_bytes; size *= 4) {
    std::vector<char> buffer(size);
    std::optional<std::uint32_t> id;
    if (look_up(buffer.data(), size, id) != ERANGE) return id;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> look_up_user(const std::string& name) {
  return look_up_by_name([&](char* buffer, std::size_t size, std::optional<std::uint32_t>& id) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = getpwnam_r(name.c_str(), &entry, buffer, size, &found);
    if (found != nullptr) id = found->pw_uid;
    return error;
  });
}

std::optional<std::uint32_t> look_up_group(const std::string& name) {
  return look_up_by_name([&](char* buffer, std::size_t size, std::optional<std::uint32_t>& id) {
    group entry{};
    group* found = nullptr;
    const int error = getgrnam_r(name.c_str(), &entry, buffer, size, &found);
    if (found != nullptr) id = found->gr_gid;
    return error;
  });
}

template <typename ByName, typename LookUp>
std::optional<std::uint32_t> remembered(ByName& names, std::string_view name, LookUp look_up) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return std::nullopt;
  std::string key(name);
  const auto known = names.find(key);
  if (known != names.end()) return known->second;
  if (names.size() >= most_remembered) names.clear();
  const auto id = look_up(key);
  names.emplace(std::move(key), id);
  return id;
}

}  // namespace

std::uint32_t OwnerNames::local(const ById& by_id, std::uint64_t id) {
  const auto known = by_id.find(id);
  return known == by_id.end() ? static_cast<std::uint32_t>(id) : known->second;
}

std::uint32_t OwnerNames::user(std::string_view name, std::uint64_t id) {
  const auto known = numeric_ ? std::nullopt : user_named(name);
  if (!known) return user(id);
  if (users_by_id_.size() < most_remembered) users_by_id_.emplace(id, *known);
  return *known;
}

std::uint32_t OwnerNames::group(std::string_view name, std::uint64_t id) {
  const auto known = numeric_ ? std::nullopt : group_named(name);
  if (!known) return group(id);
  if (groups_by_id_.size() < most_remembered) groups_by_id_.emplace(id, *known);
  return *known;
}

std::optional<std::uint32_t> OwnerNames::user_named(std::string_view name) {
  return remembered(users_, name, look_up_user);
}

std::optional<std::uint32_t> OwnerNames::group_named(std::string_view name) {
  return remembered(groups_, name, look_up_group);
}

}  // namespace tidemark
