// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/generation.h"
#include "simulator/streaming.h"

namespace tidemark::simulator {

/// How a drive differs from the LTO-9 that it is by default. A profile is nothing but data: what is
/// asked here is asked where the command is carried out, and nowhere else is a profile named.
struct Quirks {
  std::string_view profile = "lto-9";
  /// The only operation codes that it knows; empty: everything.
  std::span<const std::uint8_t> known_commands;
  /// The only mode pages that it has; empty: everything.
  std::span<const std::uint8_t> known_mode_pages;

  enum class Position : std::uint8_t {
    truthful,
    /// Nothing but zeros, and no bit says that they mean nothing.
    all_zero,
    /// The short form says that it does not know, the long one gives zeros as if it knew, the
    /// extended one does not exist.
    none,
  };
  Position position = Position::truthful;
  /// Log pages and medium attributes are there, with all values zero.
  bool zero_values = false;
  /// Sense data has the descriptor format.
  bool descriptor_sense = false;

  /// A length that differs from the block's is always told.
  bool ignores_sili = false;
  /// A READ longer than its block delivers as many bytes as are missing, one shorter nothing; a
  /// filemark and the end of data deliver the whole request, of no meaning.
  bool delivers_the_difference = false;
  /// A READ at the end of data tells EOM instead of 00/05; with fixed blocks 3/31/00.
  bool nameless_end_of_data = false;
  /// With fixed blocks a block of another length is 3/31/00, and the tape stays in front of it.
  bool one_fixed_length = false;
  /// ASCQ of early warning; the EOM bit is set in any case.
  std::uint8_t early_warning_ascq = 0x02;
  /// Early warning comes as RECOVERED ERROR instead of NO SENSE.
  bool recovered_early_warning = false;
  /// What did not fit ends nothing but itself: what is in the buffer reaches the tape.
  bool buffer_survives_end = false;
  /// LOCATE to a file ends behind one filemark more, as vendors do not agree on what file 0 is.
  bool file_off_by_one = false;
  /// READ POSITION says that the buffer is empty, whatever is in it, and that it knows this.
  bool empty_buffer = false;
  /// No logical block protection.
  bool no_protection = false;
  /// No mode page 10h/01h: neither append-only mode nor programmable early warning.
  bool no_configuration_extension = false;
  /// It compresses, unless MODE SELECT has switched that off.
  bool compresses = false;
  /// What it does takes time, and its buffer can run dry; nothing: no time passes.
  std::optional<TapeSpeed> speed;
  /// What it says of itself and its media.
  const Generation* generation = find_generation("lto-9");
  /// Behind the capacity the tape goes on for ever.
  bool endless_tape = false;
  /// What is written is on the medium at once.
  bool writes_through = false;
  /// SPACE goes over filemarks while it counts blocks, ends one object too far back while it counts
  /// filemarks backwards, does not tell the beginning and gives no residue at the end of data.
  bool careless_space = false;
  /// LOAD UNLOAD is START STOP UNIT: byte 4 = 2 puts the cartridge away, 3 takes it up where it
  /// was, all else is nothing. The robot takes a cartridge that is loaded. A change of the medium
  /// is not told.
  bool start_stop_unit = false;
};

/// A profile, and behind it any quirks: `lto-8+empty-buffer+no-protection`. Nothing where one of
/// them does not exist.
[[nodiscard]] std::optional<Quirks> find_quirks(std::string_view profile);

/// All of them, for messages.
inline constexpr std::string_view profile_names =
    "lto-5 to lto-10, tgt, zeros or descriptor-sense, and behind it + and the name of a quirk";

}  // namespace tidemark::simulator
