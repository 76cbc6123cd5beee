// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Seconds, for devices that do not tell their own (a widely used initiator's table for LTO-5 to
/// LTO-9). When a command times out the host aborts it and then resets the device, which throws the
/// drive's buffer away: rather too long than too short.
namespace tidemark::timeout_s {

inline constexpr std::uint32_t general = 60;
inline constexpr std::uint32_t read = 2340;
inline constexpr std::uint32_t write = 1500;
inline constexpr std::uint32_t write_filemarks = 1620;
inline constexpr std::uint32_t rewind = 600;
inline constexpr std::uint32_t locate = 2940;
inline constexpr std::uint32_t space = 2940;
/// The first load of an LTO-9 cartridge calibrates for up to two hours.
inline constexpr std::uint32_t load = 7800;
inline constexpr std::uint32_t unload = 1020;
inline constexpr std::uint32_t move_medium = 1000;
inline constexpr std::uint32_t initialize_element_status = 3600;

}  // namespace tidemark::timeout_s
