// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/position.h"
#include "simulator/library.h"
#include "simulator/logical_unit.h"
#include "simulator/medium.h"
#include "simulator/write_buffer.h"
#include "transport/process_lock.h"

namespace tidemark::simulator {

/// What was accepted earlier did not reach the medium. The command that gets this was not executed.
[[nodiscard]] Answer deferred_write_error();

/// A drive of a simulated library.
///
/// Writes go to its buffer and from there, the oldest first, to the medium: when the buffer is
/// full, and at every command that synchronises (SSC-5 4.2.10). What is in the buffer when the
/// process is killed is lost; a drive that is closed in order writes it out, as a real one does
/// after its write delay time.
///
/// Only one process, and there one initiator, can use a drive; it is locked with the first command
/// other than INQUIRY. While a cartridge is loaded the robot cannot take it, so the inventory needs
/// to be looked at only while none is.
class Drive : public LogicalUnit {
 public:
  Drive(std::shared_ptr<const Library> library, std::uint16_t number);
  ~Drive() override;

  [[nodiscard]] std::optional<Refusal> acquire() override;

 protected:
  void refresh() override;
  [[nodiscard]] Answer dispatch(const Request& request) override;
  [[nodiscard]] scsi::InquiryData inquiry_data() const override;
  [[nodiscard]] std::string serial_number() const override;
  [[nodiscard]] bool uses_descriptor_sense() const override { return quirks_.descriptor_sense; }

 private:
  // Commands that work without a medium.
  [[nodiscard]] Answer test_unit_ready() const;
  [[nodiscard]] Answer read_block_limits(const Request& request) const;
  [[nodiscard]] Answer mode_sense(const Request& request) const;
  [[nodiscard]] Answer mode_select(const Request& request);
  [[nodiscard]] Answer log_sense(const Request& request);
  [[nodiscard]] Answer load_unload(const Request& request);
  [[nodiscard]] Answer start_stop(const Request& request);
  [[nodiscard]] Answer prevent_allow(const Request& request);

  // Commands on the medium.
  [[nodiscard]] Answer dispatch_medium(const Request& request);
  [[nodiscard]] Answer read(const Request& request);
  [[nodiscard]] Answer end_of_data_read(const Request& request) const;
  [[nodiscard]] Answer write(const Request& request);
  [[nodiscard]] Answer write_filemarks(const Request& request);
  /// SPACE, LOCATE and REWIND, which all synchronise first.
  [[nodiscard]] Answer move_tape(const Request& request);
  [[nodiscard]] Answer space(const Request& request);
  [[nodiscard]] Answer space_blocks(std::int64_t count);
  [[nodiscard]] Answer space_filemarks(std::int64_t count);
  [[nodiscard]] Answer careless_space_blocks(std::int64_t count);
  [[nodiscard]] Answer careless_space_filemarks(std::int64_t count);
  [[nodiscard]] Answer locate(const Request& request);
  [[nodiscard]] Answer locate_object(std::uint64_t number);
  [[nodiscard]] Answer rewind();
  [[nodiscard]] Answer read_position(const Request& request) const;
  [[nodiscard]] Answer untrue_position(const Request& request) const;
  [[nodiscard]] Answer allow_overwrite(const Request& request) const;
  [[nodiscard]] Answer read_attribute(const Request& request) const;

  [[nodiscard]] std::vector<std::uint8_t> mode_pages(std::uint8_t page) const;
  [[nodiscard]] std::vector<std::uint8_t> volume_statistics(std::uint16_t first_parameter) const;
  [[nodiscard]] std::vector<std::uint8_t> take_tape_alerts(std::uint16_t first_parameter);

  /// Writes at least `bytes` of the oldest buffered objects to the medium. False where the medium
  /// failed: the buffer is lost, and the command at hand gets `deferred_write_error`.
  [[nodiscard]] bool destage(std::size_t bytes);
  [[nodiscard]] bool synchronise();
  /// Appends at the place of the oldest buffered object; what lay there and behind it is gone.
  [[nodiscard]] bool append(std::span<const LogicalObject> objects, std::span<const iovec> data);
  [[nodiscard]] bool accept_block(scsi::Bytes block);
  [[nodiscard]] Answer volume_overflow(std::uint64_t residue);
  void lose_buffer();
  void load_medium(const std::string& barcode);
  /// For drives out of which the robot takes loaded cartridges: looks what is there now.
  void follow_robot();
  [[nodiscard]] bool record_cartridge(bool loaded, bool removal_prevented) const;
  [[nodiscard]] std::optional<Cartridge> cartridge() const;

  /// Bytes from the beginning of the tape to here, buffered ones included.
  [[nodiscard]] std::uint64_t bytes_before_here() const;
  [[nodiscard]] bool past_early_warning() const;
  [[nodiscard]] std::uint64_t medium_position() const { return position_ - buffer_.objects(); }
  [[nodiscard]] std::uint16_t element_address() const;

  std::shared_ptr<const Library> library_;
  Quirks quirks_;
  std::uint16_t number_;
  std::optional<ProcessLock> lock_;
  std::unique_ptr<Medium> medium_;
  std::string loaded_barcode_;
  WriteBuffer buffer_;
  /// Next logical object between host and drive; the buffered ones are those right before it.
  std::uint64_t position_ = 0;
  /// The end of the tape was met by a write: no other one until the tape has been moved.
  bool at_end_of_tape_ = false;
  /// Where the tape stood when START STOP UNIT put the cartridge away.
  std::optional<std::uint64_t> put_away_position_;
  bool buffered_mode_ = true;
  bool medium_failed_to_load_ = false;
  bool removal_prevented_ = false;
  std::bitset<65> tape_alerts_;
};

}  // namespace tidemark::simulator
