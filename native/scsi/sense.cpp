// SPDX-License-Identifier: Apache-2.0
#include "scsi/sense.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::uint8_t filemark_bit = 0x80;
constexpr std::uint8_t end_of_medium_bit = 0x40;
constexpr std::uint8_t incorrect_length_bit = 0x20;

constexpr std::uint8_t information_descriptor = 0x00;
constexpr std::uint8_t stream_commands_descriptor = 0x04;

void set_stream_bits(Sense& sense, std::uint8_t bits) {
  sense.filemark = (bits & filemark_bit) != 0;
  sense.end_of_medium = (bits & end_of_medium_bit) != 0;
  sense.incorrect_length = (bits & incorrect_length_bit) != 0;
}

std::uint8_t stream_bits(const Sense& sense) {
  return static_cast<std::uint8_t>((sense.filemark ? filemark_bit : 0) |
                                   (sense.end_of_medium ? end_of_medium_bit : 0) |
                                   (sense.incorrect_length ? incorrect_length_bit : 0));
}

/// SPC-5 4.4.3.
std::optional<Sense> decode_fixed(Bytes bytes) {
  if (bytes.size() < 3) return std::nullopt;
  Sense sense;
  sense.deferred = (bytes[0] & 0x7F) == 0x71;
  sense.key = bytes[2] & 0x0F;
  set_stream_bits(sense, bytes[2]);
  if ((bytes[0] & 0x80) != 0 && bytes.size() >= 7) {
    // 32 bits wide, and signed: a READ of a block longer than asked gives a negative residue.
    sense.information = static_cast<std::int32_t>(load_be32(bytes, 3));
  }
  // The bytes behind byte 7 exist only as far as ADDITIONAL SENSE LENGTH covers them.
  const auto end =
      bytes.size() < 8 ? bytes.size() : std::min<std::size_t>(bytes.size(), 8U + bytes[7]);
  if (end > 12) sense.asc = bytes[12];
  if (end > 13) sense.ascq = bytes[13];
  return sense;
}

void apply_descriptor(Sense& sense, Bytes descriptor) {
  switch (descriptor[0]) {
    case information_descriptor:
      if (descriptor.size() >= 12 && (descriptor[2] & 0x80) != 0) {
        sense.information = static_cast<std::int64_t>(load_be64(descriptor, 4));
      }
      break;
    case stream_commands_descriptor:
      if (descriptor.size() >= 4) set_stream_bits(sense, descriptor[3]);
      break;
    default:
      break;
  }
}

/// SPC-5 4.4.2.
std::optional<Sense> decode_descriptors(Bytes bytes) {
  if (bytes.size() < 4) return std::nullopt;
  Sense sense;
  sense.deferred = (bytes[0] & 0x7F) == 0x73;
  sense.key = bytes[1] & 0x0F;
  sense.asc = bytes[2];
  sense.ascq = bytes[3];
  if (bytes.size() < 8) return sense;
  auto rest = bytes.subspan(8, std::min<std::size_t>(bytes.size() - 8, bytes[7]));
  while (rest.size() >= 2) {
    const auto length = std::min<std::size_t>(rest.size(), 2U + rest[1]);
    apply_descriptor(sense, rest.first(length));
    rest = rest.subspan(length);
  }
  return sense;
}

}  // namespace

std::optional<Sense> decode_sense(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes[0] & 0x7F) {
    case 0x70:
    case 0x71:
      return decode_fixed(bytes);
    case 0x72:
    case 0x73:
      return decode_descriptors(bytes);
    default:
      return std::nullopt;
  }
}

std::vector<std::uint8_t> encode_fixed_sense(const Sense& sense) {
  std::vector<std::uint8_t> bytes(18);
  bytes[0] = sense.deferred ? 0x71 : 0x70;
  bytes[2] = static_cast<std::uint8_t>(sense.key | stream_bits(sense));
  // VALID stays 0 where the value does not fit (SPC-5 4.4.3).
  if (sense.information && *sense.information == static_cast<std::int32_t>(*sense.information)) {
    bytes[0] |= 0x80;
    store_be32(bytes, 3, static_cast<std::uint32_t>(*sense.information));
  }
  bytes[7] = 10;
  bytes[12] = sense.asc;
  bytes[13] = sense.ascq;
  return bytes;
}

std::vector<std::uint8_t> encode_descriptor_sense(const Sense& sense) {
  std::vector<std::uint8_t> bytes(8);
  bytes[0] = sense.deferred ? 0x73 : 0x72;
  bytes[1] = sense.key;
  bytes[2] = sense.asc;
  bytes[3] = sense.ascq;
  if (sense.information) {
    const auto at = bytes.size();
    bytes.resize(at + 12);
    bytes[at] = information_descriptor;
    bytes[at + 1] = 0x0A;
    bytes[at + 2] = 0x80;  // VALID
    store_be64(bytes, at + 4, static_cast<std::uint64_t>(*sense.information));
  }
  if (stream_bits(sense) != 0) {
    const auto at = bytes.size();
    bytes.resize(at + 4);
    bytes[at] = stream_commands_descriptor;
    bytes[at + 1] = 0x02;
    bytes[at + 3] = stream_bits(sense);
  }
  bytes[7] = static_cast<std::uint8_t>(bytes.size() - 8);
  return bytes;
}

}  // namespace tidemark::scsi
