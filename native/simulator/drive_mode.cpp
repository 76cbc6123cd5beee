// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "scsi/cdb.h"
#include "scsi/tape_mode_page.h"
#include "simulator/drive.h"
#include "simulator/drive_limits.h"
#include "simulator/partition_plan.h"

/// MODE SENSE and MODE SELECT, (6) and (10).
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
namespace code = scsi::mode_page;
namespace sub = scsi::mode_subpage;

constexpr std::uint8_t save_not_supported_asc = 0x39;

/// A mode page of the drive with these settings, and ones where MODE SELECT may change a bit.
struct PageValues {
  std::uint8_t code = 0;
  std::uint8_t subpage = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> changeable;
};

std::vector<std::uint8_t> mask(const std::vector<std::uint8_t>& page, std::size_t header_bytes,
                               std::initializer_list<std::pair<std::size_t, std::uint8_t>> bits) {
  std::vector<std::uint8_t> bytes(page.size());
  std::copy_n(page.begin(), header_bytes, bytes.begin());
  for (const auto& [at, value] : bits) {
    if (at < bytes.size()) bytes[at] = value;
  }
  return bytes;
}

PageValues data_compression_page(const DriveSettings& settings) {
  scsi::DataCompression page;
  page.compress = settings.compress;
  page.capable = true;
  page.decompress = true;
  page.compression_algorithm = 1;
  page.decompression_algorithm = 1;
  auto bytes = scsi::encode_data_compression(page);
  auto changeable = mask(bytes, 2, {{2, 0x80}});
  return {code::data_compression, 0, std::move(bytes), std::move(changeable)};
}

PageValues device_configuration_page(const DriveSettings& settings, std::uint8_t partition) {
  scsi::DeviceConfiguration page;
  page.active_partition = partition;
  page.object_identifiers = true;  // LOIS: READ POSITION and LOCATE mean something
  page.select_compression = settings.compress ? 1 : 0;
  auto bytes = scsi::encode_device_configuration(page);
  auto changeable = mask(bytes, 2, {{14, 0xFF}});
  return {code::device_configuration, 0, std::move(bytes), std::move(changeable)};
}

PageValues configuration_extension_page(const DriveSettings& settings) {
  scsi::DeviceConfigurationExtension page;
  page.write_mode = settings.append_only ? 1 : 0;
  page.short_erase_mode = 2;  // ERASE with LONG = 0 writes end of data here
  page.programmable_early_warning_mb = settings.programmable_early_warning_mb;
  auto bytes = scsi::encode_device_configuration_extension(page);
  auto changeable = mask(bytes, 4, {{5, 0xF0}, {6, 0xFF}, {7, 0xFF}});
  return {code::device_configuration, sub::device_configuration_extension, std::move(bytes),
          std::move(changeable)};
}

PageValues medium_partition_page(const scsi::MediumPartitions& partitions) {
  auto bytes = scsi::encode_medium_partitions(partitions);
  auto changeable = mask(bytes, 2, {{3, 0xFF}, {4, 0xF8}, {6, 0xFF}});
  for (std::size_t at = 8; at < changeable.size(); ++at) changeable[at] = 0xFF;
  return {code::medium_partition, 0, std::move(bytes), std::move(changeable)};
}

PageValues medium_configuration_page(bool worm) {
  scsi::MediumConfiguration page;
  page.worm = worm;
  page.worm_filemark_restrictions = worm ? 2 : 0;
  auto bytes = scsi::encode_medium_configuration(page);
  auto changeable = mask(bytes, 2, {});
  return {code::medium_configuration, 0, std::move(bytes), std::move(changeable)};
}

PageValues data_protection_page(const DriveSettings& settings) {
  auto bytes = scsi::encode_control_data_protection(settings.protection);
  auto changeable = mask(bytes, 4, {{4, 0xFF}, {5, 0x3F}, {6, 0xC0}});
  return {code::control, sub::control_data_protection, std::move(bytes), std::move(changeable)};
}

std::vector<PageValues> all_pages(const DriveSettings& settings,
                                  const scsi::MediumPartitions& partitions, std::uint8_t partition,
                                  bool worm) {
  return {data_protection_page(settings),
          data_compression_page(settings),
          device_configuration_page(settings, partition),
          configuration_extension_page(settings),
          medium_partition_page(partitions),
          medium_configuration_page(worm)};
}

