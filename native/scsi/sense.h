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
inline constexpr std::uint8_t vendor_specific = 0x9;
inline constexpr std::uint8_t copy_aborted = 0xA;
inline constexpr std::uint8_t aborted_command = 0xB;
inline constexpr std::uint8_t volume_overflow = 0xD;
inline constexpr std::uint8_t miscompare = 0xE;
inline constexpr std::uint8_t completed = 0xF;
}  // namespace sense_key

/// The field that a device did not like (SPC-5 4.4.2.4.2), with ILLEGAL REQUEST.
struct SenseFieldPointer {
  /// C/D: in the CDB, otherwise in the parameter data.
  bool in_cdb = false;
  std::uint16_t byte = 0;
  /// The field's most significant bit, where BPV says that it is known.
  std::optional<std::uint8_t> bit;

  bool operator==(const SenseFieldPointer&) const = default;
};

/// Another progress indication (SPC-5 4.4.2.6): of an operation in the background.
struct SenseProgress {
  std::uint8_t key = 0;
  std::uint8_t asc = 0;
  std::uint8_t ascq = 0;
  /// Of 65536.
  std::uint16_t progress = 0;

  bool operator==(const SenseProgress&) const = default;
};

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
  /// SDAT_OVFL: the device had more to say than fitted.
  bool overflow = false;
  /// COMMAND-SPECIFIC INFORMATION; 0 where there is none.
  std::uint64_t command_specific = 0;
  /// FIELD REPLACEABLE UNIT CODE; 0 where there is none.
  std::uint8_t field_replaceable_unit = 0;
  // At most one of these three: the sense key says what SENSE KEY SPECIFIC means (SPC-5 table 48).
  /// ILLEGAL REQUEST.
  std::optional<SenseFieldPointer> field_pointer;
  /// NO SENSE and NOT READY: done so far, of 65536.
  std::optional<std::uint16_t> progress;
  /// RECOVERED ERROR, MEDIUM ERROR and HARDWARE ERROR.
  std::optional<std::uint16_t> retries;
  /// Descriptors of type 0Ah; the fixed format has no place for them.
  std::vector<SenseProgress> other_progress;

  bool operator==(const Sense&) const = default;

  [[nodiscard]] bool is(std::uint8_t wanted_key, std::uint8_t wanted_asc,
                        std::uint8_t wanted_ascq) const {
    return key == wanted_key && asc == wanted_asc && ascq == wanted_ascq;
  }
};

/// Decodes exactly the bytes that were delivered; nothing where they are not sense data at all.
[[nodiscard]] std::optional<Sense> decode_sense(Bytes bytes);

/// 18 bytes. What 32 bits cannot hold goes out as not valid (INFORMATION) or zero.
[[nodiscard]] std::vector<std::uint8_t> encode_fixed_sense(const Sense& sense);
/// `other_progress` as far as ADDITIONAL SENSE LENGTH can cover it.
[[nodiscard]] std::vector<std::uint8_t> encode_descriptor_sense(const Sense& sense);

}  // namespace tidemark::scsi
