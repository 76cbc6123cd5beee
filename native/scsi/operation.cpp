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
const char* name_by_fields(Bytes cdb, bool changer) {
  const auto action = load_u8(cdb, 1) & 0x1F;
  if (cdb[0] == operation::maintenance_in) {
    if (action == service_action::report_supported_operation_codes) {
      return "REPORT SUPPORTED OPERATION CODES";
    }
    if (action == service_action::receive_recommended_access_order) {
      return "RECEIVE RECOMMENDED ACCESS ORDER";
    }
  }
  if (cdb[0] == operation::maintenance_out &&
      action == service_action::generate_recommended_access_order) {
    return "GENERATE RECOMMENDED ACCESS ORDER";
  }
  if (cdb[0] == operation::load_unload && !changer) {
    return (load_u8(cdb, 4) & 0x01) != 0 ? "LOAD" : "UNLOAD";
  }
  return "";
}

}  // namespace

const char* command_name(Bytes cdb, bool changer) {
  if (cdb.empty()) return "";
  if (const auto* name = name_by_fields(cdb, changer); *name != '\0') return name;
  if (const auto* name = find(primary_names, cdb[0]); *name != '\0') return name;
  return find(changer ? std::span<const Name>(changer_names) : tape_names, cdb[0]);
}

bool is_command_name(std::string_view name) {
  for (const auto names : {std::span<const Name>(primary_names), std::span<const Name>(tape_names),
                           std::span<const Name>(changer_names)}) {
    for (const auto& each : names) {
      if (each.text == name) return true;
    }
  }
  constexpr std::string_view by_fields[] = {"REPORT SUPPORTED OPERATION CODES",
                                            "RECEIVE RECOMMENDED ACCESS ORDER",
                                            "GENERATE RECOMMENDED ACCESS ORDER", "LOAD", "UNLOAD"};
  return std::find(std::begin(by_fields), std::end(by_fields), name) != std::end(by_fields);
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
