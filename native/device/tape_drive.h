// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/classify.h"
#include "device/device.h"
#include "scsi/block_limits.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "scsi/position.h"
#include "transport/transport.h"

namespace tidemark {

struct ModeStatus {
  bool write_protected = false;
  std::uint8_t buffered_mode = 0;
  std::uint32_t block_bytes = 0;
  bool worm = false;
};

struct Position {
  /// False where the drive says that it does not know (LOLU, LONU): then no other field means
  /// anything.
  bool known = false;
  std::uint32_t partition = 0;
  /// The next logical object between host and drive; blocks and filemarks count.
  std::uint64_t object_number = 0;
  bool beginning_of_partition = false;
  bool end_of_partition = false;
  /// A hint, never a claim: some drives always report an empty buffer.
  std::optional<std::uint64_t> bytes_in_buffer;
};

/// A tape drive: each method sends one command, or a short fixed sequence, and waits for the
/// answer. Not thread-safe; it lives on a DeviceThread.
class TapeDrive : public Device {
 public:
  using Device::Device;

  Response<scsi::BlockLimits> read_block_limits();
  Response<ModeStatus> mode_status();
  /// Variable blocks, buffered mode: MODE SELECT(6) of what MODE SENSE(6) gave, with those two
  /// changed.
  Result set_variable_blocks();
  /// Log page 17h, parameter 203h.
  Response<bool> end_of_data_valid();
  /// Numbers of the TapeAlert flags that are set. Reading them clears them.
  Response<std::vector<std::uint16_t>> tape_alerts();
  Response<std::vector<std::uint8_t>> read_attribute(std::uint16_t id);
  Response<Position> read_position();

  Result rewind();
  Result locate(std::uint64_t object_number);
  Result space_filemarks(std::int32_t count);
  Result space_to_end_of_data();
  Result load();
  Result unload();
  Result prevent_removal(bool prevent);
  Result allow_overwrite(std::uint64_t object_number);

  /// One variable-length block: the whole buffer is offered to the drive.
  ReadOutcome read_block(std::span<std::uint8_t> buffer);
  WriteOutcome write_block(std::span<const std::uint8_t> data);
  /// `immediate` false synchronises; count 0 only synchronises.
  WriteOutcome write_filemarks(std::uint32_t count, bool immediate);

 private:
  struct ModeData {
    std::optional<scsi::ModeParameters> parameters;
    Result result;
  };
  struct PositionData {
    std::optional<scsi::PositionData> data;
    Result result;
  };
  struct LogPage {
    std::vector<std::uint8_t> bytes;
    std::optional<std::vector<scsi::LogParameter>> parameters;
    Result result;
  };
  ModeData mode_sense(std::uint8_t page);
  LogPage log_sense(std::uint8_t page, std::uint16_t first_parameter);
  PositionData read_position_form(scsi::PositionForm form);

  bool long_form_rejected_ = false;
  bool extended_form_rejected_ = false;
};

}  // namespace tidemark
