// SPDX-License-Identifier: Apache-2.0
#include "simulator/drive.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "scsi/block_limits.h"
#include "scsi/cdb.h"

namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;
namespace key = scsi::sense_key;

constexpr std::uint32_t maximum_block_bytes = 8 * 1024 * 1024;
constexpr std::uint8_t write_protect_alert = 9;
/// A full buffer gives up at least this part of itself at a time: few, large writes to the medium.
constexpr std::size_t destage_divisor = 8;

Answer early_warning(const Quirks& quirks) {
  scsi::Sense sense;
  sense.ascq = quirks.early_warning_ascq;
  sense.end_of_medium = true;
  if (sense.ascq != 0) sense.information = 0;
  return check(sense);
}

}  // namespace

Answer deferred_write_error() {
  scsi::Sense sense;
  sense.deferred = true;
  sense.key = key::medium_error;
  sense.asc = 0x0C;
  return check(sense);
}

Drive::Drive(std::shared_ptr<const Library> library, std::uint16_t number)
    : library_(std::move(library)),
      quirks_(library_->quirks()),
      number_(number),
      buffer_(library_->buffer_bytes()) {}

Drive::~Drive() {
  if (!lock_) return;
  [[maybe_unused]] const bool written = synchronise();
  // The initiator is gone, and what it had prevented with it (SPC-5 6.14).
  if (removal_prevented_) {
    [[maybe_unused]] const bool recorded = record_cartridge(medium_ != nullptr, false);
  }
}

scsi::InquiryData Drive::inquiry_data() const {
  return {scsi::device_type::tape, "TIDEMARK", "SIMULATED DRIVE", "0001"};
}

std::string Drive::serial_number() const { return library_->drive_serial_number(number_); }

std::uint16_t Drive::element_address() const {
  return static_cast<std::uint16_t>(first_drive_address + number_);
}

std::optional<Cartridge> Drive::cartridge() const {
  const auto inventory = library_->inventory();
  if (!inventory) return std::nullopt;
  const auto found = inventory->find(element_address());
  return found == inventory->end() ? std::nullopt : std::optional(found->second);
}

bool Drive::record_cartridge(bool loaded, bool removal_prevented) const {
  return library_->update_inventory([&](Inventory& inventory) {
    const auto found = inventory.find(element_address());
    if (found == inventory.end()) return false;
    found->second.loaded = loaded;
    found->second.removal_prevented = removal_prevented;
    return true;
  });
}

std::optional<LogicalUnit::Refusal> Drive::acquire() {
  if (lock_) return std::nullopt;
  auto attempt = ProcessLock::try_acquire(library_->drive_lock_path(number_));
  if (!attempt.lock) {
    const auto where =
        "drive " + std::to_string(number_) + " of the simulated library at " + library_->folder();
    if (attempt.error_number != EWOULDBLOCK) {
      return Refusal{attempt.error_number,
                     "cannot lock " + where + ": " + std::strerror(attempt.error_number)};
    }
    const auto holder = attempt.holder == 0 ? std::string("another process")
                                            : "process " + std::to_string(attempt.holder);
    return Refusal{EBUSY, where + " is in use by " + holder};
  }
  lock_ = std::move(attempt.lock);
  // The drive was just switched on: a cartridge that is in it is at its beginning, removable. There
  // is no medium change to report besides the power on.
  if (const auto found = cartridge(); found && found->loaded) {
    load_medium(found->barcode);
    if (found->removal_prevented) {
      [[maybe_unused]] const bool recorded = record_cartridge(true, false);
    }
  }
  return std::nullopt;
}

void Drive::refresh() {
  if (quirks_.start_stop_unit) return follow_robot();
  if (medium_ || medium_failed_to_load_) return;
  const auto found = cartridge();
  if (!found || !found->loaded) return;
  load_medium(found->barcode);
  add_unit_attention(0x28, 0x00);  // not ready to ready change
  if (removal_prevented_) {
    [[maybe_unused]] const bool recorded = record_cartridge(true, true);
  }
}

void Drive::load_medium(const std::string& barcode) {
  medium_ = library_->open_medium(barcode);
  loaded_barcode_ = barcode;
  medium_failed_to_load_ = medium_ == nullptr;
  position_ = 0;
  at_end_of_tape_ = false;
}

Answer Drive::dispatch(const Request& request) {
  const auto known = quirks_.known_commands;
  const bool is_known =
      known.empty() || std::find(known.begin(), known.end(), request.cdb[0]) != known.end();
  if (!is_known) return invalid_operation_code();
  switch (request.cdb[0]) {
    case operation::test_unit_ready:
      return test_unit_ready();
    case operation::read_block_limits:
      return read_block_limits(request);
    case operation::mode_sense_6:
      return mode_sense(request);
    case operation::mode_select_6:
      return mode_select(request);
    case operation::log_sense:
      return request.cdb.size() < 10 ? invalid_field_in_cdb() : log_sense(request);
    case operation::load_unload:
      return load_unload(request);
    case operation::prevent_allow_medium_removal:
      return prevent_allow(request);
    default:
      return dispatch_medium(request);
  }
}

