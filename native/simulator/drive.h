// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scsi/access_order.h"
#include "scsi/attribute.h"
#include "scsi/cdb.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "scsi/position.h"
#include "simulator/data_encryption.h"
#include "simulator/drive_counters.h"
#include "simulator/drive_settings.h"
#include "simulator/fault_plan.h"
#include "simulator/library.h"
#include "simulator/logical_unit.h"
#include "simulator/medium.h"
#include "simulator/overwrite_allowance.h"
#include "simulator/write_buffer.h"
#include "transport/process_lock.h"

namespace tidemark::simulator {

/// A drive of a simulated library.
///
/// Writes go to its buffer and from there, the oldest first, to the medium: when the buffer is
/// full, and at every command that synchronises (SSC-5 4.2.10). What is in the buffer when the
/// process is killed is lost; a drive that is closed in order writes it out, as a real one does
/// after its write delay time.
///
/// Only one process can use a drive; it is locked with the first command other than INQUIRY. While
/// a cartridge is loaded the robot cannot take it, so the inventory needs to be looked at only
/// while none is.
///
/// A command with IMMED = 1 is carried out before it is answered, as no time passes here; should it
/// fail, that is told with the next command, as a deferred error.
///
/// drive.cpp has the drive and its cartridge; the commands are in files by theme, drive_*.cpp.
class Drive : public LogicalUnit {
 public:
  Drive(std::shared_ptr<const Library> library, std::uint16_t number);
  ~Drive() override;
  void lose_nexus(InitiatorId initiator) override;
  void lose_power(const PowerCut& cut) override;

  [[nodiscard]] std::optional<Refusal> acquire() override;

  [[nodiscard]] bool set_time(VirtualTime& time) override;
  void set_faults(FaultInjector& faults) override;
  void suffer(const FaultEffect& effect, InitiatorId initiator) override;
  [[nodiscard]] Answer drop_buffer(std::uint64_t survivors) override;
  void note_failure(const scsi::Sense& sense) override;
  [[nodiscard]] std::optional<CommandTrace::Block> take_new_block() override {
    return std::exchange(new_block_, std::nullopt);
  }

 protected:
  [[nodiscard]] FaultOccasion occasion_of(const Request& request) override;
  void refresh() override;
  [[nodiscard]] std::span<const CommandEntry> command_table() const override;
  [[nodiscard]] bool knows(std::uint8_t operation_code) const override;
  [[nodiscard]] Answer ready() override;
  [[nodiscard]] Answer medium_access() override;
  [[nodiscard]] std::optional<scsi::Sense> take_deferred_error() override;
  [[nodiscard]] scsi::InquiryData inquiry_data() const override;
  [[nodiscard]] std::string serial_number() const override;
  [[nodiscard]] std::uint64_t world_wide_name() const override;
  [[nodiscard]] std::vector<std::uint8_t> vital_product_pages() const override;
  [[nodiscard]] std::vector<std::uint8_t> vital_product_page(std::uint8_t page) const override;
  [[nodiscard]] bool uses_descriptor_sense() const override { return quirks_.descriptor_sense; }
  [[nodiscard]] bool keep_reservations() override;
  void reservation_lost() override;

 private:
  static const CommandEntry known_commands[];

  // The drive and its cartridge.
  [[nodiscard]] Answer load_unload(const Request& request);
  [[nodiscard]] Answer load();
  [[nodiscard]] Answer unload();
  /// Sequential feed: the cartridge goes home, and the next one comes.
  [[nodiscard]] bool feed_next() const;
  /// Sequential feed: an empty drive takes the first cartridge that there is.
  void feed_first() const;
  [[nodiscard]] Answer start_stop(const Request& request);
  [[nodiscard]] Answer prevent_allow(const Request& request);
  [[nodiscard]] Answer send_diagnostic(const Request& request);
  void load_medium(const std::string& barcode);
  void unload_medium();
  /// In good order.
  void switch_off();
  /// For drives out of which the robot takes loaded cartridges: looks what is there now.
  void follow_robot();
  [[nodiscard]] bool record_cartridge(bool loaded) const;
  [[nodiscard]] std::optional<Cartridge> cartridge() const;
  [[nodiscard]] std::uint16_t element_address() const;
  /// It reads and writes nothing any more.
  void fail_hardware();
  /// Hardware that failed under this plan is so still; under another one it is mended. Only for who
  /// has the lock: whoever is refused must change nothing.
  void find_failure();
  void reset(const DriveReset& reset);
  void swap_cartridge(const std::string& barcode);
  void act_as_other(ForeignAction action);
  /// Whatever the answer is.
  void send_as_other(const scsi::Cdb& cdb, scsi::Bytes data_out = {});
  void reserve_as_other(scsi::ReserveOutAction action, scsi::ReservationType type,
                        std::uint64_t victim);
  void preempt_as_other();
  /// The answer to a command with IMMED: an error waits for the next command.
  [[nodiscard]] Answer at_once(bool immediate, const Answer& answer);

