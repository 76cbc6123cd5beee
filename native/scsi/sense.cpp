// SPDX-License-Identifier: Apache-2.0
#include "scsi/sense.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::uint8_t filemark_bit = 0x80;
constexpr std::uint8_t end_of_medium_bit = 0x40;
constexpr std::uint8_t incorrect_length_bit = 0x20;

constexpr std::uint8_t information_descriptor = 0x00;
constexpr std::uint8_t command_specific_descriptor = 0x01;
constexpr std::uint8_t sense_key_specific_descriptor = 0x02;
constexpr std::uint8_t field_replaceable_unit_descriptor = 0x03;
constexpr std::uint8_t stream_commands_descriptor = 0x04;
constexpr std::uint8_t another_progress_descriptor = 0x0A;

constexpr std::size_t header_bytes = 8;
constexpr std::size_t maximum_additional_length = 0xFF;

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

/// The three bytes mean what the sense key says (SPC-5 4.4.2.4); SKSV is bit 7 of the first.
void decode_key_specific(Sense& sense, Bytes bytes) {
  if (!load_bit(bytes, 0, 7)) return;
  const auto value = load_be16(bytes, 1);
  switch (sense.key) {
    case sense_key::illegal_request:
      sense.field_pointer = SenseFieldPointer{load_bit(bytes, 0, 6), value, std::nullopt};
      if (load_bit(bytes, 0, 3)) sense.field_pointer->bit = load_bits(bytes, 0, 2, 0);
      break;
    case sense_key::no_sense:
    case sense_key::not_ready:
      sense.progress = value;
      break;
    case sense_key::recovered_error:
    case sense_key::medium_error:
    case sense_key::hardware_error:
      sense.retries = value;
      break;
    default:
      break;
  }
}

bool has_key_specific(const Sense& sense) {
  return sense.field_pointer || sense.progress || sense.retries;
}

void encode_key_specific(const Sense& sense, MutableBytes bytes) {
  if (!has_key_specific(sense)) return;
  bytes[0] = 0x80;  // SKSV
  if (sense.field_pointer) {
    store_bit(bytes, 0, 6, sense.field_pointer->in_cdb);
    store_bit(bytes, 0, 3, sense.field_pointer->bit.has_value());
    store_bits(bytes, 0, 2, 0, sense.field_pointer->bit.value_or(0));
    store_be16(bytes, 1, sense.field_pointer->byte);
    return;
  }
  store_be16(bytes, 1, sense.progress ? *sense.progress : *sense.retries);
}

/// SPC-5 4.4.3.
std::optional<Sense> decode_fixed(Bytes bytes) {
  if (bytes.size() < 3) return std::nullopt;
  Sense sense;
  sense.deferred = (bytes[0] & 0x7F) == 0x71;
  sense.key = bytes[2] & 0x0F;
  set_stream_bits(sense, bytes[2]);
  sense.overflow = load_bit(bytes, 2, 4);
  if ((bytes[0] & 0x80) != 0 && bytes.size() >= 7) {
    // 32 bits wide, and signed: a READ of a block longer than asked gives a negative residue.
    sense.information = static_cast<std::int32_t>(load_be32(bytes, 3));
  }
  // The bytes behind byte 7 exist only as far as ADDITIONAL SENSE LENGTH covers them.
  const auto end =
      bytes.size() < 8 ? bytes.size() : std::min<std::size_t>(bytes.size(), 8U + bytes[7]);
  if (end > 12) sense.asc = bytes[12];
  if (end > 13) sense.ascq = bytes[13];
  if (end > 11) sense.command_specific = load_be32(bytes, 8);
  if (end > 14) sense.field_replaceable_unit = bytes[14];
  if (end > 17) decode_key_specific(sense, bytes.subspan(15, 3));
  return sense;
}