Answer Drive::dispatch_medium(const Request& request) {
  struct Entry {
    std::uint8_t operation_code;
    std::uint8_t cdb_length;
  };
  static constexpr Entry known[] = {
      {operation::read_6, 6},          {operation::write_6, 6},
      {operation::rewind, 6},          {operation::write_filemarks_6, 6},
      {operation::space_6, 6},         {operation::locate_10, 10},
      {operation::locate_16, 16},      {operation::read_position, 10},
      {operation::read_attribute, 16}, {operation::allow_overwrite, 16}};
  const auto entry = std::find_if(std::begin(known), std::end(known), [&](const Entry& each) {
    return each.operation_code == request.cdb[0];
  });
  if (entry == std::end(known)) return invalid_operation_code();
  if (request.cdb.size() < entry->cdb_length) return invalid_field_in_cdb();
  if (auto answer = test_unit_ready(); answer.sense) return answer;
  switch (request.cdb[0]) {
    case operation::read_6:
      return read(request);
    case operation::write_6:
      return write(request);
    case operation::write_filemarks_6:
      return write_filemarks(request);
    case operation::space_6:
    case operation::locate_10:
    case operation::locate_16:
    case operation::rewind:
      return move_tape(request);
    case operation::read_position:
      return read_position(request);
    case operation::read_attribute:
      return read_attribute(request);
    default:
      return allow_overwrite(request);
  }
}

Answer Drive::test_unit_ready() const {
  if (medium_) return good();
  if (medium_failed_to_load_) return check(key::hardware_error, 0x53, 0x00);
  if (quirks_.start_stop_unit) return check(key::not_ready, 0x3A, 0x00);
  // A cartridge that was unloaded stays in the drive until the robot takes it; LOAD makes it ready
  // again.
  if (cartridge()) return check(key::not_ready, 0x04, 0x02);
  return check(key::not_ready, 0x3A, 0x00);
}

Answer Drive::read_block_limits(const Request& request) const {
  const auto limits = scsi::encode_block_limits({maximum_block_bytes, 1, 0});
  return data(request, limits, limits.size());
}

Answer Drive::load_unload(const Request& request) {
  if (quirks_.start_stop_unit) return start_stop(request);
  const bool load = (request.cdb[4] & 0x01) != 0;
  if (!synchronise()) return deferred_write_error();
  const auto found = cartridge();
  if (!load) {
    if (removal_prevented_ && found) return check(key::illegal_request, 0x53, 0x02);
    medium_.reset();
    medium_failed_to_load_ = false;
    return record_cartridge(false, false) ? good() : check(key::hardware_error, 0x53, 0x00);
  }
  if (medium_) return rewind();
  if (!found) return check(key::not_ready, 0x3A, 0x00);
  if (!record_cartridge(true, removal_prevented_)) return check(key::hardware_error, 0x53, 0x00);
  load_medium(found->barcode);
  add_unit_attention(0x28, 0x00);
  return test_unit_ready();
}

Answer Drive::prevent_allow(const Request& request) {
  removal_prevented_ = (request.cdb[4] & 0x01) != 0;
  if (!medium_) return good();
  return record_cartridge(true, removal_prevented_) ? good()
                                                    : check(key::hardware_error, 0x44, 0x00);
}

void Drive::lose_buffer() {
  position_ = medium_position();
  buffer_.clear();
}

bool Drive::append(std::span<const LogicalObject> objects, std::span<const iovec> data) {
  const auto at = medium_position();
  const bool overwrites = at < medium_->object_count();
  if (overwrites && medium_->truncate(at) != 0) return false;
  return medium_->append(objects, data) == 0;
}

bool Drive::destage(std::size_t bytes) {
  if (buffer_.empty()) return true;
  const auto batch = buffer_.oldest(bytes);
  if (!append(batch.objects, batch.data)) {
    lose_buffer();
    return false;
  }
  buffer_.remove(batch);
  return true;
}

bool Drive::synchronise() { return destage(std::numeric_limits<std::size_t>::max()); }

std::uint64_t Drive::bytes_before_here() const {
  return medium_->bytes_before(medium_position()) + buffer_.bytes();
}

bool Drive::past_early_warning() const {
  const auto& attributes = medium_->attributes();
  if (quirks_.endless_tape) return bytes_before_here() > attributes.capacity_bytes;
  return bytes_before_here() + attributes.early_warning_bytes >= attributes.capacity_bytes;
}

