// SPDX-License-Identifier: Apache-2.0
#include "scsi/position.h"

namespace tidemark::scsi {
namespace {

constexpr std::uint8_t bop = 0x80;
constexpr std::uint8_t eop = 0x40;
constexpr std::uint8_t locu = 0x20;  // object count unknown
constexpr std::uint8_t bycu = 0x10;  // byte count unknown
constexpr std::uint8_t mpu = 0x08;   // long form: file number unknown
constexpr std::uint8_t lolu = 0x04;  // location unknown; LONU in the long form
constexpr std::uint8_t perr = 0x02;  // a number does not fit the short form
constexpr std::uint8_t bpew = 0x01;

PositionData decode_flags(std::uint8_t flags) {
  PositionData position;
  position.beginning_of_partition = (flags & bop) != 0;
  position.end_of_partition = (flags & eop) != 0;
  position.beyond_programmable_early_warning = (flags & bpew) != 0;
  return position;
}

std::uint8_t encode_flags(const PositionData& position) {
  return static_cast<std::uint8_t>((position.beginning_of_partition ? bop : 0) |
                                   (position.end_of_partition ? eop : 0) |
                                   (position.location_known ? 0 : lolu) |
                                   (position.beyond_programmable_early_warning ? bpew : 0));
}

std::uint8_t encode_buffer_flags(const PositionData& position) {
  return static_cast<std::uint8_t>((position.objects_in_buffer ? 0 : locu) |
                                   (position.bytes_in_buffer ? 0 : bycu));
}

}  // namespace

std::optional<PositionData> decode_short_position(Bytes bytes) {
  if (bytes.size() < 20) return std::nullopt;
  auto position = decode_flags(bytes[0]);
  position.location_known = (bytes[0] & (lolu | perr)) == 0;
  position.partition = bytes[1];
  position.object_number = load_be32(bytes, 4);
  position.last_object_number = load_be32(bytes, 8);
  if ((bytes[0] & locu) == 0) position.objects_in_buffer = load_be24(bytes, 13);
  if ((bytes[0] & bycu) == 0) position.bytes_in_buffer = load_be32(bytes, 16);
  return position;
}

std::optional<PositionData> decode_long_position(Bytes bytes) {
  // The last eight bytes are obsolete; drives that leave them out still tell all there is.
  if (bytes.size() < 24) return std::nullopt;
  auto position = decode_flags(bytes[0]);
  position.location_known = (bytes[0] & lolu) == 0;
  position.partition = load_be32(bytes, 4);
  position.object_number = load_be64(bytes, 8);
  if ((bytes[0] & mpu) == 0) position.file_number = load_be64(bytes, 16);
  return position;
}

std::optional<PositionData> decode_extended_position(Bytes bytes) {
  if (bytes.size() < 32) return std::nullopt;
  auto position = decode_flags(bytes[0]);
  position.location_known = (bytes[0] & (lolu | perr)) == 0;
  position.partition = bytes[1];
  position.object_number = load_be64(bytes, 8);
  position.last_object_number = load_be64(bytes, 16);
  if ((bytes[0] & locu) == 0) position.objects_in_buffer = load_be24(bytes, 5);
  if ((bytes[0] & bycu) == 0) position.bytes_in_buffer = load_be64(bytes, 24);
  return position;
}

std::vector<std::uint8_t> encode_short_position(const PositionData& position) {
  std::vector<std::uint8_t> bytes(20);
  bytes[0] = encode_flags(position) | encode_buffer_flags(position);
  const auto last = position.last_object_number.value_or(position.object_number);
  if (position.object_number > UINT32_MAX || last > UINT32_MAX ||
      position.bytes_in_buffer.value_or(0) > UINT32_MAX) {
    bytes[0] |= perr;
    return bytes;
  }
  bytes[1] = static_cast<std::uint8_t>(position.partition);
  store_be32(bytes, 4, static_cast<std::uint32_t>(position.object_number));
  store_be32(bytes, 8, static_cast<std::uint32_t>(last));
  store_be24(bytes, 13, position.objects_in_buffer.value_or(0));
  store_be32(bytes, 16, static_cast<std::uint32_t>(position.bytes_in_buffer.value_or(0)));
  return bytes;
}

std::vector<std::uint8_t> encode_long_position(const PositionData& position) {
  std::vector<std::uint8_t> bytes(32);
  bytes[0] = encode_flags(position) | static_cast<std::uint8_t>(position.file_number ? 0 : mpu);
  store_be32(bytes, 4, position.partition);
  store_be64(bytes, 8, position.object_number);
  store_be64(bytes, 16, position.file_number.value_or(0));
  return bytes;
}

std::vector<std::uint8_t> encode_extended_position(const PositionData& position) {
  std::vector<std::uint8_t> bytes(32);
  bytes[0] = encode_flags(position) | encode_buffer_flags(position);
  bytes[1] = static_cast<std::uint8_t>(position.partition);
  store_be16(bytes, 2, 0x1C);
  store_be24(bytes, 5, position.objects_in_buffer.value_or(0));
  store_be64(bytes, 8, position.object_number);
  store_be64(bytes, 16, position.last_object_number.value_or(position.object_number));
  store_be64(bytes, 24, position.bytes_in_buffer.value_or(0));
  return bytes;
}

}  // namespace tidemark::scsi
