// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scsi/attribute.h"
#include "scsi/cdb.h"
#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/drive_limits.h"

/// READ ATTRIBUTE and WRITE ATTRIBUTE: the cartridge's memory chip.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
using scsi::AttributeFormat;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t memory_bytes = 16384;
constexpr std::uint8_t worm_medium = 0x80;

/// What hosts may write, and how long it may be (SPC-5 7.4.2.4).
struct HostAttributeType {
  std::uint16_t id;
  AttributeFormat format;
  std::size_t maximum_bytes;
};
constexpr HostAttributeType host_attribute_types[] = {
    {0x0800, AttributeFormat::ascii, 8},     {0x0801, AttributeFormat::ascii, 32},
    {0x0802, AttributeFormat::ascii, 8},     {0x0803, AttributeFormat::text, 160},
    {0x0804, AttributeFormat::ascii, 12},    {0x0805, AttributeFormat::binary, 1},
    {0x0806, AttributeFormat::ascii, 32},    {0x0807, AttributeFormat::text, 80},
    {0x0808, AttributeFormat::text, 160},    {0x0809, AttributeFormat::ascii, 16},
    {0x080A, AttributeFormat::binary, 1},    {0x080B, AttributeFormat::ascii, 16},
    {0x080C, AttributeFormat::binary, 1023}, {0x0820, AttributeFormat::binary, 36},
    {0x0821, AttributeFormat::binary, 36}};

scsi::Attribute number(std::uint16_t id, std::uint64_t value, std::size_t width = 8) {
  std::vector<std::uint8_t> bytes(width);
  scsi::store_be(bytes, 0, width, value);
  return {id, AttributeFormat::binary, std::move(bytes), true};
}

scsi::Attribute ascii(std::uint16_t id, const std::string& value, std::size_t width) {
  std::vector<std::uint8_t> bytes(width);
  scsi::store_ascii(bytes, 0, width, value);
  return {id, AttributeFormat::ascii, std::move(bytes), true};
}

std::uint64_t bytes_of_host_attributes(const MediumMemory& memory) {
  std::uint64_t bytes = 0;
  for (const auto& [place, attribute] : memory.host_attributes) bytes += attribute.value.size() + 5;
  return bytes;
}

/// Object numbers of the first encrypted block of a partition, and of the first one behind it that
/// is not; all ones: there is none.
std::pair<std::uint64_t, std::uint64_t> encrypted_blocks(const Medium& medium,
                                                         std::uint8_t number) {
  std::pair<std::uint64_t, std::uint64_t> found{UINT64_MAX, UINT64_MAX};
  if (medium.keys().size() == 0) return found;
  const auto& partition = medium.partition(number);
  for (std::uint64_t i = 0; i < partition.object_count(); ++i) {
    const auto object = partition.object(i);
    if (object.filemark) continue;
    if (found.first == UINT64_MAX && object.key != 0) found.first = i;
    if (found.first != UINT64_MAX && object.key == 0) return {found.first, i};
  }
  return found;
}

/// What the chip has of the cartridge itself, which never changes.
void add_medium_attributes(std::vector<scsi::Attribute>& list, const MediumAttributes& medium,
                           std::uint8_t density) {
  list.push_back(ascii(0x0400, "TIDEMARK", 8));
  list.push_back(ascii(0x0401, medium.serial_number, 32));
  list.push_back(number(0x0402, 1035, 4));  // metres, as LTO-9 has them
  list.push_back(number(0x0403, 127, 4));   // tenths of a millimetre
  list.push_back(ascii(0x0404, "LTO-CVE", 8));
  list.push_back(number(0x0405, density, 1));
  list.push_back(ascii(0x0406, "20260101", 8));
  list.push_back(number(0x0407, memory_bytes));
  list.push_back(number(0x0408, medium.worm ? worm_medium : 0, 1));
  list.push_back(number(0x0409, 0, 2));
}

const HostAttributeType* find_type(std::uint16_t id) {
  const auto* const end = std::end(host_attribute_types);
  const auto* const found =
      std::find_if(std::begin(host_attribute_types), end,
                   [&](const HostAttributeType& each) { return each.id == id; });
  return found == end ? nullptr : found;
}

}  // namespace

