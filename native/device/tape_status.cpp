// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "device/tape_drive.h"

/// How a drive is set, how it is, and where its tape stands.
namespace tidemark {
namespace {

constexpr std::uint16_t density_bytes = 8192;

std::optional<Position> to_position(const std::optional<scsi::PositionData>& data) {
  if (!data) return std::nullopt;
  Position position;
  position.known = data->location_known;
  position.beginning_of_partition = data->beginning_of_partition;
  position.end_of_partition = data->end_of_partition;
  position.beyond_programmable_early_warning = data->beyond_programmable_early_warning;
  if (position.known) {
    position.partition = data->partition;
    position.object_number = data->object_number;
    position.file_number = data->file_number;
  }
  position.bytes_in_buffer = data->bytes_in_buffer;
  return position;
}

}  // namespace

Response<scsi::BlockLimits> TapeDrive::read_block_limits() {
  constexpr std::size_t bytes = 6;
  return ask(scsi::read_block_limits(), bytes, scsi::decode_block_limits);
}

Response<std::uint64_t> TapeDrive::maximum_object_number() {
  constexpr std::size_t bytes = 20;
  return ask(scsi::read_block_limits(true), bytes, scsi::decode_maximum_object_identifier);
}

Response<ModeStatus> TapeDrive::mode_status() {
  // Page 1Dh tells WORM; drives older than it have page 10h and no WORM media either.
  auto mode = mode_sense({.page = scsi::mode_page::medium_configuration});
  if (is_rejected(mode.result)) {
    mode = mode_sense({.page = scsi::mode_page::device_configuration});
  }
  Response<ModeStatus> answer;
  answer.result = std::move(mode.result);
  if (!mode.value) return answer;
  const auto medium = scsi::decode_medium_configuration(
      scsi::find_mode_page(mode.value->pages, scsi::mode_page::medium_configuration));
  const auto block = mode.value->block.value_or(scsi::ModeBlockDescriptor{});
  answer.value = ModeStatus{.write_protected = mode.value->write_protected,
                            .buffered_mode = mode.value->buffered_mode,
                            .block_bytes = block.block_bytes,
                            .density = block.density,
                            .medium_type = mode.value->medium_type,
                            .worm = medium && medium->worm};
  return answer;
}

Result TapeDrive::set_block_bytes(std::uint32_t bytes) {
  return change_mode(scsi::mode_page::device_configuration, 0,
                     [bytes](scsi::ModeParameters& parameters) {
                       // Header and block descriptor alone.
                       parameters.pages.clear();
                       if (!parameters.block) parameters.block.emplace();
                       parameters.block->blocks = 0;
                       parameters.block->block_bytes = bytes;
                       parameters.buffered_mode = 1;
                     });
}

Response<scsi::DataCompression> TapeDrive::compression() {
  return ask_mode_page(scsi::mode_page::data_compression, 0, scsi::decode_data_compression);
}

Result TapeDrive::set_compression(bool on) {
  return change_mode(scsi::mode_page::data_compression, 0, [on](scsi::ModeParameters& parameters) {
    auto values = scsi::decode_data_compression(parameters.pages).value_or(scsi::DataCompression{});
    values.compress = on;
    parameters.pages = scsi::encode_data_compression(values, parameters.pages);
  });
}

Response<scsi::DeviceConfiguration> TapeDrive::device_configuration() {
  return ask_mode_page(scsi::mode_page::device_configuration, 0, scsi::decode_device_configuration);
}

Response<scsi::DeviceConfigurationExtension> TapeDrive::device_configuration_extension() {
  return ask_mode_page(scsi::mode_page::device_configuration,
                       scsi::mode_subpage::device_configuration_extension,
                       scsi::decode_device_configuration_extension);
}

namespace {

template <typename Change>
auto change_extension(Change change) {
  return [change](scsi::ModeParameters& parameters) {
    auto values = scsi::decode_device_configuration_extension(parameters.pages)
                      .value_or(scsi::DeviceConfigurationExtension{});
    change(values);
    parameters.pages = scsi::encode_device_configuration_extension(values, parameters.pages);
  };
}

}  // namespace

Result TapeDrive::set_append_only(bool on) {
  return change_mode(scsi::mode_page::device_configuration,
                     scsi::mode_subpage::device_configuration_extension,
                     change_extension([on](scsi::DeviceConfigurationExtension& values) {
                       values.write_mode = on ? 1 : 0;
                     }));
}

Result TapeDrive::set_programmable_early_warning(std::uint16_t megabytes) {
  return change_mode(scsi::mode_page::device_configuration,
                     scsi::mode_subpage::device_configuration_extension,
                     change_extension([megabytes](scsi::DeviceConfigurationExtension& values) {
                       values.programmable_early_warning_mb = megabytes;
                     }));
}

Response<scsi::MediumConfiguration> TapeDrive::medium_configuration() {
  return ask_mode_page(scsi::mode_page::medium_configuration, 0, scsi::decode_medium_configuration);
}

Response<scsi::MediumPartitions> TapeDrive::partitions() {
  return ask_mode_page(scsi::mode_page::medium_partition, 0, scsi::decode_medium_partitions);
}

Result TapeDrive::set_partitions(const scsi::MediumPartitions& partitions) {
  return change_mode(
      scsi::mode_page::medium_partition, 0, [&partitions](scsi::ModeParameters& parameters) {
        parameters.pages = scsi::encode_medium_partitions(partitions, parameters.pages);
      });
}

Response<scsi::ControlDataProtection> TapeDrive::block_protection() {
  return ask_mode_page(scsi::mode_page::control, scsi::mode_subpage::control_data_protection,
                       scsi::decode_control_data_protection);
}

Result TapeDrive::set_block_protection(bool on) {
  auto result = change_mode(scsi::mode_page::control, scsi::mode_subpage::control_data_protection,
                            [on](scsi::ModeParameters& parameters) {
                              using Method = scsi::ControlDataProtection::Method;
                              auto values = scsi::decode_control_data_protection(parameters.pages)
                                                .value_or(scsi::ControlDataProtection{});
                              values.method = on ? Method::crc32c : Method::none;
                              values.information_bytes = on ? 4 : 0;
                              values.on_write = on;
                              values.on_read = on;
                              parameters.pages =
                                  scsi::encode_control_data_protection(values, parameters.pages);
                            });
  if (succeeded(result)) {
    protects_blocks_ = on;
    settings_known();
  }
  return result;
}

bool TapeDrive::protects_blocks() {
  // A reset switches protection off, and without it the drive takes the four bytes for data.
  if (protects_blocks_ && settings_in_doubt()) {
    if (const auto page = block_protection(); page.value) {
      protects_blocks_ = page.value->on_write;
      settings_known();
    }
  }
  return protects_blocks_;
}

Response<std::vector<scsi::DensityDescriptor>> TapeDrive::densities(bool current_medium) {
  return ask(scsi::report_density_support({.current_medium = current_medium}, density_bytes),
             density_bytes, scsi::decode_densities);
}

Response<std::vector<scsi::MediumTypeDescriptor>> TapeDrive::medium_types(bool current_medium) {
  return ask(scsi::report_density_support({.current_medium = current_medium, .medium_types = true},
                                          density_bytes),
             density_bytes, scsi::decode_medium_types);
}

Response<std::vector<scsi::LogParameter>> TapeDrive::log_parameters(std::uint8_t page) {
  auto log = log_page({.page = page});
  Response<std::vector<scsi::LogParameter>> answer;
  if (log.value) answer.value = std::move(log.value->parameters);
  answer.result = std::move(log.result);
  return answer;
}

Response<scsi::DriveStatus> TapeDrive::drive_status() {
  auto log = log_parameters(scsi::log_page::device_status);
  Response<scsi::DriveStatus> answer;
  if (log.value) answer.value = scsi::decode_drive_status(*log.value);
  answer.result = std::move(log.result);
  return answer;
}

Response<bool> TapeDrive::end_of_data_valid() {
  auto log = log_parameters(scsi::log_page::volume_statistics);
  Response<bool> answer;
  if (log.value) answer.value = scsi::end_of_data_valid(*log.value);
  answer.result = std::move(log.result);
  return answer;
}

Response<std::vector<std::uint16_t>> TapeDrive::tape_alerts() {
  auto log = log_parameters(scsi::log_page::tape_alert);
  Response<std::vector<std::uint16_t>> answer;
  if (log.value) {
    const auto flags = scsi::set_tape_alert_flags(*log.value);
    answer.value.emplace(flags.begin(), flags.end());
  }
  answer.result = std::move(log.result);
  return answer;
}

Response<std::vector<std::uint16_t>> TapeDrive::tape_alert_response() {
  auto log = log_parameters(scsi::log_page::tape_alert_response);
  Response<std::vector<std::uint16_t>> answer;
  if (log.value) {
    const auto flags = scsi::set_tape_alert_response_flags(*log.value);
    answer.value.emplace(flags.begin(), flags.end());
  }
  answer.result = std::move(log.result);
  return answer;
}

Response<Position> TapeDrive::read_position_form(scsi::PositionForm form) {
  // The short form has 20 bytes; a larger buffer would only be a residual to argue about.
  const std::size_t bytes = form == scsi::PositionForm::short_form ? 20 : 32;
  return ask(scsi::read_position(form), bytes, [form](scsi::Bytes answer) {
    switch (form) {
      case scsi::PositionForm::short_form:
        return to_position(scsi::decode_short_position(answer));
      case scsi::PositionForm::long_form:
        return to_position(scsi::decode_long_position(answer));
      case scsi::PositionForm::extended_form:
        break;
    }
    return to_position(scsi::decode_extended_position(answer));
  });
}

Response<Position> TapeDrive::read_position() {
  Response<Position> position;
  if (!long_form_rejected_) {
    position = read_position_form(scsi::PositionForm::long_form);
    long_form_rejected_ = is_rejected(position.result);
  }
  if (long_form_rejected_) position = read_position_form(scsi::PositionForm::short_form);
  const bool has_hint = long_form_rejected_ || extended_form_rejected_;
  if (!position.value || !position.value->known || has_hint) return position;

  // The long form has no room for the buffer's fill. Should this second command meet anything but a
  // refusal, that is what the caller must see: a unit attention is delivered once.
  auto extended = read_position_form(scsi::PositionForm::extended_form);
  extended_form_rejected_ = is_rejected(extended.result);
  if (extended.value) {
    position.value->bytes_in_buffer = extended.value->bytes_in_buffer;
  } else if (!extended_form_rejected_) {
    return {std::nullopt, std::move(extended.result)};
  }
  return position;
}

}  // namespace tidemark
