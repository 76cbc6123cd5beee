// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <utility>

#include "scsi/block_protection.h"
#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/drive_limits.h"

/// WRITE, WRITE FILEMARKS, and the way through the buffer to the medium.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

/// A full buffer gives up at least this part of itself at a time: few, large writes to the medium.
constexpr std::size_t destage_divisor = 8;
constexpr std::uint64_t megabyte = 1'000'000;

Answer end_of_medium(std::uint8_t ascq, bool with_information) {
  scsi::Sense sense;
  sense.ascq = ascq;
  sense.end_of_medium = true;
  if (with_information) sense.information = 0;
  return check(sense);
}

/// The block came damaged (SSC-5 4.2.29); nothing from it on was written.
Answer guard_check_failed(std::uint64_t residue) {
  scsi::Sense sense;
  sense.key = key::hardware_error;
  sense.asc = 0x10;
  sense.ascq = 0x01;
  sense.information = static_cast<std::int64_t>(residue);
  return check(sense);
}

}  // namespace

Answer Drive::deferred_write_error() {
  scsi::Sense sense;
  sense.key = key::medium_error;
  sense.asc = 0x0C;
  if (const auto failure = std::exchange(medium_failure_, std::nullopt)) sense = *failure;
  sense.deferred = true;
  return check(sense);
}

void Drive::lose_buffer() {
  position_ = medium_position();
  buffer_.clear();
}

bool Drive::note_change() {
  if (volume_change_noted_ || quirks_.start_stop_unit) return true;
  volume_change_noted_ = true;
  ++medium_->memory().volume_change_reference;
  return medium_->save_memory() == 0;
}

bool Drive::append(std::span<const LogicalObject> objects, std::span<const iovec> data) {
  const auto at = medium_position();
  const bool overwrites = at < tape().object_count();
  if (!note_change()) return false;
  if (overwrites && tape().truncate(at) != 0) return false;
  if (!mark_end_of_data()) return false;
  if (tape().append(objects, data) != 0) return false;
  auto& memory = medium_->memory();
  for (const auto& object : objects) {
    transfers_.bytes_written += object.native_bytes();
    transfers_.host_bytes_written += object.length;
    memory.written_bytes += object.native_bytes();
    memory.written_bytes_in_load += object.native_bytes();
    memory.host_written_bytes_in_load += object.length;
  }
  return true;
}

bool Drive::destage(std::size_t bytes) {
  if (buffer_.empty()) return true;
  auto batch = buffer_.oldest(bytes);
  const auto wanted = batch.objects.size();
  const auto writable = writable_objects(wanted);
  if (writable < wanted) batch = buffer_.first(writable);
  const bool is_written = batch.objects.empty() || append(batch.objects, batch.data);
  if (is_written) buffer_.remove(batch);
  if (is_written && writable == wanted) return true;
  note_write_failure();
  lose_buffer();
  return false;
}

void Drive::note_write_failure() {
  ++transfers_.write_errors;
  ++counters_.hard_write_errors;
  for (const auto flag : {tape_alert::hard_error, tape_alert::medium, tape_alert::write_failure}) {
    tape_alerts_.set(flag);
  }
}

bool Drive::synchronise() {
  if (streaming_) streaming_->synchronise();
  if (!destage(std::numeric_limits<std::size_t>::max())) return false;
  has_written_ = false;
  return true;
}

std::uint64_t Drive::native_bytes_before_here() const {
  return tape().native_bytes_before(medium_position()) + buffer_.native_bytes();
}

bool Drive::past_early_warning() const {
  if (quirks_.endless_tape) return native_bytes_before_here() > medium_->capacity_bytes(partition_);
  return native_bytes_before_here() >= medium_->early_warning_at(partition_);
}

bool Drive::past_programmable_early_warning() const {
  const auto zone = settings_.programmable_early_warning_mb * megabyte;
  return zone > 0 && native_bytes_before_here() + zone >= medium_->early_warning_at(partition_);
}

bool Drive::has_room_for(const LogicalObject& object) const {
  if (quirks_.endless_tape) return true;
  return !at_end_of_tape_ &&
         native_bytes_before_here() + object.native_bytes() <= medium_->capacity_bytes(partition_);
}

Answer Drive::volume_overflow(std::uint64_t residue) {
  // The harshest drive there is: what it had accepted and not yet written finds no room either.
  if (!quirks_.buffer_survives_end) {
    lose_buffer();
  } else if (!synchronise()) {
    return deferred_write_error();
  }
  at_end_of_tape_ = true;
  scsi::Sense sense;
  sense.key = key::volume_overflow;
  sense.ascq = 0x02;
  sense.end_of_medium = true;
  sense.information = static_cast<std::int64_t>(residue);
  return check(sense);
}

LogicalObject Drive::object_of(scsi::Bytes block, std::uint32_t block_key) const {
  const bool compresses = quirks_.compresses && settings_.compress;
  return {static_cast<std::uint32_t>(block.size()), false, block_key,
          compresses ? parts_saved_by_compression(block) : std::uint8_t{0}};
}

bool Drive::accept_block(scsi::Bytes block, const LogicalObject& object) {
  if (streaming_) streaming_->receive(block.size(), object.native_bytes());
  if (block.size() > buffer_.capacity()) {
    if (!synchronise()) return false;
    if (writable_objects(1) == 0) {
      note_write_failure();
      return false;
    }
    // iovec serves reading and writing alike and has no const.
    const iovec piece{const_cast<std::uint8_t*>(block.data()), block.size()};
    return append({&object, 1}, {&piece, 1});
  }
  if (buffer_.push_block(block, object.key, object.parts_saved)) return true;
  const auto missing = block.size() - (buffer_.capacity() - buffer_.bytes());
  return destage(std::max(missing, buffer_.capacity() / destage_divisor)) &&
         buffer_.push_block(block, object.key, object.parts_saved);
}

