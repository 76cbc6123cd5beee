// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "scsi/bytes.h"
#include "scsi/operation.h"

namespace tidemark {

/// Which way the data of a command goes. It belongs to the command's definition, not to the caller:
/// a data-in CDB that is sent as one without data can take a whole session down.
enum class Direction : std::uint8_t { none, to_device, from_device };

}  // namespace tidemark

namespace tidemark::scsi {

/// A command descriptor block with what every transport must know about it.
struct Cdb {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t length = 0;
  Direction direction = Direction::none;
  /// As in the standard, for messages: `WRITE(6)`. A string literal.
  const char* name = "";

  [[nodiscard]] Bytes view() const { return Bytes(bytes).first(length); }
};

/// Length and count fields of the 6-byte commands have 24 bits.
inline constexpr std::uint32_t maximum_transfer_6 = 0xFFFFFF;

// Primary commands (SPC-5 6).

[[nodiscard]] Cdb test_unit_ready();
[[nodiscard]] Cdb request_sense(bool descriptor_format, std::uint8_t allocation_length);
[[nodiscard]] Cdb inquiry(std::uint16_t allocation_length);
/// INQUIRY with EVPD: a page of vital product data.
[[nodiscard]] Cdb inquiry_page(std::uint8_t page, std::uint16_t allocation_length);

/// PC of MODE SENSE (SPC-5 6.14.1): which values of the pages.
enum class ModePageControl : std::uint8_t {
  current = 0,
  /// A mask: ones where MODE SELECT may change a bit.
  changeable = 1,
  default_values = 2,
  saved = 3
};
/// What MODE SENSE(6) and (10) ask for.
struct ModeSense {
  std::uint8_t page = 0;
  std::uint8_t subpage = 0;
  ModePageControl control = ModePageControl::current;
  /// DBD: leave the block descriptor out.
  bool disable_block_descriptors = false;
  /// LLBAA, (10) only.
  bool long_block_descriptor_accepted = false;
};
[[nodiscard]] Cdb mode_sense_6(std::uint8_t page, std::uint8_t allocation_length);
[[nodiscard]] Cdb mode_sense_6(const ModeSense& wanted, std::uint8_t allocation_length);
[[nodiscard]] Cdb mode_sense_10(const ModeSense& wanted, std::uint16_t allocation_length);
/// PF is set: the list has pages as the standard lays them out. `save`: SP.
[[nodiscard]] Cdb mode_select_6(std::uint8_t list_length, bool save = false);
[[nodiscard]] Cdb mode_select_10(std::uint16_t list_length, bool save = false);

/// PC of LOG SENSE and LOG SELECT (SPC-5 6.8.1).
enum class LogPageControl : std::uint8_t {
  threshold = 0,
  cumulative = 1,
  default_threshold = 2,
  default_cumulative = 3
};
struct LogSense {
  std::uint8_t page = 0;
  std::uint8_t subpage = 0;
  LogPageControl control = LogPageControl::cumulative;
  /// PARAMETER POINTER: parameters from this code on.
  std::uint16_t first_parameter = 0;
  /// SP: save the parameters that can be saved.
  bool save = false;
};
[[nodiscard]] Cdb log_sense(std::uint8_t page, std::uint16_t first_parameter,
                            std::uint16_t allocation_length);
[[nodiscard]] Cdb log_sense(const LogSense& wanted, std::uint16_t allocation_length);
struct LogSelect {
  std::uint8_t page = 0;
  std::uint8_t subpage = 0;
  LogPageControl control = LogPageControl::cumulative;
  /// PCR: set the parameters to their defaults; the list length must be zero then.
  bool reset = false;
  /// SP.
  bool save = false;
};
[[nodiscard]] Cdb log_select(const LogSelect& wanted, std::uint16_t list_length);

[[nodiscard]] Cdb prevent_allow_medium_removal(bool prevent);

/// Service actions of PERSISTENT RESERVE IN (SPC-5 6.16).
enum class ReserveInAction : std::uint8_t {
  read_keys = 0,
  read_reservation = 1,
  report_capabilities = 2,
  read_full_status = 3
};
/// Service actions of PERSISTENT RESERVE OUT (SPC-5 6.17).
enum class ReserveOutAction : std::uint8_t {
  register_key = 0,
  reserve = 1,
  release = 2,
  clear = 3,
  preempt = 4,
  preempt_and_abort = 5,
  register_and_ignore_existing_key = 6,
  register_and_move = 7,
  replace_lost_reservation = 8
};
/// TYPE of a persistent reservation (SPC-5 6.16.3.4).
enum class ReservationType : std::uint8_t {
  write_exclusive = 1,
  exclusive_access = 3,
  write_exclusive_registrants_only = 5,
  exclusive_access_registrants_only = 6,
  write_exclusive_all_registrants = 7,
  exclusive_access_all_registrants = 8
};
[[nodiscard]] Cdb persistent_reserve_in(ReserveInAction action, std::uint16_t allocation_length);
/// SCOPE is always 0, the logical unit. Actions that take no type ignore it.
[[nodiscard]] Cdb persistent_reserve_out(ReserveOutAction action, ReservationType type,
                                         std::uint32_t list_length);
/// The old pair (SPC-2 7.21, 7.18): the whole unit.
[[nodiscard]] Cdb reserve_6();
[[nodiscard]] Cdb release_6();

/// SELECT REPORT of REPORT LUNS (SPC-5 6.33).
enum class LunsWanted : std::uint8_t { addressable = 0, well_known = 1, all = 2 };
[[nodiscard]] Cdb report_luns(LunsWanted wanted, std::uint32_t allocation_length);

/// What REPORT SUPPORTED OPERATION CODES asks for (SPC-5 6.35).
struct OperationCodesQuery {
  /// REPORTING OPTIONS.
  enum class Option : std::uint8_t {
    all = 0,
    /// Of a command without service actions.
    operation_code = 1,
    /// Of a command with them.
    operation_code_and_service_action = 2,
    /// Either, as the command has it.
    any = 3
  };
  Option option = Option::all;
  std::uint8_t operation_code = 0;
  std::uint16_t service_action = 0;
  /// RCTD: with the timeouts descriptors.
  bool timeouts = false;
};
[[nodiscard]] Cdb report_supported_operation_codes(const OperationCodesQuery& query,
                                                   std::uint32_t allocation_length);

/// Service actions of READ ATTRIBUTE (SPC-5 6.18).
enum class ReadAttributeAction : std::uint8_t {
  values = 0,
  list = 1,
  volumes = 2,
  partitions = 3,
  supported = 5
};
struct ReadAttribute {
  ReadAttributeAction action = ReadAttributeAction::values;
  std::uint8_t volume = 0;
  std::uint8_t partition = 0;
  /// FIRST ATTRIBUTE IDENTIFIER: attributes from this identifier on.
  std::uint16_t first_attribute = 0;
  /// CACHE: the drive may answer from its copy without looking at the cartridge.
  bool cache = false;
};
[[nodiscard]] Cdb read_attribute(std::uint16_t first_attribute, std::uint32_t allocation_length);
[[nodiscard]] Cdb read_attribute(const ReadAttribute& wanted, std::uint32_t allocation_length);
struct WriteAttribute {
  /// WTC: GOOD only when the cartridge memory has it.
  bool write_through = true;
  std::uint8_t volume = 0;
  std::uint8_t partition = 0;
};
[[nodiscard]] Cdb write_attribute(const WriteAttribute& wanted, std::uint32_t list_length);

/// SECURITY PROTOCOL of tape data encryption (SSC-5 8.5).
inline constexpr std::uint8_t tape_data_encryption_protocol = 0x20;
/// INC_512 is 0: the lengths are bytes. `page`: SECURITY PROTOCOL SPECIFIC.
[[nodiscard]] Cdb security_protocol_in(std::uint8_t protocol, std::uint16_t page,
                                       std::uint32_t allocation_length);
[[nodiscard]] Cdb security_protocol_out(std::uint8_t protocol, std::uint16_t page,
                                        std::uint32_t transfer_length);

/// What SEND DIAGNOSTIC does (SPC-5 6.42); there is no parameter list.
enum class SelfTest : std::uint8_t {
  /// SELFTEST = 1: the device's default test; the command lasts as long as the test.
  default_test = 0,
  background_short = 1,
  background_extended = 2,
  abort_background = 4,
  foreground_short = 5,
  foreground_extended = 6
};
[[nodiscard]] Cdb send_diagnostic(SelfTest test);

// Stream commands (SSC-5 5 to 7).

enum class SpaceCode : std::uint8_t {
  blocks = 0,
  filemarks = 1,
  /// To behind this many filemarks in a row.
  sequential_filemarks = 2,
  end_of_data = 3
};
enum class PositionForm : std::uint8_t {
  short_form = 0x00,
  long_form = 0x06,
  extended_form = 0x08
};

/// READ(6) and WRITE(6).
struct BlockTransfer {
  /// FIXED = 0: bytes of the one block; FIXED = 1: blocks of the length that the mode block
  /// descriptor gives. 24 bits.
  std::uint32_t length = 0;
  bool fixed = false;
  /// SILI, READ only: do not report a block that is shorter. Not together with `fixed`.
  bool suppress_incorrect_length = false;
};
/// One block of any length; one that differs from `bytes` is reported.
[[nodiscard]] Cdb read_6(std::uint32_t bytes);
[[nodiscard]] Cdb read_6(const BlockTransfer& transfer);
/// One block.
[[nodiscard]] Cdb write_6(std::uint32_t bytes);
[[nodiscard]] Cdb write_6(const BlockTransfer& transfer);
/// The medium verifies what it reads itself; nothing is transferred. BYTCMP is 0.
struct Verify {
  /// As in BlockTransfer.
  std::uint32_t length = 0;
  bool fixed = false;
  bool immediate = false;
};
[[nodiscard]] Cdb verify_6(const Verify& wanted);

[[nodiscard]] Cdb write_filemarks_6(std::uint32_t count, bool immediate);
/// With explicit addresses (SSC-5 5.9); rarely present.
struct WriteFilemarks16 {
  std::uint32_t count = 0;
  bool immediate = false;
  std::uint8_t partition = 0;
  std::uint64_t object_number = 0;
  /// FCS, LCS: first and last command of a sequence.
  bool first_of_sequence = false;
  bool last_of_sequence = false;
};
[[nodiscard]] Cdb write_filemarks_16(const WriteFilemarks16& wanted);

/// Negative counts space towards the beginning. Not for counts beyond 24 bits with sign.
[[nodiscard]] Cdb space_6(SpaceCode code, std::int32_t count);
[[nodiscard]] Cdb space_16(SpaceCode code, std::int64_t count);
[[nodiscard]] Cdb rewind(bool immediate = false);

/// LOCATE(10) (SSC-5 7.3), which knows only objects.
struct Locate10 {
  std::uint32_t object_number = 0;
  /// CP: change to this partition first.
  std::optional<std::uint8_t> partition{};
  bool immediate = false;
  /// BT: `object_number` is the device's own.
  bool device_specific = false;
};
[[nodiscard]] Cdb locate_10(std::uint32_t object_number);
[[nodiscard]] Cdb locate_10(const Locate10& wanted);

/// DEST_TYPE of LOCATE(16) (SSC-5 7.4).
enum class LocateDestination : std::uint8_t { object = 0, file = 1, end_of_data = 3 };
struct Locate16 {
  LocateDestination destination = LocateDestination::object;
  /// Object number or file number; 0 for end of data.
  std::uint64_t target = 0;
  /// CP: change to this partition first.
  std::optional<std::uint8_t> partition{};
  /// BAM: block address mode is explicit.
  bool explicit_addresses = false;
  bool immediate = false;
};
[[nodiscard]] Cdb locate_16(std::uint64_t object_number);
[[nodiscard]] Cdb locate_16(const Locate16& wanted);

/// The allocation length belongs to the extended form: 32; it is zero in the others (SSC-5 7.7.1).
[[nodiscard]] Cdb read_position(PositionForm form);

/// `object_identifier`: MLOI, the largest logical object identifier instead of block lengths.
[[nodiscard]] Cdb read_block_limits(bool object_identifier = false);

/// LOAD UNLOAD (SSC-5 7.2).
struct LoadUnload {
  bool load = true;
  /// RETEN: wind the tape once from end to end.
  bool retension = false;
  /// EOT: unload at end of tape. Not together with `load`.
  bool end_of_tape = false;
  /// HOLD: with `load`, only so far that the cartridge memory can be read; without, keep it there.
  bool hold = false;
  bool immediate = false;
};
[[nodiscard]] Cdb load_unload(bool load);
[[nodiscard]] Cdb load_unload(const LoadUnload& wanted);

/// ERASE(6) (SSC-5 5.2). `entire`: LONG, all that remains of the partition; otherwise only end of
/// data is written here.
[[nodiscard]] Cdb erase_6(bool entire, bool immediate = false);

/// FORMAT MEDIUM (SSC-5 7.1), at beginning of partition 0 only.
struct FormatMedium {
  /// FORMAT.
  enum class Layout : std::uint8_t {
    single_partition = 0,
    /// As mode page 11h says.
    by_medium_partition_page = 1,
    both = 2
  };
  Layout layout = Layout::single_partition;
  bool verify = false;
  bool immediate = false;
};
[[nodiscard]] Cdb format_medium(const FormatMedium& wanted);

/// SET CAPACITY (SSC-5 7.11), at beginning of medium; destroys all data. `proportion`: of 65535.
[[nodiscard]] Cdb set_capacity(std::uint16_t proportion, bool immediate = false);

/// ALLOW OVERWRITE (SSC-5 7.12).
struct AllowOverwrite {
  /// ALLOW_OVERWRITE.
  enum class Mode : std::uint8_t { disabled = 0, current_position = 1, format = 2 };
  Mode mode = Mode::disabled;
  std::uint8_t partition = 0;
  /// Must equal the current position.
  std::uint64_t object_number = 0;
};
/// One write sequence from the current position of partition 0.
[[nodiscard]] Cdb allow_overwrite(std::uint64_t object_number);
[[nodiscard]] Cdb allow_overwrite(const AllowOverwrite& wanted);

/// REPORT DENSITY SUPPORT (SSC-5 7.8).
struct DensitySupport {
  /// MEDIA: of the medium in the drive, otherwise of the drive.
  bool current_medium = false;
  /// MEDIUM TYPE: medium types instead of densities.
  bool medium_types = false;
};
[[nodiscard]] Cdb report_density_support(const DensitySupport& wanted,
                                         std::uint16_t allocation_length);

/// PROCESS of GENERATE RECOMMENDED ACCESS ORDER (SSC-5 7.13). Without reordering the drive only
/// estimates how long it would take to locate the segments.
enum class AccessOrderProcess : std::uint8_t {
  /// Each from the current position.
  none = 0,
  /// Each from the end of the one before.
  estimate_in_order = 1,
  /// Puts the segments into the recommended order.
  reorder = 2,
  /// Each from the beginning of partition 0.
  estimate_from_beginning = 3
};
[[nodiscard]] Cdb generate_recommended_access_order(AccessOrderProcess process,
                                                    std::uint32_t list_length);
/// RECEIVE RECOMMENDED ACCESS ORDER (SSC-5 7.14).
struct ReceiveAccessOrder {
  /// UDS_LIMITS: how many segments the drive takes, instead of the list.
  bool limits = false;
  /// RAO LIST OFFSET: byte of the list to start from.
  std::uint32_t offset = 0;
};
[[nodiscard]] Cdb receive_recommended_access_order(const ReceiveAccessOrder& wanted,
                                                   std::uint32_t allocation_length);

// Medium changer commands (SMC-3 6).

enum class ElementType : std::uint8_t {
  transport = 1,
  storage = 2,
  import_export = 3,
  data_transfer = 4
};

[[nodiscard]] Cdb initialize_element_status();
struct ElementStatusRange {
  std::uint16_t first = 0;
  std::uint16_t count = 0;
  /// FAST: look only for what is there, do not read labels.
  bool fast = false;
  /// RANGE = 0: all elements, `first` and `count` are ignored.
  bool all = false;
};
[[nodiscard]] Cdb initialize_element_status_with_range(const ElementStatusRange& range);

/// READ ELEMENT STATUS (SMC-3 6.11).
struct ReadElementStatus {
  /// Nothing: elements of all types.
  std::optional<ElementType> type{};
  std::uint16_t first = 0;
  std::uint16_t count = 0;
  /// VOLTAG.
  bool volume_tags = false;
  /// DVCID.
  bool device_identifiers = false;
  /// CURDATA: answer from memory, even where that needs no motion.
  bool current_data = false;
};
[[nodiscard]] Cdb read_element_status(ElementType type, std::uint16_t first, std::uint16_t count,
                                      bool volume_tags, bool device_identifiers,
                                      std::uint32_t allocation_length);
/// `allocation_length`: 24 bits.
[[nodiscard]] Cdb read_element_status(const ReadElementStatus& wanted,
                                      std::uint32_t allocation_length);

/// Transport 0: the changer's default one.
struct MoveMedium {
  std::uint16_t transport = 0;
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  bool invert = false;
};
[[nodiscard]] Cdb move_medium(std::uint16_t transport, std::uint16_t source,
                              std::uint16_t destination);
[[nodiscard]] Cdb move_medium(const MoveMedium& wanted);

/// What is in `source` goes to `first_destination`, what was there to `second_destination`.
struct ExchangeMedium {
  std::uint16_t transport = 0;
  std::uint16_t source = 0;
  std::uint16_t first_destination = 0;
  std::uint16_t second_destination = 0;
  bool invert_first = false;
  bool invert_second = false;
};
[[nodiscard]] Cdb exchange_medium(const ExchangeMedium& wanted);

struct PositionToElement {
  std::uint16_t transport = 0;
  std::uint16_t destination = 0;
  bool invert = false;
};
[[nodiscard]] Cdb position_to_element(const PositionToElement& wanted);

[[nodiscard]] Cdb open_close_import_export_element(std::uint16_t element, bool open);

/// REQUEST VOLUME ELEMENT ADDRESS (SMC-3 6.13): the result of a SEND VOLUME TAG.
struct RequestVolumeElementAddress {
  std::optional<ElementType> type{};
  std::uint16_t first = 0;
  std::uint16_t count = 0;
  bool volume_tags = false;
};
/// `allocation_length`: 24 bits.
[[nodiscard]] Cdb request_volume_element_address(const RequestVolumeElementAddress& wanted,
                                                 std::uint32_t allocation_length);

/// SEND ACTION CODE of SEND VOLUME TAG (SMC-3 6.14).
enum class VolumeTagAction : std::uint8_t {
  translate_primary_and_alternate = 0x0,
  translate_primary = 0x1,
  translate_alternate = 0x2,
  translate_all_without_sequence = 0x4,
  translate_primary_without_sequence = 0x5,
  translate_alternate_without_sequence = 0x6,
  assert_primary = 0x8,
  assert_alternate = 0x9,
  replace_primary = 0xA,
  replace_alternate = 0xB,
  undefine_primary = 0xC,
  undefine_alternate = 0xD
};
struct SendVolumeTag {
  std::optional<ElementType> type{};
  std::uint16_t element = 0;
  VolumeTagAction action = VolumeTagAction::translate_primary_and_alternate;
};
/// `list_length`: 40, or 0 for the actions that undefine.
[[nodiscard]] Cdb send_volume_tag(const SendVolumeTag& wanted, std::uint16_t list_length);

}  // namespace tidemark::scsi