Answer Drive::volume_overflow(std::uint64_t residue) {
  // The harshest drive there is: what it had accepted and not yet written finds no room either.
  lose_buffer();
  at_end_of_tape_ = true;
  scsi::Sense sense;
  sense.key = key::volume_overflow;
  sense.ascq = 0x02;
  sense.end_of_medium = true;
  sense.information = static_cast<std::int64_t>(residue);
  return check(sense);
}

bool Drive::accept_block(scsi::Bytes block) {
  if (block.size() > buffer_.capacity()) {
    if (!synchronise()) return false;
    const LogicalObject object{static_cast<std::uint32_t>(block.size()), false};
    // iovec serves reading and writing alike and has no const.
    const iovec piece{const_cast<std::uint8_t*>(block.data()), block.size()};
    return append({&object, 1}, {&piece, 1});
  }
  if (buffer_.push_block(block)) return true;
  const auto missing = block.size() - (buffer_.capacity() - buffer_.bytes());
  return destage(std::max(missing, buffer_.capacity() / destage_divisor)) &&
         buffer_.push_block(block);
}

Answer Drive::write(const Request& request) {
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool fixed = (request.cdb[1] & 0x01) != 0;
  if (fixed || length > maximum_block_bytes || request.data_out.size() < length) {
    return invalid_field_in_cdb();
  }
  const auto& attributes = medium_->attributes();
  if (attributes.write_protected) {
    tape_alerts_.set(write_protect_alert);
    return check(key::data_protect, 0x27, 0x00);
  }
  if (length == 0) return good();
  const bool is_room =
      quirks_.endless_tape || bytes_before_here() + length <= attributes.capacity_bytes;
  if (at_end_of_tape_ || !is_room) {
    return volume_overflow(length);
  }
  if (!accept_block(request.data_out.first(length))) return deferred_write_error();
  ++position_;
  const bool is_buffered = buffered_mode_ && !quirks_.writes_through;
  if (!is_buffered && !synchronise()) return deferred_write_error();
  return past_early_warning() ? early_warning(quirks_) : good();
}

Answer Drive::write_filemarks(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const auto count = scsi::load_be24(request.cdb, 2);
  if (count > 0 && medium_->attributes().write_protected) {
    tape_alerts_.set(write_protect_alert);
    return check(key::data_protect, 0x27, 0x00);
  }
  if (count > 0 && at_end_of_tape_) return volume_overflow(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    buffer_.push_filemark();
    ++position_;
  }
  if (!immediate && !synchronise()) return deferred_write_error();
  const bool warns = count > 0 && !quirks_.endless_tape && past_early_warning();
  return warns ? early_warning(quirks_) : good();
}

Answer Drive::end_of_data_read(const Request& request) const {
  if (!quirks_.nameless_end_of_data) return check(key::blank_check, 0x00, 0x05);
  scsi::Sense sense;
  sense.key = key::blank_check;
  sense.end_of_medium = true;
  return {sense, quirks_.delivers_the_difference ? request.data_in.size() : 0};
}

Answer Drive::read(const Request& request) {
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool fixed = (request.cdb[1] & 0x01) != 0;
  const bool suppress_incorrect_length = (request.cdb[1] & 0x02) != 0;
  if (fixed) return invalid_field_in_cdb();
  if (!synchronise()) return deferred_write_error();
  at_end_of_tape_ = false;
  if (length == 0) return good();
  if (position_ == medium_->object_count()) return end_of_data_read(request);

  const auto object = medium_->object(position_);
  scsi::Sense sense;
  sense.information = length;
  if (object.filemark) {
    ++position_;
    sense.ascq = 0x01;
    sense.filemark = true;
    return {sense, quirks_.delivers_the_difference ? request.data_in.size() : 0};
  }
  const auto wanted = std::min<std::size_t>({object.length, length, request.data_in.size()});
  if (medium_->read(position_, request.data_in.first(wanted)) != 0) {
    return check(key::medium_error, 0x11, 0x00);
  }
  ++position_;
  Answer answer{std::nullopt, wanted};
  // SILI silences a shorter block, and with variable blocks a longer one too (SSC-5 6.4).
  if (object.length != length && quirks_.delivers_the_difference) {
    const std::size_t missing = object.length < length ? length - object.length : 0;
    answer.transferred = std::min(missing, request.data_in.size());
  }
  if (object.length != length && (!suppress_incorrect_length || quirks_.ignores_sili)) {
    sense.incorrect_length = true;
    sense.information = static_cast<std::int64_t>(length) - object.length;
    answer.sense = sense;
  }
  return answer;
}

}  // namespace tidemark::simulator
