// SPDX-License-Identifier: Apache-2.0
#include "simulator/text_file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "transport/unique_fd.h"

namespace tidemark::simulator {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
  const UniqueFd descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor && ::fsync(descriptor.get()) == 0;
}

}  // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  const UniqueFd descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) return std::nullopt;
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto length = ::read(descriptor.get(), piece.data(), piece.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return std::nullopt;
    if (length == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(length));
  }
}

int replace_text_file(const std::string& path, std::string_view text, Survives survives) {
  // Whoever replaces a file holds the lock that guards it, so one name for the new file is enough.
  const auto temporary = path + ".new";
  UniqueFd descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!descriptor) return errno;
  const bool synchronises = survives == Survives::power_cut;
  if (!write_all(descriptor.get(), text)) return errno;
  if (synchronises && ::fsync(descriptor.get()) != 0) return errno;
  descriptor.reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return errno;
  return !synchronises || sync_folder_of(path) ? 0 : errno;
}

std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto space = line.find(' ');
    if (space == 0 || space == std::string_view::npos) continue;
    pairs.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return pairs;
}

std::optional<std::string> find_text(const std::vector<std::pair<std::string, std::string>>& pairs,
                                     std::string_view key) {
  for (const auto& [name, value] : pairs) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> find_number(
    const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key) {
  const auto text = find_text(pairs, key);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto* end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace tidemark::simulator
