// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace sense_key {
inline constexpr std::uint8_t no_sense = 0x0;
inline constexpr std::uint8_t recovered_error = 0x1;
inline constexpr std::uint8_t not_ready = 0x2;
inline constexpr std::uint8_t medium_error = 0x3;
inline constexpr std::uint8_t hardware_error = 0x4;
inline constexpr std::uint8_t illegal_request = 0x5;
inline constexpr std::uint8_t unit_attention = 0x6;
inline constexpr std::uint8_t data_protect = 0x7;
inline constexpr std::uint8_t blank_check = 0x8;
inline constexpr std::uint8_t aborted_command = 0xB;
inline constexpr std::uint8_t volume_overflow = 0xD;
}  // namespace sense_key

/// Sense data (SPC-5 4.4), fixed (70h, 71h) or descriptor format (72h, 73h).
struct Sense {
  /// 71h, 73h: it tells of an earlier command. The command that got it was not executed.
  bool deferred = false;
  std::uint8_t key = 0;
  std::uint8_t asc = 0;
  std::uint8_t ascq = 0;
  bool filemark = false;
  bool end_of_medium = false;
  bool incorrect_length = false;
  /// INFORMATION, sign-extended; only where the VALID bit was set.
  std::optional<std::int64_t> information;

  [[nodiscard]] bool is(std::uint8_t wanted_key, std::uint8_t wanted_asc,
                        std::uint8_t wanted_ascq) const {
    return key == wanted_key && asc == wanted_asc && ascq == wanted_ascq;
  }
};

/// Decodes exactly the bytes that were delivered; nothing where they are not sense data at all.
[[nodiscard]] std::optional<Sense> decode_sense(Bytes bytes);

[[nodiscard]] std::vector<std::uint8_t> encode_fixed_sense(const Sense& sense);
[[nodiscard]] std::vector<std::uint8_t> encode_descriptor_sense(const Sense& sense);

}  // namespace tidemark::scsi