  // Writing.
  [[nodiscard]] Answer write_6(const Request& request);
  [[nodiscard]] Answer write_filemarks_6(const Request& request);
  [[nodiscard]] Answer write_blocks(const Request& request, std::size_t block_bytes,
                                    std::uint32_t count, bool fixed);
  /// What forbids to write here, if anything does.
  [[nodiscard]] std::optional<Answer> refuse_to_write();
  [[nodiscard]] bool only_filemarks_follow() const;
  /// What a write that is done has to tell.
  [[nodiscard]] Answer written(bool was_before_warnings);
  [[nodiscard]] bool has_room_for(const LogicalObject& object) const;
  /// Writes at least `bytes` of the oldest buffered objects to the medium. False where the medium
  /// failed: the buffer is lost, and the command at hand gets `deferred_write_error`.
  [[nodiscard]] bool destage(std::size_t bytes);
  [[nodiscard]] bool synchronise();
  /// What was accepted earlier did not reach the medium. The command that gets this was not
  /// executed.
  [[nodiscard]] Answer deferred_write_error();
  /// Of what is in the buffer; what is behind them is lost.
  void keep_survivors(std::uint64_t count);
  [[nodiscard]] bool end_of_data_is_lost() const {
    return medium_->memory().end_of_data_is_lost(partition_);
  }
  /// The tape ends here for everybody, again.
  [[nodiscard]] bool mark_end_of_data();
  /// How many of the next objects the medium takes; where it takes fewer, it has failed.
  [[nodiscard]] std::uint64_t writable_objects(std::uint64_t count);
  void note_write_failure();
  /// Appends at the place of the oldest buffered object; what lay there and behind it is gone.
  [[nodiscard]] bool append(std::span<const LogicalObject> objects, std::span<const iovec> data);
  /// The first change of the medium after a load changes its volume change reference.
  [[nodiscard]] bool note_change();
  /// How it is to be on the medium.
  [[nodiscard]] LogicalObject object_of(scsi::Bytes block, std::uint32_t key) const;
  [[nodiscard]] bool accept_block(scsi::Bytes block, const LogicalObject& object);
  /// Number of the key to mark blocks with; nothing, where it cannot be kept.
  [[nodiscard]] std::optional<std::uint32_t> writing_key_number(InitiatorId initiator);
  [[nodiscard]] Answer volume_overflow(std::uint64_t residue);
  void lose_buffer();

  // Reading.
  [[nodiscard]] Answer read_6(const Request& request);
  [[nodiscard]] Answer read_one(const Request& request, std::uint32_t length);
  [[nodiscard]] Answer read_fixed(const Request& request, std::uint32_t count);
  [[nodiscard]] Answer verify_6(const Request& request);
  [[nodiscard]] Answer end_of_data_read(const Request& request, bool fixed, std::uint64_t residue);
  [[nodiscard]] std::optional<Answer> refuse_to_read(const LogicalObject& object,
                                                     InitiatorId initiator) const;
  /// Reads a block into `bytes`, as much as fits there; with what protects it, if that is on.
  [[nodiscard]] bool read_block(std::uint64_t number, scsi::MutableBytes bytes);
  void note_read_failure();

  // Motion.
  [[nodiscard]] Answer rewind(const Request& request);
  [[nodiscard]] Answer space_6(const Request& request);
  [[nodiscard]] Answer space_16(const Request& request);
  [[nodiscard]] Answer locate_10(const Request& request);
  [[nodiscard]] Answer locate_16(const Request& request);
  [[nodiscard]] Answer space(std::uint8_t code, std::int64_t count);
  [[nodiscard]] Answer space_blocks(std::int64_t count);
  [[nodiscard]] Answer space_filemarks(std::int64_t count);
  [[nodiscard]] Answer space_sequential_filemarks(std::int64_t count);
  [[nodiscard]] Answer careless_space_blocks(std::int64_t count);
  [[nodiscard]] Answer careless_space_filemarks(std::int64_t count);
  /// Behind the last object, where something was to be found.
  [[nodiscard]] Answer ran_out_of_data(std::int64_t residue);
  [[nodiscard]] Answer locate(std::optional<std::uint8_t> partition, std::uint8_t destination,
                              std::uint64_t target);
  [[nodiscard]] Answer read_position(const Request& request);
  [[nodiscard]] Answer untrue_position(const Request& request) const;
  [[nodiscard]] Answer generate_access_order(const Request& request);
  [[nodiscard]] Answer receive_access_order(const Request& request);
  /// Writes the buffer out and forgets what holds only until the tape moves. False: deferred error.
  [[nodiscard]] bool prepare_motion();