bool Drive::only_filemarks_follow() const {
  const auto& filemarks = tape().filemarks();
  const auto here = std::lower_bound(filemarks.begin(), filemarks.end(), position_);
  return static_cast<std::uint64_t>(filemarks.end() - here) == tape().object_count() - position_;
}

std::optional<Answer> Drive::refuse_to_write() {
  const auto& attributes = medium_->attributes();
  if (attributes.write_protected) {
    tape_alerts_.set(tape_alert::write_protect);
    return check(key::data_protect, 0x27, 0x00);
  }
  // With something in the buffer a sequence of writes is under way: end of data is here.
  const bool is_end_of_data =
      !buffer_.empty() || (position_ == tape().object_count() && !end_of_data_is_lost());
  if (is_end_of_data) return std::nullopt;
  // Page 1Dh says that filemarks in front of end of data may be overwritten on WORM media.
  if (attributes.worm && (end_of_data_is_lost() || !only_filemarks_follow())) {
    tape_alerts_.set(tape_alert::worm_overwrite_attempted);
    return check(key::data_protect, 0x30, 0x0C);
  }
  const bool is_allowed = allowance_.mode == OverwriteAllowance::Mode::current_position &&
                          allowance_.partition == partition_ &&
                          allowance_.object_number == position_;
  if (settings_.append_only && !is_allowed) return check(key::data_protect, 0x50, 0x01);
  return std::nullopt;
}

Answer Drive::written(bool was_before_warnings) {
  if (past_early_warning()) {
    const bool with_information = quirks_.early_warning_ascq != 0;
    auto warning = end_of_medium(quirks_.early_warning_ascq, with_information);
    if (quirks_.recovered_early_warning) warning.sense->key = key::recovered_error;
    return warning;
  }
  // Told once, by the write that enters the zone (SSC-5 4.2.5).
  const bool has_entered = was_before_warnings && past_programmable_early_warning();
  return has_entered ? end_of_medium(0x07, true) : good();
}

std::optional<std::uint32_t> Drive::writing_key_number(InitiatorId initiator) {
  const auto* writing_key = encryption_.writing_key(initiator);
  if (writing_key == nullptr) return 0;
  if (!key_number_) key_number_ = medium_->number_of_key(*writing_key);
  return key_number_;
}

Answer Drive::write_6(const Request& request) {
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool fixed = (request.cdb[1] & 0x01) != 0;
  const auto protection = settings_.protection_bytes_on_write();
  if (fixed && settings_.block_bytes == 0) return invalid_field_in_cdb();
  const std::size_t block_bytes = fixed ? settings_.block_bytes + protection : length;
  const auto count = fixed ? length : std::min<std::uint32_t>(length, 1);
  const bool is_valid = block_bytes <= maximum_block_bytes + protection &&
                        request.data_out.size() / std::max<std::size_t>(block_bytes, 1) >= count;
  if (!is_valid) return invalid_field_in_cdb();
  if (encryption_.key_has_changed(request.initiator)) return check(key::data_protect, 0x2A, 0x13);
  if (auto refusal = refuse_to_write()) return *refusal;
  if (count == 0) return good();
  if (block_bytes <= protection) return invalid_field_in_cdb();
  return write_blocks(request, block_bytes, count, fixed);
}

Answer Drive::write_blocks(const Request& request, std::size_t block_bytes, std::uint32_t count,
                           bool fixed) {
  const auto protection = settings_.protection_bytes_on_write();
  const bool was_before_warnings = !past_programmable_early_warning();
  const auto block_key = writing_key_number(request.initiator);
  if (!block_key) return internal_failure();
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto residue = fixed ? count - i : block_bytes;
    const auto block = request.data_out.subspan(i * block_bytes, block_bytes);
    if (protection > 0 && !scsi::is_protected(block)) return guard_check_failed(residue);
    const auto data = block.first(block_bytes - protection);
    const auto object = object_of(data, *block_key);
    if (!has_room_for(object)) return volume_overflow(residue);
    if (!accept_block(data, object)) return deferred_write_error();
    if (!fixed && partition_ == 0) new_block_ = {loaded_barcode_, position_, object.length, false};
    ++position_;
    has_written_ = true;
    transfers_.bytes_received += data.size();
  }
  const bool is_buffered = settings_.buffered && !quirks_.writes_through;
  if (!is_buffered && !synchronise()) return deferred_write_error();
  return written(was_before_warnings);
}

Answer Drive::write_filemarks_6(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const auto count = scsi::load_be24(request.cdb, 2);
  if (count > 0) {
    if (auto refusal = refuse_to_write()) return *refusal;
    if (at_end_of_tape_) return volume_overflow(count);
  }
  const bool was_before_warnings = !past_programmable_early_warning();
  for (std::uint32_t i = 0; i < count; ++i) {
    buffer_.push_filemark();
    ++position_;
    has_written_ = true;
  }
  // A drive that writes through has nothing to hold back.
  const bool waits = !immediate || quirks_.writes_through;
  if (waits && !synchronise()) return deferred_write_error();
  return count > 0 && !quirks_.endless_tape ? written(was_before_warnings) : good();
}

}  // namespace tidemark::simulator
