// SPDX-License-Identifier: Apache-2.0
#include "scsi/operation.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace tidemark::scsi {
namespace {

struct Name {
  std::uint8_t operation_code;
  const char* text;
};

constexpr Name primary_names[] = {
    {operation::test_unit_ready, "TEST UNIT READY"},
    {operation::request_sense, "REQUEST SENSE"},
    {operation::inquiry, "INQUIRY"},
    {operation::mode_select_6, "MODE SELECT(6)"},
    {operation::reserve_6, "RESERVE(6)"},
    {operation::release_6, "RELEASE(6)"},
    {operation::mode_sense_6, "MODE SENSE(6)"},
    {operation::send_diagnostic, "SEND DIAGNOSTIC"},
    {operation::prevent_allow_medium_removal, "PREVENT ALLOW MEDIUM REMOVAL"},
    {operation::log_select, "LOG SELECT"},
    {operation::log_sense, "LOG SENSE"},
    {operation::mode_select_10, "MODE SELECT(10)"},
    {operation::mode_sense_10, "MODE SENSE(10)"},
    {operation::persistent_reserve_in, "PERSISTENT RESERVE IN"},
    {operation::persistent_reserve_out, "PERSISTENT RESERVE OUT"},
    {operation::read_attribute, "READ ATTRIBUTE"},
    {operation::write_attribute, "WRITE ATTRIBUTE"},
    {operation::report_luns, "REPORT LUNS"},
    {operation::security_protocol_in, "SECURITY PROTOCOL IN"},
};

constexpr Name tape_names[] = {
    {operation::rewind, "REWIND"},
    {operation::format_medium, "FORMAT MEDIUM"},
    {operation::read_block_limits, "READ BLOCK LIMITS"},
    {operation::read_6, "READ(6)"},
    {operation::write_6, "WRITE(6)"},
    {operation::set_capacity, "SET CAPACITY"},
    {operation::write_filemarks_6, "WRITE FILEMARKS(6)"},
    {operation::space_6, "SPACE(6)"},
    {operation::verify_6, "VERIFY(6)"},
    {operation::erase_6, "ERASE(6)"},
    {operation::locate_10, "LOCATE(10)"},
    {operation::read_position, "READ POSITION"},
    {operation::report_density_support, "REPORT DENSITY SUPPORT"},
    {operation::write_filemarks_16, "WRITE FILEMARKS(16)"},
    {operation::allow_overwrite, "ALLOW OVERWRITE"},
    {operation::space_16, "SPACE(16)"},
    {operation::locate_16, "LOCATE(16)"},
    {operation::security_protocol_out, "SECURITY PROTOCOL OUT"},
};

constexpr Name changer_names[] = {
    {operation::initialize_element_status, "INITIALIZE ELEMENT STATUS"},
    {operation::open_close_import_export_element, "OPEN/CLOSE IMPORT/EXPORT ELEMENT"},
    {operation::position_to_element, "POSITION TO ELEMENT"},
    {operation::initialize_element_status_with_range, "INITIALIZE ELEMENT STATUS WITH RANGE"},
    {operation::move_medium, "MOVE MEDIUM"},
    {operation::exchange_medium, "EXCHANGE MEDIUM"},
    {operation::request_volume_element_address, "REQUEST VOLUME ELEMENT ADDRESS"},
    {operation::send_volume_tag, "SEND VOLUME TAG"},
    {operation::read_element_status, "READ ELEMENT STATUS"},
};

const char* find(std::span<const Name> names, std::uint8_t operation_code) {
  for (const auto& each : names) {
    if (each.operation_code == operation_code) return each.text;
  }
  return "";
}

/// Commands whose name depends on more than the operation code.
struct NameByField {
  std::uint8_t operation_code;
  std::size_t offset;
  std::uint8_t mask;
  std::uint8_t value;
  bool is_for_changers;
  const char* text;
};

constexpr std::uint8_t action_mask = 0x1F;
constexpr NameByField names_by_field[] = {
    {operation::maintenance_in, 1, action_mask, service_action::report_supported_operation_codes,
     true, "REPORT SUPPORTED OPERATION CODES"},
    {operation::maintenance_in, 1, action_mask, service_action::receive_recommended_access_order,
     true, "RECEIVE RECOMMENDED ACCESS ORDER"},
    {operation::maintenance_out, 1, action_mask, service_action::generate_recommended_access_order,
     true, "GENERATE RECOMMENDED ACCESS ORDER"},
    {operation::load_unload, 4, 0x01, 0x01, false, "LOAD"},
    {operation::load_unload, 4, 0x01, 0x00, false, "UNLOAD"},
};

/// Those that only one sort of unit knows.
std::span<const Name> own_names(bool changer) {
  return changer ? std::span<const Name>(changer_names) : tape_names;
}

}  // namespace

const char* command_name(Bytes cdb, bool changer) {
  if (cdb.empty()) return "";
  for (const auto& each : names_by_field) {
    if (each.operation_code != cdb[0] || (changer && !each.is_for_changers)) continue;
    if ((load_u8(cdb, each.offset) & each.mask) == each.value) return each.text;
  }
  if (const auto* name = find(primary_names, cdb[0]); *name != '\0') return name;
  return find(own_names(changer), cdb[0]);
}

bool is_command_name(std::string_view name, bool changer) {
  const auto is_it = [&](const Name& each) { return each.text == name; };
  const auto own = own_names(changer);
  return std::any_of(std::begin(primary_names), std::end(primary_names), is_it) ||
         std::any_of(own.begin(), own.end(), is_it) ||
         std::any_of(std::begin(names_by_field), std::end(names_by_field), [&](const auto& each) {
           return each.text == name && (each.is_for_changers || !changer);
         });
}

std::uint8_t cdb_length(std::uint8_t operation_code) {
  switch (operation_code >> 5) {
    case 0:
      return 6;
    case 1:
    case 2:
      return 10;
    case 4:
      return 16;
    case 5:
      return 12;
    default:
      return 0;
  }
}

}  // namespace tidemark::scsi