  // The medium as a whole.
  [[nodiscard]] Answer erase_6(const Request& request);
  [[nodiscard]] Answer format_medium(const Request& request);
  [[nodiscard]] Answer set_capacity(const Request& request);
  [[nodiscard]] Answer allow_overwrite(const Request& request);
  [[nodiscard]] Answer format_with(const std::vector<std::uint64_t>& partition_bytes);
  [[nodiscard]] std::optional<Answer> refuse_to_format();

  // Limits, modes, logs, attributes.
  [[nodiscard]] Answer read_block_limits(const Request& request);
  [[nodiscard]] Answer report_density_support(const Request& request);
  [[nodiscard]] Answer mode_sense_6(const Request& request);
  [[nodiscard]] Answer mode_sense_10(const Request& request);
  [[nodiscard]] Answer mode_select_6(const Request& request);
  [[nodiscard]] Answer mode_select_10(const Request& request);
  [[nodiscard]] std::optional<scsi::ModeParameters> mode_parameters(const Request& request) const;
  [[nodiscard]] Answer select_modes(const scsi::ModeParameters& parameters, InitiatorId initiator);
  [[nodiscard]] bool knows_mode_page(std::uint8_t code, std::uint8_t subpage) const;
  [[nodiscard]] scsi::MediumPartitions medium_partitions() const;
  [[nodiscard]] Answer log_sense(const Request& request);
  [[nodiscard]] Answer log_select(const Request& request);
  [[nodiscard]] bool knows_log_page(std::uint8_t page) const;
  [[nodiscard]] std::vector<scsi::LogParameter> log_parameters(std::uint8_t page);
  [[nodiscard]] std::vector<scsi::LogParameter> sequential_access_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> device_status_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> device_statistics_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> volume_statistics_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> compression_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> tape_usage_log() const;
  [[nodiscard]] std::vector<scsi::LogParameter> take_tape_alerts();
  [[nodiscard]] Answer read_attribute(const Request& request);
  [[nodiscard]] Answer write_attribute(const Request& request);
  /// All that there are, ascending.
  [[nodiscard]] std::vector<scsi::Attribute> attributes(std::uint8_t partition) const;

  // Encryption.
  [[nodiscard]] Answer security_protocol_in(const Request& request);
  [[nodiscard]] Answer security_protocol_out(const Request& request);
  [[nodiscard]] std::vector<std::uint8_t> encryption_page(std::uint16_t page,
                                                          InitiatorId initiator) const;
  [[nodiscard]] scsi::NextBlockEncryption next_block_encryption(InitiatorId initiator) const;
  [[nodiscard]] bool volume_has_encrypted_blocks() const;

  [[nodiscard]] Partition& tape() { return medium_->partition(partition_); }
  [[nodiscard]] const Partition& tape() const { return medium_->partition(partition_); }
  /// Of the capacity, what lies from the beginning of the partition to here, with what is in the
  /// buffer.
  [[nodiscard]] std::uint64_t native_bytes_before_here() const;
  [[nodiscard]] bool past_early_warning() const;
  [[nodiscard]] bool past_programmable_early_warning() const;
  [[nodiscard]] std::uint64_t medium_position() const { return position_ - buffer_.objects(); }

  std::shared_ptr<const Library> library_;
  Quirks quirks_;
  std::uint16_t number_;
  std::optional<ProcessLock> lock_;

  std::unique_ptr<Medium> medium_;
  std::string loaded_barcode_;
  bool medium_failed_to_load_ = false;
  /// A cleaning cartridge is in the drive, and has been told of.
  bool cleaning_told_ = false;
  bool volume_change_noted_ = false;
  /// Where the tape stood when START STOP UNIT put the cartridge away.
  std::optional<std::uint64_t> put_away_position_;
  std::set<InitiatorId> preventing_removal_;

  std::uint8_t partition_ = 0;
  WriteBuffer buffer_;
  /// Next logical object between host and drive; the buffered ones are those right before it.
  std::uint64_t position_ = 0;
  /// Of the command at hand.
  std::optional<CommandTrace::Block> new_block_;
  /// Since the last command that synchronised.
  bool has_written_ = false;
  /// The end of the tape was met by a write: no other one until the tape has been moved.
  bool at_end_of_tape_ = false;
  OverwriteAllowance allowance_;
  std::optional<scsi::Sense> deferred_error_;
  /// Of the fault plan; null: there is none.
  FaultInjector* faults_ = nullptr;
  /// Only where its profile gives it a speed.
  std::optional<Streaming> streaming_;
  bool hardware_failed_ = false;
  /// Why the medium took no more, where a fault plan says so.
  std::optional<scsi::Sense> medium_failure_;

  DriveSettings settings_;
  DriveCounters counters_;
  TransferCounters transfers_;
  std::bitset<65> tape_alerts_;
  DataEncryption encryption_;
  /// Of the key that is set, once it was needed.
  std::optional<std::uint32_t> key_number_;
  scsi::AccessOrder access_order_;
};

}  // namespace tidemark::simulator