void apply_descriptor(Sense& sense, Bytes descriptor) {
  switch (descriptor[0]) {
    case information_descriptor:
      if (descriptor.size() >= 12 && (descriptor[2] & 0x80) != 0) {
        sense.information = static_cast<std::int64_t>(load_be64(descriptor, 4));
      }
      break;
    case command_specific_descriptor:
      if (descriptor.size() >= 12) sense.command_specific = load_be64(descriptor, 4);
      break;
    case sense_key_specific_descriptor:
      if (descriptor.size() >= 8) decode_key_specific(sense, descriptor.subspan(4, 3));
      break;
    case field_replaceable_unit_descriptor:
      if (descriptor.size() >= 4) sense.field_replaceable_unit = descriptor[3];
      break;
    case another_progress_descriptor:
      if (descriptor.size() >= 8) {
        sense.other_progress.push_back({load_bits(descriptor, 2, 3, 0), descriptor[3],
                                        descriptor[4], load_be16(descriptor, 6)});
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
  sense.overflow = load_bit(bytes, 4, 7);
  if (bytes.size() < 8) return sense;
  auto rest = bytes.subspan(8, std::min<std::size_t>(bytes.size() - 8, bytes[7]));
  while (rest.size() >= 2) {
    const auto length = std::min<std::size_t>(rest.size(), 2U + rest[1]);
    apply_descriptor(sense, rest.first(length));
    rest = rest.subspan(length);
  }
  return sense;
}

/// A descriptor of this size with its header, behind the others.
MutableBytes append_descriptor(std::vector<std::uint8_t>& bytes, std::uint8_t type,
                               std::uint8_t size) {
  const auto at = bytes.size();
  bytes.resize(at + size);
  bytes[at] = type;
  bytes[at + 1] = static_cast<std::uint8_t>(size - 2);
  return MutableBytes(bytes).subspan(at);
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
  bytes[2] = static_cast<std::uint8_t>((sense.key & 0x0F) | stream_bits(sense));
  store_bit(bytes, 2, 4, sense.overflow);
  // VALID stays 0 where the value does not fit (SPC-5 4.4.3).
  if (sense.information && *sense.information == static_cast<std::int32_t>(*sense.information)) {
    bytes[0] |= 0x80;
    store_be32(bytes, 3, static_cast<std::uint32_t>(*sense.information));
  }
  bytes[7] = 10;
  if (sense.command_specific <= UINT32_MAX) {
    store_be32(bytes, 8, static_cast<std::uint32_t>(sense.command_specific));
  }
  bytes[12] = sense.asc;
  bytes[13] = sense.ascq;
  bytes[14] = sense.field_replaceable_unit;
  encode_key_specific(sense, MutableBytes(bytes).subspan(15, 3));
  return bytes;
}

std::vector<std::uint8_t> encode_descriptor_sense(const Sense& sense) {
  std::vector<std::uint8_t> bytes(header_bytes);
  bytes[0] = sense.deferred ? 0x73 : 0x72;
  bytes[1] = sense.key & 0x0F;
  bytes[2] = sense.asc;
  bytes[3] = sense.ascq;
  store_bit(bytes, 4, 7, sense.overflow);
  if (sense.information) {
    const auto descriptor = append_descriptor(bytes, information_descriptor, 12);
    descriptor[2] = 0x80;  // VALID
    store_be64(descriptor, 4, static_cast<std::uint64_t>(*sense.information));
  }
  if (sense.command_specific != 0) {
    const auto descriptor = append_descriptor(bytes, command_specific_descriptor, 12);
    store_be64(descriptor, 4, sense.command_specific);
  }
  if (has_key_specific(sense)) {
    const auto descriptor = append_descriptor(bytes, sense_key_specific_descriptor, 8);
    encode_key_specific(sense, descriptor.subspan(4, 3));
  }
  if (sense.field_replaceable_unit != 0) {
    append_descriptor(bytes, field_replaceable_unit_descriptor, 4)[3] =
        sense.field_replaceable_unit;
  }
  if (stream_bits(sense) != 0) {
    append_descriptor(bytes, stream_commands_descriptor, 4)[3] = stream_bits(sense);
  }
  for (const auto& other : sense.other_progress) {
    if (bytes.size() + 8 - header_bytes > maximum_additional_length) break;
    const auto descriptor = append_descriptor(bytes, another_progress_descriptor, 8);
    descriptor[2] = other.key & 0x0F;
    descriptor[3] = other.asc;
    descriptor[4] = other.ascq;
    store_be16(descriptor, 6, other.progress);
  }
  bytes[7] = static_cast<std::uint8_t>(bytes.size() - header_bytes);
  return bytes;
}

}  // namespace tidemark::scsi
