// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scsi/block_protection.h"
#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/drive_limits.h"

/// READ and VERIFY.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

scsi::Sense filemark_sense(std::uint64_t residue) {
  scsi::Sense sense;
  sense.ascq = 0x01;
  sense.filemark = true;
  sense.information = static_cast<std::int64_t>(residue);
  return sense;
}

scsi::Sense length_sense(std::int64_t residue) {
  scsi::Sense sense;
  sense.incorrect_length = true;
  sense.information = residue;
  return sense;
}

}  // namespace

Answer Drive::end_of_data_read(const Request& request, bool fixed, std::uint64_t residue) {
  if (end_of_data_is_lost()) {
    auto answer = ran_out_of_data(static_cast<std::int64_t>(residue));
    answer.sense->key = key::blank_check;
    return answer;
  }
  scsi::Sense sense;
  sense.key = key::blank_check;
  if (!quirks_.nameless_end_of_data) {
    sense.ascq = 0x05;
    sense.information = static_cast<std::int64_t>(residue);
    return check(sense);
  }
  if (fixed) return check(key::medium_error, 0x31, 0x00);
  sense.end_of_medium = true;
  return {sense, quirks_.delivers_the_difference ? request.data_in.size() : 0, 0};
}

std::optional<Answer> Drive::refuse_to_read(const LogicalObject& object,
                                            InitiatorId initiator) const {
  switch (encryption_.reading(medium_->keys().find(object.key), initiator)) {
    case DataEncryption::Reading::allowed:
      return std::nullopt;
    case DataEncryption::Reading::no_key:
      return check(key::data_protect, 0x74, 0x01);
    case DataEncryption::Reading::unencrypted:
      return check(key::data_protect, 0x74, 0x02);
    case DataEncryption::Reading::other_key:
      break;
  }
  return check(key::data_protect, 0x74, 0x03);
}

bool Drive::read_block(std::uint64_t number, scsi::MutableBytes bytes) {
  const auto object = tape().object(number);
  const std::size_t length = object.length;
  const auto data_bytes = std::min(length, bytes.size());
  if (tape().read(number, bytes.first(data_bytes)) != 0) {
    note_read_failure();
    return false;
  }
  // What protects a block goes with the whole of it only: a part has no CRC.
  if (settings_.protection_bytes_on_read() > 0 && bytes.size() > length) {
    const auto protection = scsi::block_protection(bytes.first(length));
    const auto room = std::min(protection.size(), bytes.size() - length);
    std::copy_n(protection.begin(), room, bytes.begin() + static_cast<std::ptrdiff_t>(length));
  }
  auto& memory = medium_->memory();
  transfers_.bytes_read += object.native_bytes();
  transfers_.host_bytes_read += length;
  memory.read_bytes += object.native_bytes();
  memory.read_bytes_in_load += object.native_bytes();
  memory.host_read_bytes_in_load += length;
  return true;
}

void Drive::note_read_failure() {
  ++transfers_.read_errors;
  ++counters_.hard_read_errors;
  for (const auto flag : {tape_alert::hard_error, tape_alert::medium, tape_alert::read_failure}) {
    tape_alerts_.set(flag);
  }
}

Answer Drive::read_6(const Request& request) {
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool fixed = (request.cdb[1] & 0x01) != 0;
  const bool suppress_incorrect_length = (request.cdb[1] & 0x02) != 0;
  // Blocks of fixed length cannot have another one unnoticed (SSC-5 6.4).
  if (fixed && (suppress_incorrect_length || settings_.block_bytes == 0)) {
    return invalid_field_in_cdb();
  }
  if (encryption_.key_has_changed(request.initiator)) return check(key::data_protect, 0x2A, 0x13);
  if (!prepare_motion()) return deferred_write_error();
  if (length == 0) return good();
  return fixed ? read_fixed(request, length) : read_one(request, length);
}

