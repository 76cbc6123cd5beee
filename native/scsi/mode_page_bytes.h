// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scsi/bytes.h"

/// What the codecs of mode pages have in common (SPC-5 7.5.7).
namespace tidemark::scsi {

/// The page as far as its own length goes; empty where it is another page, in subpage format, or
/// has less than `least` bytes.
[[nodiscard]] Bytes checked_mode_page(Bytes page, std::uint8_t code, std::size_t least);
[[nodiscard]] Bytes checked_mode_subpage(Bytes page, std::uint8_t code, std::uint8_t subpage,
                                         std::size_t least);

/// The page that the device sent, for MODE SELECT: PS cleared. Without one a new page of zeroes
/// with its header, `bytes` long.
[[nodiscard]] std::vector<std::uint8_t> begin_mode_page(Bytes page, std::uint8_t code,
                                                        std::size_t bytes);
[[nodiscard]] std::vector<std::uint8_t> begin_mode_subpage(Bytes page, std::uint8_t code,
                                                           std::uint8_t subpage, std::size_t bytes);

}  // namespace tidemark::scsi
