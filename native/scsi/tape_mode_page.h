// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

/// Mode pages of a tape drive (SSC-5 8.3, SPC-5 7.5). A decoder takes one page with its header, as
/// `find_mode_page` gives it; nothing where it is another page, or too short for what is always in
/// it. Fields behind the end of a short page are zero.
///
/// An encoder takes the values and the page that the device sent: what is no field of the struct
/// stays bit for bit, fields behind the end of a short page are left out, and PS is cleared, which
/// is reserved in MODE SELECT (SPC-5 7.5.7). Without a page it makes a new one of the standard's
/// length.
namespace tidemark::scsi {

/// Page 0Fh (SSC-5 8.3.2).
struct DataCompression {
  /// DCE: compress what is written.
  bool compress = false;
  /// DCC: the drive can.
  bool capable = false;
  /// DDE: decompress what is read.
  bool decompress = false;
  /// RED, 0 to 3: what to report where decompression changes.
  std::uint8_t report_exception = 0;
  std::uint32_t compression_algorithm = 0;
  std::uint32_t decompression_algorithm = 0;

  bool operator==(const DataCompression&) const = default;
};
[[nodiscard]] std::optional<DataCompression> decode_data_compression(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_data_compression(const DataCompression& values,
                                                                Bytes page = {});

/// Page 10h (SSC-5 8.3.3).
struct DeviceConfiguration {
  /// CAF, CAP: change the active format, the active partition; both obsolete.
  bool change_active_format = false;
  bool change_active_partition = false;
  std::uint8_t active_format = 0;
  std::uint8_t active_partition = 0;
  std::uint8_t write_buffer_full_ratio = 0;
  std::uint8_t read_buffer_empty_ratio = 0;
  /// In units of 100 ms: how long the drive may hold written data in its buffer. 0: for ever.
  std::uint16_t write_delay_time = 0;
  /// OBR: RECOVER BUFFERED DATA is there.
  bool object_buffer_recovery = false;
  /// LOIS: the medium has object identifiers, READ POSITION and LOCATE are there.
  bool object_identifiers = false;
  /// RSMK, obsolete.
  bool report_setmarks = false;
  /// AVC.
  bool automatic_velocity_control = false;
  /// SOCF, 0 to 3: stop on consecutive filemarks.
  std::uint8_t stop_on_consecutive_filemarks = 0;
  /// RBO.
  bool recover_buffer_order = false;
  /// REW: reads report early warning.
  bool report_early_warning = false;
  std::uint8_t gap_size = 0;
  /// EOD DEFINED, 0 to 7.
  std::uint8_t end_of_data_defined = 0;
  /// EEG.
  bool enable_end_of_data_generation = false;
  /// SEW: the buffer is written out at early warning.
  bool synchronize_at_early_warning = false;
  /// SWP.
  bool software_write_protect = false;
  /// BAML: BAM decides; otherwise the mode follows the commands.
  bool block_address_mode_lock = false;
  /// BAM: explicit addresses.
  bool explicit_block_address_mode = false;
  /// Bytes, 24 bits.
  std::uint32_t buffer_size_at_early_warning = 0;
  /// 0 off, 1 on with the default algorithm.
  std::uint8_t select_compression = 0;
  /// WTRE, 0 to 3: WORM tamper read enable.
  std::uint8_t worm_tamper_read_enable = 0;
  /// OIR: commands are accepted only under a reservation.
  bool only_if_reserved = false;
  /// REWIND ON RESET, 0 to 3: 0 as the vendor likes, 1 yes, 2 no.
  std::uint8_t rewind_on_reset = 0;
  /// ASOCWP, PERSWP, PRMWP.
  bool associated_write_protect = false;
  bool persistent_write_protect = false;
  bool permanent_write_protect = false;

  bool operator==(const DeviceConfiguration&) const = default;
};
[[nodiscard]] std::optional<DeviceConfiguration> decode_device_configuration(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_device_configuration(
    const DeviceConfiguration& values, Bytes page = {});

/// Page 10h, subpage 01h (SSC-5 8.3.8).
struct DeviceConfigurationExtension {
  /// TARPF, TASER, TARPC, TAPLSD: how TapeAlert answers.
  bool tape_alert_respect_parameter_fields = false;
  bool tape_alert_select_exception_reporting = false;
  bool tape_alert_respect_page_control = false;
  bool tape_alert_prevent_log_sense_deactivation = false;
  /// WRITE MODE, 0 to 15: 0 overwriting allowed, 1 append only.
  std::uint8_t write_mode = 0;
  /// SHORT ERASE MODE, 0 to 15.
  std::uint8_t short_erase_mode = 0;
  /// PEWS: programmable early warning starts this many megabytes (10^6) before early warning.
  std::uint16_t programmable_early_warning_mb = 0;
  /// VCELBRE: volume containing encrypted logical blocks requires encryption.
  bool encrypted_volume_requires_encryption = false;

  bool operator==(const DeviceConfigurationExtension&) const = default;
};
[[nodiscard]] std::optional<DeviceConfigurationExtension> decode_device_configuration_extension(
    Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_device_configuration_extension(
    const DeviceConfigurationExtension& values, Bytes page = {});

/// Page 11h (SSC-5 8.3.4).
struct MediumPartitions {
  /// Beside partition 0.
  std::uint8_t maximum_additional = 0;
  std::uint8_t additional = 0;
  /// FDP, SDP, IDP: partitions as the drive fixes them, as the drive selects, as this page says.
  bool fixed = false;
  bool selected = false;
  bool initiator_defined = false;
  /// PSUM: the unit of `sizes`.
  enum class Unit : std::uint8_t {
    bytes = 0,
    kilobytes = 1,
    megabytes = 2,
    /// 10 to the power of `size_exponent` bytes.
    by_exponent = 3
  };
  Unit unit = Unit::bytes;
  /// POFM: partition only on FORMAT MEDIUM.
  bool on_format_medium = false;
  /// CLEAR, ADDP.
  bool clear = false;
  bool additional_only = false;
  /// MEDIUM FORMAT RECOGNITION.
  std::uint8_t format_recognition = 0;
  /// PARTITIONING TYPE, 0 to 15.
  std::uint8_t partitioning_type = 0;
  /// PARTITION UNITS, 0 to 15.
  std::uint8_t size_exponent = 0;
  /// One a partition, in units; FFFFh: all that is left.
  std::vector<std::uint16_t> sizes;

  bool operator==(const MediumPartitions&) const = default;
};
[[nodiscard]] std::optional<MediumPartitions> decode_medium_partitions(Bytes page);
/// The page grows or shrinks with the number of sizes.
[[nodiscard]] std::vector<std::uint8_t> encode_medium_partitions(const MediumPartitions& values,
                                                                 Bytes page = {});

/// Page 1Dh of a tape drive (SSC-5 8.3.7).
struct MediumConfiguration {
  /// WORMM: the medium can be written once.
  bool worm = false;
  /// WORM MODE LABEL RESTRICTIONS: 0 none may be overwritten, 1 some, 2 all.
  std::uint8_t worm_label_restrictions = 0;
  /// WORM MODE FILEMARKS RESTRICTIONS: 2 any number before end of data, 3 all but the one next to
  /// beginning of partition may be overwritten.
  std::uint8_t worm_filemark_restrictions = 0;

  bool operator==(const MediumConfiguration&) const = default;
};
[[nodiscard]] std::optional<MediumConfiguration> decode_medium_configuration(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_medium_configuration(
    const MediumConfiguration& values, Bytes page = {});

/// Page 0Ah, subpage F0h (SSC-5 8.3.9): logical block protection.
struct ControlDataProtection {
  /// LOGICAL BLOCK PROTECTION METHOD.
  enum class Method : std::uint8_t { none = 0, reed_solomon = 1, crc32c = 2 };
  /// A method that is none of these comes as its number.
  Method method = Method::none;
  /// Bytes behind each block; 4 in both methods.
  std::uint8_t information_bytes = 0;
  /// LBP_W, LBP_R: on WRITE, on READ and VERIFY.
  bool on_write = false;
  bool on_read = false;
  /// RBDP: on RECOVER BUFFERED DATA.
  bool on_recover = false;

  bool operator==(const ControlDataProtection&) const = default;
};
[[nodiscard]] std::optional<ControlDataProtection> decode_control_data_protection(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_control_data_protection(
    const ControlDataProtection& values, Bytes page = {});

}  // namespace tidemark::scsi
