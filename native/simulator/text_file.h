// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::simulator {

/// The whole file; nothing, and errno, where it cannot be read.
[[nodiscard]] std::optional<std::string> read_text_file(const std::string& path);

/// What the new text must outlive: the end of a process costs nothing, a cut of the host's power
/// costs a wait for the disk.
enum class Survives : std::uint8_t { process_end, power_cut };
/// Replaces the file so that a reader, and a crash, find the old text or the new one. 0, or errno.
[[nodiscard]] int replace_text_file(const std::string& path, std::string_view text,
                                    Survives survives = Survives::power_cut);

/// Lines of `key value`; the value is the rest of the line.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text);

/// The value of a key as a decimal number; nothing where it is missing or no number.
[[nodiscard]] std::optional<std::uint64_t> find_number(
    const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key);
[[nodiscard]] std::optional<std::string> find_text(
    const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key);

}  // namespace tidemark::simulator
