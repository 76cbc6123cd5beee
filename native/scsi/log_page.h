// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace log_page {
inline constexpr std::uint8_t volume_statistics = 0x17;
inline constexpr std::uint8_t tape_alert = 0x2E;
}  // namespace log_page

/// Log page 17h: used capacity of each partition; all ones: end of data is not valid.
inline constexpr std::uint16_t used_capacity_parameter = 0x0203;
inline constexpr std::uint16_t page_valid_parameter = 0x0000;
inline constexpr std::uint8_t tape_alert_flags = 64;

/// One parameter of a log page (SPC-5 7.3.2.2); `value` points into the page.
struct LogParameter {
  std::uint16_t code = 0;
  Bytes value;
};

/// The parameters of this page, walked by their lengths, as far as they were received whole;
/// nothing where the bytes are another page.
[[nodiscard]] std::optional<std::vector<LogParameter>> decode_log_page(Bytes bytes,
                                                                       std::uint8_t page);
[[nodiscard]] std::vector<std::uint8_t> encode_log_page(std::uint8_t page,
                                                        std::span<const LogParameter> parameters);

/// Numbers 1..64 of the flags that are set in page 2Eh.
[[nodiscard]] std::vector<std::uint8_t> set_tape_alert_flags(std::span<const LogParameter> page);

/// Whether page 17h says that end of data of partition 0 is valid; nothing where it does not tell.
[[nodiscard]] std::optional<bool> end_of_data_valid(std::span<const LogParameter> page);

}  // namespace tidemark::scsi