std::vector<scsi::Attribute> Drive::attributes(std::uint8_t partition) const {
  const auto& memory = medium_->memory();
  const auto capacity = medium_->capacity_bytes(partition);
  const auto used = std::min(medium_->partition(partition).native_bytes(), capacity);
  const auto [encrypted, unencrypted] = encrypted_blocks(*medium_, partition);
  std::uint64_t alerts = 0;
  for (unsigned flag = 1; flag <= 64; ++flag)
    alerts = alerts << 1 | (tape_alerts_.test(flag) ? 1 : 0);
  std::vector<scsi::Attribute> list{
      number(0x0000, (capacity - used) / mebibyte),
      number(0x0001, capacity / mebibyte),
      number(0x0002, alerts),
      number(0x0003, memory.load_count),
      number(0x0004, memory_bytes - std::min(memory_bytes, bytes_of_host_attributes(memory))),
      ascii(0x0005, "LTO-CVE", 8),
      number(0x0006, quirks_.generation->density, 1),
      number(0x0007, memory.initializations, 2),
      ascii(0x0008, "", 32),
      number(0x0009, memory.volume_change_reference, 4)};
  for (std::size_t i = 0; i < 4; ++i) {
    const bool is_known = i < memory.drives.size();
    auto drive = ascii(static_cast<std::uint16_t>(0x020A + i), is_known ? "TIDEMARK" : "", 40);
    if (is_known) scsi::store_ascii(drive.value, 8, 32, memory.drives[i]);
    list.push_back(std::move(drive));
  }
  list.push_back(number(0x0220, memory.written_bytes / mebibyte));
  list.push_back(number(0x0221, memory.read_bytes / mebibyte));
  list.push_back(number(0x0222, memory.written_bytes_in_load / mebibyte));
  list.push_back(number(0x0223, memory.read_bytes_in_load / mebibyte));
  list.push_back(number(0x0224, encrypted));
  list.push_back(number(0x0225, unencrypted));
  add_medium_attributes(list, medium_->attributes(), quirks_.generation->density);
  for (const auto& [place, attribute] : memory.host_attributes) {
    if (place.first != partition) continue;
    list.push_back(
        {place.second, static_cast<AttributeFormat>(attribute.format), attribute.value, false});
  }
  return list;
}

Answer Drive::read_attribute(const Request& request) {
  const auto action = static_cast<scsi::ReadAttributeAction>(request.service_action());
  const auto partition = request.cdb[7];
  const auto allocation_length = scsi::load_be32(request.cdb, 10);
  if (request.cdb[5] != 0) return invalid_field_in_cdb();  // one logical volume
  if (action == scsi::ReadAttributeAction::volumes) {
    return data(request, scsi::encode_attribute_numbers({0, 1}), allocation_length);
  }
  if (action == scsi::ReadAttributeAction::partitions) {
    return data(request, scsi::encode_attribute_numbers({0, medium_->partition_count()}),
                allocation_length);
  }
  if (partition >= medium_->partition_count()) return invalid_field_in_cdb();
  auto list = attributes(partition);
  if (action != scsi::ReadAttributeAction::values) {
    std::vector<std::uint16_t> identifiers;
    for (const auto& each : list) {
      const bool is_host = find_type(each.id) != nullptr;
      const bool is_list = action == scsi::ReadAttributeAction::list;
      if (is_list || !is_host) identifiers.push_back(each.id);
    }
    if (action == scsi::ReadAttributeAction::supported) {
      for (const auto& each : host_attribute_types) identifiers.push_back(each.id);
    }
    return data(request, scsi::encode_attribute_list(identifiers), allocation_length);
  }
  const auto first_wanted = scsi::load_be16(request.cdb, 8);
  const auto first = std::find_if(list.begin(), list.end(),
                                  [&](const auto& each) { return each.id >= first_wanted; });
  // An identifier behind the last attribute is an invalid field (SPC-5 6.17.2).
  if (first == list.end()) return invalid_field_in_cdb();
  list.erase(list.begin(), first);
  for (auto& each : list) {
    if (quirks_.zero_values) each.value.assign(each.value.size(), 0);
  }
  return data(request, scsi::encode_attributes(list), allocation_length);
}

Answer Drive::write_attribute(const Request& request) {
  const auto partition = request.cdb[7];
  const auto length = scsi::load_be32(request.cdb, 10);
  if (request.cdb[5] != 0 || partition >= medium_->partition_count()) return invalid_field_in_cdb();
  if (length == 0) return good();
  if (request.data_out.size() < length) return parameter_list_length_error();
  if (medium_->attributes().write_protected) {
    tape_alerts_.set(tape_alert::write_protect);
    return check(key::data_protect, 0x27, 0x00);
  }
  const auto list = scsi::decode_attributes(request.data_out.first(length));
  // Attributes that the list does not hold whole are not written in part.
  // Some initiators count the header too.
  if (!list || scsi::load_be32(request.data_out, 0) > length) return parameter_list_length_error();
  auto memory = medium_->memory();
  for (const auto& each : *list) {
    const auto* type = find_type(each.id);
    if (type == nullptr || each.value.size() > type->maximum_bytes || each.format != type->format) {
      return invalid_field_in_parameter_list();
    }
    if (each.value.empty()) {
      memory.host_attributes.erase({partition, each.id});
    } else {
      memory.host_attributes[{partition, each.id}] = {static_cast<std::uint8_t>(each.format),
                                                      each.value};
    }
  }
  if (bytes_of_host_attributes(memory) > memory_bytes) {
    return check(key::illegal_request, 0x55, 0x06);  // insufficient space for auxiliary memory
  }
  medium_->memory() = std::move(memory);
  return medium_->save_memory() == 0 ? good() : internal_failure();
}

}  // namespace tidemark::simulator