Answer Drive::read_one(const Request& request, std::uint32_t length) {
  if (position_ == tape().object_count()) return end_of_data_read(request, false, length);
  const auto object = tape().object(position_);
  if (object.filemark) {
    ++position_;
    return {filemark_sense(length), quirks_.delivers_the_difference ? request.data_in.size() : 0,
            0};
  }
  if (auto refusal = refuse_to_read(object, request.initiator)) return *refusal;
  const auto block_bytes = object.length + settings_.protection_bytes_on_read();
  const auto wanted = std::min<std::size_t>({block_bytes, length, request.data_in.size()});
  if (!read_block(position_, request.data_in.first(wanted))) {
    return check(key::medium_error, 0x11, 0x00);
  }
  ++position_;
  transfers_.bytes_sent += wanted;
  Answer answer{std::nullopt, wanted, 0};
  if (block_bytes == length) return answer;
  if (quirks_.delivers_the_difference) {
    const std::size_t missing = block_bytes < length ? length - block_bytes : 0;
    answer.transferred = std::min(missing, request.data_in.size());
  }
  // SILI silences a shorter block, and a longer one as long as no block length is set (SSC-5 6.4).
  const bool is_longer = block_bytes > length;
  const bool may_be_silent = !is_longer || settings_.block_bytes == 0;
  const bool is_silent = (request.cdb[1] & 0x02) != 0 && may_be_silent && !quirks_.ignores_sili;
  if (!is_silent) {
    answer.sense = length_sense(static_cast<std::int64_t>(length) - std::int64_t{block_bytes});
  }
  return answer;
}

Answer Drive::read_fixed(const Request& request, std::uint32_t count) {
  const auto protection = settings_.protection_bytes_on_read();
  const std::size_t block_bytes = settings_.block_bytes + protection;
  Answer answer;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto residue = count - i;
    const auto so_far = answer.transferred;
    if (position_ == tape().object_count()) {
      answer.sense = end_of_data_read(request, true, residue).sense;
      return answer;
    }
    const auto object = tape().object(position_);
    if (object.filemark) {
      ++position_;
      answer.sense = filemark_sense(residue);
      return answer;
    }
    if (auto refusal = refuse_to_read(object, request.initiator)) {
      refusal->transferred = so_far;
      refusal->sense->information = residue;
      return *refusal;
    }
    const bool has_other_length = object.length != settings_.block_bytes;
    if (has_other_length && quirks_.one_fixed_length) {
      answer.sense = check(key::medium_error, 0x31, 0x00).sense;
      return answer;
    }
    // The tape is behind the block that is not as long as the others.
    if (has_other_length) {
      ++position_;
      answer.sense = length_sense(residue);
      return answer;
    }
    if (request.data_in.size() - so_far < block_bytes) return answer;
    if (!read_block(position_, request.data_in.subspan(so_far, block_bytes))) {
      answer.sense = check(key::medium_error, 0x11, 0x00).sense;
      answer.sense->information = residue;
      return answer;
    }
    ++position_;
    answer.transferred += block_bytes;
    transfers_.bytes_sent += block_bytes;
  }
  return answer;
}

Answer Drive::verify_6(const Request& request) {
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool immediate = (request.cdb[1] & 0x04) != 0;
  const bool compares_bytes = (request.cdb[1] & 0x02) != 0;
  const bool fixed = (request.cdb[1] & 0x01) != 0;
  if (compares_bytes || (fixed && settings_.block_bytes == 0)) return invalid_field_in_cdb();
  if (!prepare_motion()) return deferred_write_error();
  const auto count = fixed ? length : std::min<std::uint32_t>(length, 1);
  const auto protection = settings_.protection_bytes_on_read();
  std::vector<std::uint8_t> bytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto residue = fixed ? count - i : length;
    if (position_ == tape().object_count()) {
      return at_once(immediate, end_of_data_read(request, fixed, residue));
    }
    const auto object = tape().object(position_);
    if (object.filemark) {
      ++position_;
      return at_once(immediate, check(filemark_sense(residue)));
    }
    bytes.resize(object.length);
    if (!read_block(position_, bytes)) {
      return at_once(immediate, check(key::medium_error, 0x11, 0x00));
    }
    ++position_;
    const auto wanted = fixed ? settings_.block_bytes : length - std::min(length, protection);
    if (object.length != wanted) {
      const auto difference =
          fixed ? std::int64_t{residue} : std::int64_t{wanted} - std::int64_t{object.length};
      return at_once(immediate, check(length_sense(difference)));
    }
  }
  return good();
}

}  // namespace tidemark::simulator
