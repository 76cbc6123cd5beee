// SPDX-License-Identifier: Apache-2.0
#include "device/tape_drive.h"

#include <algorithm>
#include <array>
#include <utility>

#include "device/timeouts.h"
#include "scsi/attribute.h"

namespace tidemark {
namespace {

/// The device does not have this command, or this form of it: worth remembering, not worth an
/// error.
bool is_rejected(const Result& result) {
  const auto sense = result.decoded_sense();
  return result.scsi_status == scsi_status::check_condition && sense && !sense->deferred &&
         sense->key == scsi::sense_key::illegal_request &&
         (sense->asc == 0x20 || sense->asc == 0x24);
}

std::optional<Position> to_position(const std::optional<scsi::PositionData>& data) {
  if (!data) return std::nullopt;
  Position position;
  position.known = data->location_known;
  position.beginning_of_partition = data->beginning_of_partition;
  position.end_of_partition = data->end_of_partition;
  if (position.known) {
    position.partition = data->partition;
    position.object_number = data->object_number;
  }
  position.bytes_in_buffer = data->bytes_in_buffer;
  return position;
}

Result out_of_range(const scsi::Cdb& cdb, std::size_t limit) {
  Result result;
  result.command = cdb.name;
  result.detail = "the command's length field holds at most " + std::to_string(limit);
  return result;
}

}  // namespace

Response<scsi::BlockLimits> TapeDrive::read_block_limits() {
  std::array<std::uint8_t, 6> data{};
  Response<scsi::BlockLimits> outcome;
  outcome.result = execute_in(scsi::read_block_limits(), data, timeout_s::general);
  if (succeeded(outcome.result)) {
    outcome.value = scsi::decode_block_limits(received(data, outcome.result));
  }
  return outcome;
}

TapeDrive::ModeData TapeDrive::mode_sense(std::uint8_t page) {
  std::array<std::uint8_t, 255> data{};
  ModeData mode;
  mode.result = execute_in(scsi::mode_sense_6(page, data.size()), data, timeout_s::general);
  if (succeeded(mode.result)) {
    mode.parameters = scsi::decode_mode_parameters_6(received(data, mode.result));
  }
  return mode;
}

Response<ModeStatus> TapeDrive::mode_status() {
  // Page 1Dh tells WORM; drives older than it have page 10h and no WORM media either.
  auto mode = mode_sense(scsi::mode_page::medium_configuration);
  if (is_rejected(mode.result)) mode = mode_sense(scsi::mode_page::device_configuration);
  Response<ModeStatus> outcome;
  outcome.result = std::move(mode.result);
  if (!mode.parameters) return outcome;
  const auto page =
      scsi::find_mode_page(mode.parameters->pages, scsi::mode_page::medium_configuration);
  outcome.value = ModeStatus{mode.parameters->write_protected, mode.parameters->buffered_mode,
                             mode.parameters->block ? mode.parameters->block->block_bytes : 0,
                             (scsi::load_u8(page, 2) & 0x01) != 0};
  return outcome;
}

Result TapeDrive::set_variable_blocks() {
  auto mode = mode_sense(scsi::mode_page::device_configuration);
  if (!mode.parameters) return std::move(mode.result);
  auto& parameters = *mode.parameters;
  parameters.pages.clear();
  if (!parameters.block) parameters.block.emplace();
  parameters.block->blocks = 0;
  parameters.block->block_bytes = 0;
  parameters.buffered_mode = 1;
  const auto list = scsi::encode_mode_select_6(parameters);
  return execute_out(scsi::mode_select_6(static_cast<std::uint8_t>(list.size())), list,
                     timeout_s::general);
}

TapeDrive::LogPage TapeDrive::log_sense(std::uint8_t page, std::uint16_t first_parameter) {
  LogPage log;
  log.bytes.resize(16384);
  const auto cdb =
      scsi::log_sense(page, first_parameter, static_cast<std::uint16_t>(log.bytes.size()));
  log.result = execute_in(cdb, log.bytes, timeout_s::general);
  if (succeeded(log.result)) {
    log.parameters = scsi::decode_log_page(received(log.bytes, log.result), page);
  }
  return log;
}

Response<bool> TapeDrive::end_of_data_valid() {
  auto log = log_sense(scsi::log_page::volume_statistics, 0);
  Response<bool> outcome;
  if (log.parameters) outcome.value = scsi::end_of_data_valid(*log.parameters);
  outcome.result = std::move(log.result);
  return outcome;
}

Response<std::vector<std::uint16_t>> TapeDrive::tape_alerts() {
  auto log = log_sense(scsi::log_page::tape_alert, 0);
  Response<std::vector<std::uint16_t>> outcome;
  if (log.parameters) {
    const auto flags = scsi::set_tape_alert_flags(*log.parameters);
    outcome.value.emplace(flags.begin(), flags.end());
  }
  outcome.result = std::move(log.result);
  return outcome;
}

Response<std::vector<std::uint8_t>> TapeDrive::read_attribute(std::uint16_t id) {
  // The answer goes on with all attributes behind the one asked for; only that one matters.
  std::vector<std::uint8_t> data(4096);
  Response<std::vector<std::uint8_t>> outcome;
  outcome.result = execute_in(scsi::read_attribute(id, static_cast<std::uint32_t>(data.size())),
                              data, timeout_s::general);
  if (!succeeded(outcome.result)) return outcome;
  const auto attributes = scsi::decode_attributes(received(data, outcome.result));
  if (!attributes) return outcome;
  const auto found = std::find_if(attributes->begin(), attributes->end(),
                                  [&](const scsi::Attribute& each) { return each.id == id; });
  if (found != attributes->end()) outcome.value.emplace(found->value.begin(), found->value.end());
  return outcome;
}

TapeDrive::PositionData TapeDrive::read_position_form(scsi::PositionForm form) {
  std::array<std::uint8_t, 32> data{};
  // The short form has 20 bytes; a larger buffer would only be a residual to argue about.
  const auto buffer =
      std::span(data).first(form == scsi::PositionForm::short_form ? 20 : data.size());
  PositionData position;
  position.result = execute_in(scsi::read_position(form), buffer, timeout_s::general);
  if (!succeeded(position.result)) return position;
  const auto bytes = received(buffer, position.result);
  switch (form) {
    case scsi::PositionForm::short_form:
      position.data = scsi::decode_short_position(bytes);
      break;
    case scsi::PositionForm::long_form:
      position.data = scsi::decode_long_position(bytes);
      break;
    case scsi::PositionForm::extended_form:
      position.data = scsi::decode_extended_position(bytes);
      break;
  }
  return position;
}

Response<Position> TapeDrive::read_position() {
  PositionData position;
  if (!long_form_rejected_) {
    position = read_position_form(scsi::PositionForm::long_form);
    long_form_rejected_ = is_rejected(position.result);
  }
  if (long_form_rejected_) {
    position = read_position_form(scsi::PositionForm::short_form);
  }
  Response<Position> outcome{to_position(position.data), std::move(position.result)};
  const bool has_hint = long_form_rejected_ || extended_form_rejected_;
  if (!outcome.value || !outcome.value->known || has_hint) return outcome;

  // The long form has no room for the buffer's fill. Should this second command meet anything but a
  // refusal, that is what the caller must see: a unit attention is delivered once.
  auto extended = read_position_form(scsi::PositionForm::extended_form);
  extended_form_rejected_ = is_rejected(extended.result);
  if (extended.data) {
    outcome.value->bytes_in_buffer = extended.data->bytes_in_buffer;
  } else if (!extended_form_rejected_) {
    return {std::nullopt, std::move(extended.result)};
  }
  return outcome;
}

Result TapeDrive::rewind() { return execute(scsi::rewind(), timeout_s::rewind); }

Result TapeDrive::locate(std::uint64_t object_number) {
  auto result = execute(scsi::locate_16(object_number), timeout_s::locate);
  // Old drives have LOCATE(10) only.
  const auto sense = result.decoded_sense();
  const bool unknown_command = is_rejected(result) && sense->asc == 0x20;
  if (!unknown_command || object_number > UINT32_MAX) return result;
  return execute(scsi::locate_10(static_cast<std::uint32_t>(object_number)), timeout_s::locate);
}

Result TapeDrive::space_filemarks(std::int32_t count) {
  const auto cdb = scsi::space_6(scsi::SpaceCode::filemarks, count);
  constexpr std::int32_t limit = 0x7FFFFF;
  if (count < -limit || count > limit) return out_of_range(cdb, limit);
  return execute(cdb, timeout_s::space);
}

Result TapeDrive::space_to_end_of_data() {
  return execute(scsi::space_6(scsi::SpaceCode::end_of_data, 0), timeout_s::space);
}

Result TapeDrive::load() { return execute(scsi::load_unload(true), timeout_s::load); }

Result TapeDrive::unload() { return execute(scsi::load_unload(false), timeout_s::unload); }

Result TapeDrive::prevent_removal(bool prevent) {
  return execute(scsi::prevent_allow_medium_removal(prevent), timeout_s::general);
}

Result TapeDrive::allow_overwrite(std::uint64_t object_number) {
  return execute(scsi::allow_overwrite(object_number), timeout_s::general);
}

ReadOutcome TapeDrive::read_block(std::span<std::uint8_t> buffer) {
  const auto offered = buffer.first(std::min<std::size_t>(buffer.size(), scsi::maximum_transfer_6));
  const auto cdb = scsi::read_6(static_cast<std::uint32_t>(offered.size()));
  return classify_read(execute_in(cdb, offered, timeout_s::read), offered.size());
}

WriteOutcome TapeDrive::write_block(std::span<const std::uint8_t> data) {
  const auto cdb = scsi::write_6(static_cast<std::uint32_t>(data.size()));
  if (data.size() > scsi::maximum_transfer_6) {
    return classify_write(out_of_range(cdb, scsi::maximum_transfer_6), data.size());
  }
  return classify_write(execute_out(cdb, data, timeout_s::write), data.size());
}

WriteOutcome TapeDrive::write_filemarks(std::uint32_t count, bool immediate) {
  const auto cdb = scsi::write_filemarks_6(count, immediate);
  if (count > scsi::maximum_transfer_6) {
    return classify_write(out_of_range(cdb, scsi::maximum_transfer_6), count);
  }
  return classify_write(execute(cdb, timeout_s::write_filemarks), count);
}

}  // namespace tidemark