bool is_wanted(const PageValues& page, std::uint8_t wanted, std::uint8_t subpage) {
  const bool is_page = wanted == code::all || wanted == page.code;
  return is_page && (subpage == sub::all || subpage == page.subpage);
}

/// Only changeable bits differ; a page 11h may have another number of sizes.
bool changes_only_what_it_may(const PageValues& page, scsi::Bytes selected) {
  const bool may_grow = page.code == code::medium_partition;
  if (!may_grow && selected.size() != page.bytes.size()) return false;
  for (std::size_t at = 0; at < std::min(selected.size(), page.bytes.size()); ++at) {
    if (may_grow && at == 1) continue;
    const auto ignored = at == 0 ? std::uint8_t{0x80} : page.changeable[at];  // PS is reserved
    const bool is_header = at < (page.subpage == 0 ? 2U : 4U);
    const auto difference = static_cast<std::uint8_t>(selected[at] ^ page.bytes[at]);
    if ((difference & ~(is_header && at != 0 ? 0 : ignored)) != 0) return false;
  }
  return true;
}

bool select_protection(DriveSettings& settings, const scsi::ControlDataProtection& wanted) {
  using Method = scsi::ControlDataProtection::Method;
  const bool is_off = wanted.method == Method::none;
  const bool is_known =
      is_off || (wanted.method == Method::crc32c && wanted.information_bytes == 4);
  if (!is_known || wanted.on_recover) return false;
  settings.protection = wanted;
  return true;
}

/// False: INVALID FIELD IN PARAMETER LIST.
bool select_page(DriveSettings& settings, const PageValues& page, scsi::Bytes selected,
                 std::uint64_t capacity_bytes) {
  if (!changes_only_what_it_may(page, selected)) return false;
  if (page.code == code::data_compression) {
    settings.compress = scsi::decode_data_compression(selected)->compress;
  } else if (page.code == code::control) {
    return select_protection(settings, *scsi::decode_control_data_protection(selected));
  } else if (page.code == code::device_configuration && page.subpage == 0) {
    const auto wanted = scsi::decode_device_configuration(selected)->select_compression;
    if (wanted > 1) return false;
    settings.compress = wanted == 1;
  } else if (page.code == code::device_configuration) {
    const auto wanted = *scsi::decode_device_configuration_extension(selected);
    if (wanted.write_mode > 1) return false;
    settings.append_only = wanted.write_mode == 1;
    settings.programmable_early_warning_mb = wanted.programmable_early_warning_mb;
  } else if (page.code == code::medium_partition) {
    const auto wanted = scsi::decode_medium_partitions(selected);
    if (!wanted || !plan_partitions(*wanted, capacity_bytes)) return false;
    settings.partitions = *wanted;
  }
  return true;
}

}  // namespace

bool Drive::knows_mode_page(std::uint8_t wanted, std::uint8_t subpage) const {
  if (quirks_.no_protection && wanted == code::control) return false;
  if (quirks_.no_configuration_extension && subpage == sub::device_configuration_extension) {
    return false;
  }
  const auto known = quirks_.known_mode_pages;
  return known.empty() || std::find(known.begin(), known.end(), wanted) != known.end();
}

scsi::MediumPartitions Drive::medium_partitions() const {
  if (settings_.partitions != scsi::MediumPartitions()) return settings_.partitions;
  if (!medium_) return describe_partitions({0});
  std::vector<std::uint64_t> bytes;
  for (std::uint8_t i = 0; i < medium_->partition_count(); ++i) {
    bytes.push_back(medium_->capacity_bytes(i));
  }
  return describe_partitions(bytes);
}

std::optional<scsi::ModeParameters> Drive::mode_parameters(const Request& request) const {
  const auto wanted = static_cast<std::uint8_t>(request.cdb[2] & 0x3F);
  const auto subpage = request.cdb[3];
  const auto control = static_cast<scsi::ModePageControl>(request.cdb[2] >> 6);
  const bool without_descriptor = (request.cdb[1] & 0x08) != 0;
  const bool worm = medium_ && medium_->attributes().worm;
  scsi::ModeParameters parameters;
  const bool wants_defaults = control == scsi::ModePageControl::default_values;
  const auto& settings = wants_defaults ? DriveSettings() : settings_;
  for (const auto& page : all_pages(settings, medium_partitions(), partition_, worm)) {
    if (!is_wanted(page, wanted, subpage) || !knows_mode_page(page.code, page.subpage)) continue;
    const auto& bytes = control == scsi::ModePageControl::changeable ? page.changeable : page.bytes;
    parameters.pages.insert(parameters.pages.end(), bytes.begin(), bytes.end());
  }
  // Page 0 asks for header and block descriptor alone.
  if (parameters.pages.empty() && (wanted != 0 || subpage != 0)) return std::nullopt;
  parameters.write_protected = medium_ && medium_->attributes().write_protected;
  parameters.buffered_mode = settings_.buffered ? 1 : 0;
  if (!without_descriptor) {
    parameters.block = {medium_ ? quirks_.generation->density : std::uint8_t{0}, 0,
                        settings_.block_bytes};
  }
  return parameters;
}

