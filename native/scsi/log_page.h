// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace log_page {
inline constexpr std::uint8_t supported_pages = 0x00;
inline constexpr std::uint8_t write_errors = 0x02;
inline constexpr std::uint8_t read_errors = 0x03;
inline constexpr std::uint8_t sequential_access = 0x0C;
inline constexpr std::uint8_t device_status = 0x11;
inline constexpr std::uint8_t tape_alert_response = 0x12;
inline constexpr std::uint8_t device_statistics = 0x14;
inline constexpr std::uint8_t volume_statistics = 0x17;
inline constexpr std::uint8_t data_compression = 0x1B;
inline constexpr std::uint8_t tape_alert = 0x2E;
inline constexpr std::uint8_t tape_usage = 0x30;
inline constexpr std::uint8_t tape_capacity = 0x31;
/// The compression page of LTO-4 to LTO-6.
inline constexpr std::uint8_t data_compression_lto = 0x32;
}  // namespace log_page

/// Log page 17h: used capacity of each partition; all ones: end of data is not valid.
inline constexpr std::uint16_t used_capacity_parameter = 0x0203;
inline constexpr std::uint16_t page_valid_parameter = 0x0000;
inline constexpr std::uint8_t tape_alert_flags = 64;
/// PARAMETER CONTROL, FORMAT AND LINKING = 11b: a binary list parameter.
inline constexpr std::uint8_t binary_list_parameter = 0x03;

/// One parameter of a log page (SPC-5 7.3.2.2).
struct LogParameter {
  std::uint16_t code = 0;
  std::vector<std::uint8_t> value;
  /// The parameter control byte.
  std::uint8_t control = binary_list_parameter;

  bool operator==(const LogParameter&) const = default;
};

/// One page or subpage (SPC-5 7.3.2).
struct LogPage {
  std::uint8_t page = 0;
  /// 0 without SPF.
  std::uint8_t subpage = 0;
  /// SPF. A page may have it with subpage 0.
  bool subpage_format = false;
  /// DS: the parameters are not saved.
  bool disable_save = false;
  std::vector<LogParameter> parameters;

  bool operator==(const LogPage&) const = default;
};
/// Any page of parameters. They are walked by their lengths, as far as they were received whole.
[[nodiscard]] std::optional<LogPage> decode_log_page(Bytes bytes);
/// Parameters that page length (16 bits) or parameter length (8 bits) cannot tell are left out.
[[nodiscard]] std::vector<std::uint8_t> encode_log_page(const LogPage& page);

/// The parameters of this page; nothing where the bytes are another one.
[[nodiscard]] std::optional<std::vector<LogParameter>> decode_log_page(Bytes bytes,
                                                                       std::uint8_t page,
                                                                       std::uint8_t subpage = 0);
[[nodiscard]] std::vector<std::uint8_t> encode_log_page(std::uint8_t page,
                                                        std::span<const LogParameter> parameters);

struct LogPageCode {
  std::uint8_t page = 0;
  std::uint8_t subpage = 0;

  bool operator==(const LogPageCode&) const = default;
};
/// Page 00h, or 00h/FFh, which has the subpages too (SPC-5 7.3.18, 7.3.19).
[[nodiscard]] std::optional<std::vector<LogPageCode>> decode_supported_log_pages(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_supported_log_pages(
    std::span<const LogPageCode> pages, bool with_subpages);

[[nodiscard]] const LogParameter* find_log_parameter(std::span<const LogParameter> parameters,
                                                     std::uint16_t code);
/// A big-endian counter of any length; nothing where the parameter is missing, empty, does not fit
/// 64 bits, or is all ones, which drives send for what they do not know.
[[nodiscard]] std::optional<std::uint64_t> log_counter(std::span<const LogParameter> parameters,
                                                       std::uint16_t code);
/// An ASCII parameter without its padding.
[[nodiscard]] std::optional<std::string> log_text(std::span<const LogParameter> parameters,
                                                  std::uint16_t code);

/// One record of a parameter that counts for each partition (SSC-5 8.2.9: 0202h to 0204h of 17h).
struct PartitionRecord {
  std::uint16_t partition = 0;
  /// Absent where it is all ones.
  std::optional<std::uint64_t> value;

  bool operator==(const PartitionRecord&) const = default;
};
[[nodiscard]] std::vector<PartitionRecord> decode_partition_records(Bytes value);
/// Values have four bytes; an absent one goes out as all ones.
[[nodiscard]] std::vector<std::uint8_t> encode_partition_records(
    std::span<const PartitionRecord> records);

/// Numbers 1..64 of the flags that are set in page 2Eh.
[[nodiscard]] std::vector<std::uint8_t> set_tape_alert_flags(std::span<const LogParameter> page);
/// The same of page 12h, which does not clear them.
[[nodiscard]] std::vector<std::uint8_t> set_tape_alert_response_flags(
    std::span<const LogParameter> page);

/// Whether page 17h says that end of data of partition 0 is valid; nothing where it does not tell.
[[nodiscard]] std::optional<bool> end_of_data_valid(std::span<const LogParameter> page);

/// Very high frequency data, parameter 0 of page 11h (SSC-5 8.2.5).
struct DriveStatus {
  /// PAMR.
  bool prevented = false;
  /// HIU.
  bool host_initiated_unload = false;
  /// MACC.
  bool medium_auxiliary_memory_accessible = false;
  /// CMPR.
  bool compression = false;
  /// WRTP.
  bool write_protected = false;
  /// CRQST, CRQRD.
  bool cleaning_requested = false;
  bool cleaning_required = false;
  /// DINIT: the other fields are valid.
  bool initialized = false;
  /// INXTN: in transition; the five fields below may change at any moment.
  bool in_transition = false;
  /// RAA.
  bool robotic_access_allowed = false;
  /// MPRSNT.
  bool medium_present = false;
  /// MSTD: seated. MTHRD: threaded. MOUNTED.
  bool medium_seated = false;
  bool medium_threaded = false;
  bool medium_mounted = false;
  /// DT DEVICE ACTIVITY.
  std::uint8_t activity = 0;
  /// TDDEC: tape diagnostic data entry created. EPP: encryption parameters present.
  bool diagnostic_data_created = false;
  bool encryption_parameters_present = false;
  /// ESR, RRQST, INTFC, TAFC: encryption service request, recovery requested, interface changed,
  /// TapeAlert flag changed.
  bool encryption_service_request = false;
  bool recovery_requested = false;
  bool interface_changed = false;
  bool tape_alert_changed = false;

  bool operator==(const DriveStatus&) const = default;
};
[[nodiscard]] std::optional<DriveStatus> decode_drive_status(std::span<const LogParameter> page);
/// The value of parameter 0.
[[nodiscard]] std::vector<std::uint8_t> encode_drive_status(const DriveStatus& status);

}  // namespace tidemark::scsi
