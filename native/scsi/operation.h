// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// Operation codes of the commands that this driver sends (SPC-5, SSC-5, SMC-3). Some values mean
/// one command on a tape drive and another on a changer; both names stand here.
namespace operation {
inline constexpr std::uint8_t test_unit_ready = 0x00;
inline constexpr std::uint8_t rewind = 0x01;
inline constexpr std::uint8_t request_sense = 0x03;
inline constexpr std::uint8_t format_medium = 0x04;
inline constexpr std::uint8_t read_block_limits = 0x05;
inline constexpr std::uint8_t initialize_element_status = 0x07;
inline constexpr std::uint8_t read_6 = 0x08;
inline constexpr std::uint8_t write_6 = 0x0A;
inline constexpr std::uint8_t set_capacity = 0x0B;
inline constexpr std::uint8_t write_filemarks_6 = 0x10;
inline constexpr std::uint8_t space_6 = 0x11;
inline constexpr std::uint8_t inquiry = 0x12;
inline constexpr std::uint8_t verify_6 = 0x13;
inline constexpr std::uint8_t mode_select_6 = 0x15;
inline constexpr std::uint8_t reserve_6 = 0x16;
inline constexpr std::uint8_t release_6 = 0x17;
inline constexpr std::uint8_t erase_6 = 0x19;
inline constexpr std::uint8_t mode_sense_6 = 0x1A;
inline constexpr std::uint8_t load_unload = 0x1B;
inline constexpr std::uint8_t open_close_import_export_element = 0x1B;
inline constexpr std::uint8_t send_diagnostic = 0x1D;
inline constexpr std::uint8_t prevent_allow_medium_removal = 0x1E;
inline constexpr std::uint8_t locate_10 = 0x2B;
inline constexpr std::uint8_t position_to_element = 0x2B;
inline constexpr std::uint8_t read_position = 0x34;
inline constexpr std::uint8_t initialize_element_status_with_range = 0x37;
inline constexpr std::uint8_t report_density_support = 0x44;
inline constexpr std::uint8_t log_select = 0x4C;
inline constexpr std::uint8_t log_sense = 0x4D;
inline constexpr std::uint8_t mode_select_10 = 0x55;
inline constexpr std::uint8_t mode_sense_10 = 0x5A;
inline constexpr std::uint8_t persistent_reserve_in = 0x5E;
inline constexpr std::uint8_t persistent_reserve_out = 0x5F;
inline constexpr std::uint8_t write_filemarks_16 = 0x80;
inline constexpr std::uint8_t allow_overwrite = 0x82;
inline constexpr std::uint8_t read_attribute = 0x8C;
inline constexpr std::uint8_t write_attribute = 0x8D;
inline constexpr std::uint8_t space_16 = 0x91;
inline constexpr std::uint8_t locate_16 = 0x92;
inline constexpr std::uint8_t report_luns = 0xA0;
inline constexpr std::uint8_t security_protocol_in = 0xA2;
inline constexpr std::uint8_t maintenance_in = 0xA3;
inline constexpr std::uint8_t maintenance_out = 0xA4;
inline constexpr std::uint8_t move_medium = 0xA5;
inline constexpr std::uint8_t exchange_medium = 0xA6;
inline constexpr std::uint8_t security_protocol_out = 0xB5;
inline constexpr std::uint8_t request_volume_element_address = 0xB5;
inline constexpr std::uint8_t send_volume_tag = 0xB6;
inline constexpr std::uint8_t read_element_status = 0xB8;
}  // namespace operation

/// Service actions of MAINTENANCE IN and MAINTENANCE OUT, in bits 4 to 0 of byte 1.
namespace service_action {
inline constexpr std::uint8_t report_supported_operation_codes = 0x0C;
inline constexpr std::uint8_t receive_recommended_access_order = 0x1D;
inline constexpr std::uint8_t generate_recommended_access_order = 0x1D;
}  // namespace service_action

/// The standard's name of a command, as `Cdb::name` has it: for messages and traces of commands
/// that came as bytes. `changer` decides what B5h, 1Bh and 2Bh are. Empty where this driver does
/// not know it. A string literal.
[[nodiscard]] const char* command_name(Bytes cdb, bool changer);

/// Is this a name that `command_name` gives for such a unit?
[[nodiscard]] bool is_command_name(std::string_view name, bool changer);

/// Bytes of a CDB with this operation code, from its group (SPC-5 4.2.5.1); 0 for the groups whose
/// length the code does not tell.
[[nodiscard]] std::uint8_t cdb_length(std::uint8_t operation_code);

}  // namespace tidemark::scsi
