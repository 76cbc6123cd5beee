// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "device/classify.h"
#include "device/device.h"
#include "scsi/access_order.h"
#include "scsi/block_limits.h"
#include "scsi/density.h"
#include "scsi/encryption.h"
#include "scsi/position.h"
#include "scsi/tape_mode_page.h"

namespace tidemark {

struct ModeStatus {
  bool write_protected = false;
  std::uint8_t buffered_mode = 0;
  /// 0: variable.
  std::uint32_t block_bytes = 0;
  std::uint8_t density = 0;
  std::uint8_t medium_type = 0;
  bool worm = false;
};

struct Position {
  /// False where the drive says that it does not know (LOLU, LONU): then no other field means
  /// anything.
  bool known = false;
  std::uint32_t partition = 0;
  /// The next logical object between host and drive; blocks and filemarks count.
  std::uint64_t object_number = 0;
  /// Filemarks before here; long form only.
  std::optional<std::uint64_t> file_number;
  bool beginning_of_partition = false;
  bool end_of_partition = false;
  bool beyond_programmable_early_warning = false;
  /// A hint, never a claim: some drives always report an empty buffer.
  std::optional<std::uint64_t> bytes_in_buffer;
};

/// Where LOCATE goes.
struct LocateTarget {
  scsi::LocateDestination destination = scsi::LocateDestination::object;
  std::uint64_t number = 0;
  /// Change to this partition first.
  std::optional<std::uint8_t> partition;
};

/// A tape drive (SSC-5). Block lengths and counts that a command's fields cannot hold are refused
/// before anything is sent.
class TapeDrive : public Device {
 public:
  TapeDrive(std::unique_ptr<Transport> transport, std::string name)
      : Device(std::move(transport), std::move(name), DeviceKind::drive) {}

  // What it can do and how it is set.
  Response<scsi::BlockLimits> read_block_limits();
  /// The largest number that LOCATE takes.
  Response<std::uint64_t> maximum_object_number();
  Response<ModeStatus> mode_status();
  /// Buffered mode, and blocks of this length; 0: variable.
  Result set_block_bytes(std::uint32_t bytes);
  Response<scsi::DataCompression> compression();
  Result set_compression(bool on);
  Response<scsi::DeviceConfiguration> device_configuration();
  Response<scsi::DeviceConfigurationExtension> device_configuration_extension();
  Result set_append_only(bool on);
  /// Megabytes (10^6) before early warning; 0: none.
  Result set_programmable_early_warning(std::uint16_t megabytes);
  Response<scsi::MediumConfiguration> medium_configuration();
  Response<scsi::MediumPartitions> partitions();
  /// For the FORMAT MEDIUM that follows.
  Result set_partitions(const scsi::MediumPartitions& partitions);
  Response<scsi::ControlDataProtection> block_protection();
  /// CRC32C behind each block, in both directions; blocks are handed over without it.
  Result set_block_protection(bool on);
  /// Of the medium in the drive, or of the drive.
  Response<std::vector<scsi::DensityDescriptor>> densities(bool current_medium);
  Response<std::vector<scsi::MediumTypeDescriptor>> medium_types(bool current_medium);

  // How it is.
  /// Log page 11h.
  Response<scsi::DriveStatus> drive_status();
  /// Log page 17h, parameter 203h.
  Response<bool> end_of_data_valid();
  /// Numbers of the TapeAlert flags that are set, page 2Eh. Reading them clears them.
  Response<std::vector<std::uint16_t>> tape_alerts();
  /// The same from page 12h, which clears nothing.
  Response<std::vector<std::uint16_t>> tape_alert_response();
  /// The long form where the drive has it, with the buffer's fill from the extended one.
  Response<Position> read_position();
  Response<Position> read_position_form(scsi::PositionForm form);

  // Encryption by the drive (SSC-5 8.5).
  Response<scsi::EncryptionCapabilities> encryption_capabilities();
  Response<scsi::EncryptionStatus> encryption_status();
  Response<scsi::NextBlockEncryption> next_block_encryption();
  Result set_encryption(const scsi::SetDataEncryption& parameters);

  // Motion. `immediate`: the answer does not wait for the end of it.
  Result rewind(bool immediate = false);
  Result locate(const LocateTarget& target);
  Result locate(std::uint64_t object_number) {
    return locate(LocateTarget{.number = object_number});
  }
  Result space(scsi::SpaceCode code, std::int64_t count);
  Result load_unload(const scsi::LoadUnload& wanted);
  Result load() { return load_unload({.load = true}); }
  Result unload() { return load_unload({.load = false}); }
  Response<scsi::AccessOrder> recommended_access_order(
      const std::vector<scsi::UserDataSegment>& segments);
  Response<scsi::AccessOrderLimits> access_order_limits();

  // What destroys data, or allows to.
  Result erase(bool entire, bool immediate);
  Result format_medium(const scsi::FormatMedium& wanted);
  Result set_capacity(std::uint16_t proportion);
  Result allow_overwrite(std::uint64_t object_number);

  // Data.
  /// One variable-length block: the whole buffer is offered to the drive.
  ReadOutcome read_block(std::span<std::uint8_t> buffer);
  WriteOutcome write_block(std::span<const std::uint8_t> data);
  /// As many blocks of this length as the buffer holds, in fixed-block mode. What ended the read
  /// early may come with the blocks before it.
  ReadOutcome read_blocks(std::span<std::uint8_t> buffer, std::uint32_t block_bytes);
  /// `accepted` counts blocks.
  WriteOutcome write_blocks(std::span<const std::uint8_t> data, std::uint32_t block_bytes);
  /// `immediate` false synchronises; count 0 only synchronises.
  WriteOutcome write_filemarks(std::uint32_t count, bool immediate);
  /// The drive reads a block, and hands nothing over.
  Result verify(std::uint32_t bytes);

 private:
  Response<std::vector<scsi::LogParameter>> log_parameters(std::uint8_t page);
  /// Whether blocks travel protected; asks the drive again where the setting is in doubt.
  [[nodiscard]] bool protects_blocks();
  ReadOutcome read_once(std::span<std::uint8_t> buffer);
  ReadOutcome read_protected(std::span<std::uint8_t> buffer);
  ReadOutcome complete_short_block(std::span<std::uint8_t> buffer, ReadOutcome outcome);

  /// Whether blocks shorter than the buffer arrive whole.
  enum class ShortBlocks : std::uint8_t { unproved, whole };

  bool long_form_rejected_ = false;
  bool extended_form_rejected_ = false;
  bool has_no_locate_16_ = false;
  bool protects_blocks_ = false;
  ShortBlocks short_blocks_ = ShortBlocks::unproved;
  /// A protected block on its way.
  std::vector<std::uint8_t> protected_block_;
};

}  // namespace tidemark
