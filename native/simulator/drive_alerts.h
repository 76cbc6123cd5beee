// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace tidemark::simulator::tape_alert {

/// Numbers of the TapeAlert flags that a simulated drive raises (SSC-5 annex A), some of them with
/// a fault plan only.
inline constexpr std::uint8_t hard_error = 3;
inline constexpr std::uint8_t medium = 4;
inline constexpr std::uint8_t read_failure = 5;
inline constexpr std::uint8_t write_failure = 6;
inline constexpr std::uint8_t write_protect = 9;
inline constexpr std::uint8_t removal_prevented = 10;
inline constexpr std::uint8_t cleaning_medium = 11;
inline constexpr std::uint8_t directory_corrupted = 18;
inline constexpr std::uint8_t clean_now = 20;
inline constexpr std::uint8_t clean_periodic = 21;
inline constexpr std::uint8_t hardware_b = 31;
inline constexpr std::uint8_t worm_overwrite_attempted = 60;

inline constexpr std::array<std::uint8_t, 12> raised_by_drives{
    hard_error,      medium,
    read_failure,    write_failure,
    write_protect,   removal_prevented,
    cleaning_medium, directory_corrupted,
    clean_now,       clean_periodic,
    hardware_b,      worm_overwrite_attempted};

}  // namespace tidemark::simulator::tape_alert
