// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scsi/cdb.h"
#include "simulator/drive.h"

/// The commands that a drive knows. Timeouts are those that LTO drives recommend.
namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;
namespace action = scsi::service_action;
using namespace std::string_view_literals;

constexpr std::uint32_t long_s = 2940;
constexpr std::uint32_t transfer_s = 1500;
constexpr std::uint32_t load_s = 960;
constexpr std::uint32_t erase_s = 16000;
constexpr std::uint32_t format_s = 3000;
constexpr std::uint32_t self_test_s = 1980;

constexpr auto conflicts = Reservable::conflicts;
constexpr auto passes = Reservable::passes;
constexpr auto reads = Reservable::reads;

constexpr auto reserve_in_usage = "\x1F\0\0\0\0\0\xFF\xFF\0"sv;
constexpr auto reserve_out_usage = "\x1F\xFF\0\0\xFF\xFF\xFF\xFF\0"sv;
constexpr auto read_attribute_usage = "\x1F\0\0\0\xFF\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0"sv;

}  // namespace

constinit const CommandEntry Drive::known_commands[] = {
    // Without a medium, too.
    {operation::test_unit_ready, std::nullopt, "\0\0\0\0\0"sv,
     run_method<Drive, &Drive::test_unit_ready>, passes},
    {operation::request_sense, std::nullopt, "\x01\0\0\xFF\0"sv,
     run_method<Drive, &Drive::request_sense>, passes},
    {operation::read_block_limits, std::nullopt, "\x01\0\0\0\0"sv,
     run_method<Drive, &Drive::read_block_limits>, reads},
    {operation::inquiry, std::nullopt, "\x01\xFF\xFF\xFF\0"sv, run_method<Drive, &Drive::inquiry>,
     passes},
    {operation::mode_select_6, std::nullopt, "\x10\0\0\xFF\0"sv,
     run_method<Drive, &Drive::mode_select_6>, conflicts},
    {operation::reserve_6, std::nullopt, "\0\0\0\0\0"sv, run_method<Drive, &Drive::reserve_6>,
     passes},
    {operation::release_6, std::nullopt, "\0\0\0\0\0"sv, run_method<Drive, &Drive::release_6>,
     passes},
    {operation::mode_sense_6, std::nullopt, "\x08\xFF\xFF\xFF\0"sv,
     run_method<Drive, &Drive::mode_sense_6>, reads},
    {operation::load_unload, std::nullopt, "\x01\0\0\x0D\0"sv,
     run_method<Drive, &Drive::load_unload>, conflicts, false, load_s},
    {operation::send_diagnostic, std::nullopt, "\xE4\0\0\0\0"sv,
     run_method<Drive, &Drive::send_diagnostic>, conflicts, false, self_test_s},
    {operation::prevent_allow_medium_removal, std::nullopt, "\0\0\0\x03\0"sv,
     run_method<Drive, &Drive::prevent_allow>, conflicts},
    {operation::report_density_support, std::nullopt, "\x03\0\0\0\0\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::report_density_support>, reads},
    {operation::log_select, std::nullopt, "\x02\xFF\xFF\0\0\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::log_select>, conflicts},
    {operation::log_sense, std::nullopt, "\0\xFF\xFF\0\xFF\xFF\xFF\xFF\0"sv,
     run_method<Drive, &Drive::log_sense>, passes},
    {operation::mode_select_10, std::nullopt, "\x10\0\0\0\0\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::mode_select_10>, conflicts},
    {operation::mode_sense_10, std::nullopt, "\x08\xFF\xFF\0\0\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::mode_sense_10>, reads},
    {operation::persistent_reserve_in, 0x00, reserve_in_usage,
     run_method<Drive, &Drive::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x01, reserve_in_usage,
     run_method<Drive, &Drive::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x02, reserve_in_usage,
     run_method<Drive, &Drive::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x03, reserve_in_usage,
     run_method<Drive, &Drive::persistent_reserve_in>, passes},
    {operation::persistent_reserve_out, 0x00, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x01, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x02, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x03, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x04, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x05, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x06, reserve_out_usage,
     run_method<Drive, &Drive::persistent_reserve_out>, passes},
    {operation::report_luns, std::nullopt, "\0\xFF\0\0\0\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::report_luns>, passes},
    {operation::security_protocol_in, std::nullopt, "\xFF\xFF\xFF\x80\0\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::security_protocol_in>, reads},
    {operation::maintenance_in, action::report_supported_operation_codes,
     "\x1F\x87\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::report_supported_operation_codes>, reads},
    {operation::security_protocol_out, std::nullopt, "\xFF\xFF\xFF\x80\0\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::security_protocol_out>, conflicts},
    // The medium.
    {operation::rewind, std::nullopt, "\x01\0\0\0\0"sv, run_method<Drive, &Drive::rewind>,
     conflicts, true, long_s},
    {operation::format_medium, std::nullopt, "\x01\x0F\xFF\xFF\0"sv,
     run_method<Drive, &Drive::format_medium>, conflicts, true, format_s},
    {operation::read_6, std::nullopt, "\x03\xFF\xFF\xFF\0"sv, run_method<Drive, &Drive::read_6>,
     conflicts, true, long_s},
    {operation::write_6, std::nullopt, "\x01\xFF\xFF\xFF\0"sv, run_method<Drive, &Drive::write_6>,
     conflicts, true, transfer_s},
    {operation::set_capacity, std::nullopt, "\x01\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::set_capacity>, conflicts, true, format_s},
    {operation::write_filemarks_6, std::nullopt, "\x01\xFF\xFF\xFF\0"sv,
     run_method<Drive, &Drive::write_filemarks_6>, conflicts, true, transfer_s},
    {operation::space_6, std::nullopt, "\x0F\xFF\xFF\xFF\0"sv, run_method<Drive, &Drive::space_6>,
     conflicts, true, long_s},
    {operation::verify_6, std::nullopt, "\x07\xFF\xFF\xFF\0"sv, run_method<Drive, &Drive::verify_6>,
     conflicts, true, long_s},
    {operation::erase_6, std::nullopt, "\x03\0\0\0\0"sv, run_method<Drive, &Drive::erase_6>,
     conflicts, true, erase_s},
    {operation::locate_10, std::nullopt, "\x07\0\xFF\xFF\xFF\xFF\0\xFF\0"sv,
     run_method<Drive, &Drive::locate_10>, conflicts, true, long_s},
    {operation::read_position, std::nullopt, "\x1F\0\0\0\0\0\xFF\xFF\0"sv,
     run_method<Drive, &Drive::read_position>, reads, true},
    {operation::allow_overwrite, std::nullopt,
     "\0\x0F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0"sv,
     run_method<Drive, &Drive::allow_overwrite>, conflicts, true},
    {operation::read_attribute, 0x00, read_attribute_usage,
     run_method<Drive, &Drive::read_attribute>, reads, true},
    {operation::read_attribute, 0x01, read_attribute_usage,
     run_method<Drive, &Drive::read_attribute>, reads, true},
    {operation::read_attribute, 0x02, read_attribute_usage,
     run_method<Drive, &Drive::read_attribute>, reads, true},
    {operation::read_attribute, 0x03, read_attribute_usage,
     run_method<Drive, &Drive::read_attribute>, reads, true},
    {operation::read_attribute, 0x05, read_attribute_usage,
     run_method<Drive, &Drive::read_attribute>, reads, true},
    {operation::write_attribute, std::nullopt, "\x01\0\0\0\xFF\0\xFF\0\0\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::write_attribute>, conflicts, true},
    {operation::space_16, std::nullopt, "\x0F\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Drive, &Drive::space_16>, conflicts, true, long_s},
    {operation::locate_16, std::nullopt, "\x1B\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0"sv,
     run_method<Drive, &Drive::locate_16>, conflicts, true, long_s},
    {operation::maintenance_in, action::receive_recommended_access_order,
     "\x9F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0"sv, run_method<Drive, &Drive::receive_access_order>,
     reads, true},
    {operation::maintenance_out, action::generate_recommended_access_order,
     "\x1F\x07\0\0\0\xFF\xFF\xFF\xFF\0\0"sv, run_method<Drive, &Drive::generate_access_order>,
     conflicts, true, long_s},
};

std::span<const CommandEntry> Drive::command_table() const { return known_commands; }

bool Drive::knows(std::uint8_t operation_code) const {
  const auto known = quirks_.known_commands;
  return known.empty() || std::find(known.begin(), known.end(), operation_code) != known.end();
}

}  // namespace tidemark::simulator