Answer Drive::mode_sense_6(const Request& request) {
  if (request.cdb[2] >> 6 == 3) return check(key::illegal_request, save_not_supported_asc, 0x00);
  const auto parameters = mode_parameters(request);
  if (!parameters) return invalid_field_in_cdb();
  return data(request, scsi::encode_mode_sense_6(*parameters), request.cdb[4]);
}

Answer Drive::mode_sense_10(const Request& request) {
  if (request.cdb[2] >> 6 == 3) return check(key::illegal_request, save_not_supported_asc, 0x00);
  const auto parameters = mode_parameters(request);
  if (!parameters) return invalid_field_in_cdb();
  return data(request, scsi::encode_mode_sense_10(*parameters), scsi::load_be16(request.cdb, 7));
}

Answer Drive::mode_select_6(const Request& request) {
  const std::size_t length = request.cdb[4];
  const bool saves = (request.cdb[1] & 0x01) != 0;
  if (saves) return invalid_field_in_cdb();
  if (length == 0) return good();
  if (request.data_out.size() < length) return parameter_list_length_error();
  // MODE DATA LENGTH is reserved here (SPC-5 7.5.6).
  if (request.data_out[0] != 0) return invalid_field_in_parameter_list();
  const auto parameters = scsi::decode_mode_select_6(request.data_out.first(length));
  return parameters ? select_modes(*parameters, request.initiator) : parameter_list_length_error();
}

Answer Drive::mode_select_10(const Request& request) {
  const std::size_t length = scsi::load_be16(request.cdb, 7);
  const bool saves = (request.cdb[1] & 0x01) != 0;
  if (saves) return invalid_field_in_cdb();
  if (length == 0) return good();
  if (request.data_out.size() < length) return parameter_list_length_error();
  if (scsi::load_be16(request.data_out, 0) != 0) return invalid_field_in_parameter_list();
  const auto parameters = scsi::decode_mode_select_10(request.data_out.first(length));
  return parameters ? select_modes(*parameters, request.initiator) : parameter_list_length_error();
}

Answer Drive::select_modes(const scsi::ModeParameters& parameters, InitiatorId initiator) {
  // All or nothing: what is not allowed in one page must not leave another one changed.
  auto settings = settings_;
  if (parameters.buffered_mode > 1) return invalid_field_in_parameter_list();
  settings.buffered = parameters.buffered_mode == 1;
  if (parameters.block) {
    const auto& block = *parameters.block;
    // 7Fh leaves the density as it is, 0 takes the drive's own (SSC-5 8.3.1).
    const bool is_density =
        block.density == 0 || block.density == 0x7F || block.density == quirks_.generation->density;
    if (!is_density || block.blocks != 0 || block.block_bytes > maximum_block_bytes) {
      return invalid_field_in_parameter_list();
    }
    settings.block_bytes = block.block_bytes;
  }
  const bool worm = medium_ && medium_->attributes().worm;
  const auto capacity = medium_ ? medium_->attributes().capacity_bytes : 0;
  for (const auto& selected : scsi::decode_mode_pages(parameters.pages)) {
    const auto pages = all_pages(settings, medium_partitions(), partition_, worm);
    const auto page = std::find_if(pages.begin(), pages.end(), [&](const PageValues& each) {
      return each.code == selected.code && each.subpage == selected.subpage;
    });
    const bool is_there = page != pages.end() && knows_mode_page(page->code, page->subpage);
    if (!is_there || !select_page(settings, *page, selected.bytes, capacity)) {
      return invalid_field_in_parameter_list();
    }
  }
  if (settings == settings_) return good();
  settings_ = settings;
  add_unit_attention_for_others(initiator, 0x2A, 0x01);
  return good();
}

}  // namespace tidemark::simulator
