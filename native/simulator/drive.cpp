// SPDX-License-Identifier: Apache-2.0
#include "simulator/drive.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "scsi/vital_product_data.h"
#include "simulator/drive_alerts.h"
#include "simulator/text_file.h"

namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
namespace page = scsi::vital_product_page;

}  // namespace

Drive::Drive(std::shared_ptr<const Library> library, std::uint16_t number)
    : library_(std::move(library)),
      quirks_(library_->quirks()),
      number_(number),
      buffer_(library_->buffer_bytes()) {}

Drive::~Drive() {
  if (lock_) switch_off();
}

void Drive::switch_off() {
  const bool is_loaded = medium_ != nullptr;
  unload_medium();
  // The initiator is gone, and what it had prevented with it (SPC-5 6.14).
  if (!preventing_removal_.empty()) {
    preventing_removal_.clear();
    [[maybe_unused]] const bool recorded = record_cartridge(is_loaded);
  }
}

scsi::InquiryData Drive::inquiry_data() const {
  scsi::InquiryData identity;
  identity.device_type = scsi::device_type::tape;
  identity.vendor = "TIDEMARK";
  identity.product = "SIMULATED DRIVE";
  identity.revision = "0001";
  identity.protect = quirks_.known_commands.empty() && !quirks_.no_protection;
  return identity;
}

std::string Drive::serial_number() const { return library_->drive_serial_number(number_); }

std::uint64_t Drive::world_wide_name() const { return library_->world_wide_name(number_ + 1U); }

std::vector<std::uint8_t> Drive::vital_product_pages() const {
  if (!quirks_.known_commands.empty()) return {};
  return {page::sequential_access_capabilities, page::manufacturer_serial_number,
          page::tape_alert_flags};
}

std::vector<std::uint8_t> Drive::vital_product_page(std::uint8_t wanted) const {
  const auto pages = vital_product_pages();
  if (std::find(pages.begin(), pages.end(), wanted) == pages.end()) return {};
  switch (wanted) {
    case page::sequential_access_capabilities:
      return scsi::encode_sequential_access_capabilities({true, false});
    case page::manufacturer_serial_number:
      return scsi::encode_manufacturer_serial_number(serial_number());
    default:
      return scsi::encode_supported_tape_alerts(tape_alert::raised_by_drives);
  }
}

std::uint16_t Drive::element_address() const {
  return static_cast<std::uint16_t>(first_drive_address + number_);
}

std::optional<Cartridge> Drive::cartridge() const {
  const auto inventory = library_->inventory();
  if (!inventory) return std::nullopt;
  const auto found = inventory->find(element_address());
  return found == inventory->end() ? std::nullopt : std::optional(found->second);
}

bool Drive::record_cartridge(bool loaded) const {
  return library_->update_inventory([&](Inventory& inventory) {
    const auto found = inventory.find(element_address());
    if (found == inventory.end()) return false;
    found->second.loaded = loaded;
    found->second.removal_prevented = loaded && !preventing_removal_.empty();
    return true;
  });
}

bool Drive::set_time(VirtualTime& time) {
  if (quirks_.speed) streaming_.emplace(*quirks_.speed, library_->buffer_bytes(), time);
  return streaming_.has_value();
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
  find_failure();
  if (const auto kept = read_text_file(library_->reservations_path(number_))) {
    reservations_ = Reservations::parse(*kept).value_or(Reservations());
  }
  // The drive was just switched on: a cartridge that is in it is at its beginning, removable. There
  // is no medium change to report besides the power on.
  if (const auto found = cartridge(); found && found->loaded) {
    load_medium(found->barcode);
    if (found->removal_prevented) {
      [[maybe_unused]] const bool recorded = record_cartridge(true);
    }
  }
  return std::nullopt;
}

bool Drive::keep_reservations() {
  const auto text = reservations_.persists() ? reservations_.to_text() : std::string();
  return replace_text_file(library_->reservations_path(number_), text) == 0;
}

void Drive::reservation_lost() {
  encryption_.reservation_lost();
  key_number_.reset();
}

void Drive::refresh() {
  if (streaming_) streaming_->begin_command();
  if (quirks_.start_stop_unit) return follow_robot();
  if (medium_ || medium_failed_to_load_) return;
  const auto found = cartridge();
  if (!found || !is_cleaning_barcode(found->barcode)) cleaning_told_ = false;
  if (!found || !found->loaded) return;
  load_medium(found->barcode);
  add_unit_attention(0x28, 0x00);  // not ready to ready change
  if (!preventing_removal_.empty()) {
    [[maybe_unused]] const bool recorded = record_cartridge(true);
  }
}

void Drive::load_medium(const std::string& barcode) {
  if (streaming_) streaming_->load();
  medium_ = library_->open_medium(barcode);
  medium_failed_to_load_ = medium_ == nullptr;
  loaded_barcode_ = barcode;
  partition_ = 0;
  position_ = 0;
  has_written_ = false;
  at_end_of_tape_ = false;
  volume_change_noted_ = false;
  ++counters_.loads;
  settings_.partitions = {};
  // A drive that knows no attributes leaves the chip alone.
  if (medium_ && medium_->memory().lost_ends_of_data != 0) {
    tape_alerts_.set(tape_alert::directory_corrupted);
  }
  if (medium_ && !quirks_.start_stop_unit) {
    medium_->memory().begin_load(serial_number());
    [[maybe_unused]] const int saved = medium_->save_memory();
  }
}

void Drive::unload_medium() {
  if (!medium_) return;
  if (!synchronise()) deferred_error_ = deferred_write_error().sense;
  if (!quirks_.start_stop_unit) {
    [[maybe_unused]] const int saved = medium_->save_memory();
  }
  medium_.reset();
  allowance_ = {};
  key_number_.reset();
  encryption_.demounted();
}

Answer Drive::ready() {
  if (medium_) return good();
  if (medium_failed_to_load_) return check(key::hardware_error, 0x53, 0x00);
  if (quirks_.start_stop_unit) return check(key::not_ready, 0x3A, 0x00);
  const auto found = cartridge();
  if (found && is_cleaning_barcode(found->barcode)) {
    // No time passes here: who asks once more finds the cleaning done, and the robot may take the
    // cartridge.
    if (cleaning_told_) return check(key::not_ready, 0x3A, 0x00);
    cleaning_told_ = true;
    ++counters_.cleanings;
    tape_alerts_.set(tape_alert::cleaning_medium);
    tape_alerts_.reset(tape_alert::clean_now);
    tape_alerts_.reset(tape_alert::clean_periodic);
    counters_.cleaning_required = false;
    counters_.cleaning_requested = false;
    return check(key::not_ready, 0x30, 0x03);
  }
  // A cartridge that was unloaded stays in the drive until the robot takes it; LOAD makes it ready
  // again.
  if (found) return check(key::not_ready, 0x04, 0x02);
  return check(key::not_ready, 0x3A, 0x00);
}

std::optional<scsi::Sense> Drive::take_deferred_error() {
  return std::exchange(deferred_error_, std::nullopt);
}

Answer Drive::at_once(bool immediate, const Answer& answer) {
  if (!immediate || !answer.sense) return answer;
  deferred_error_ = answer.sense;
  deferred_error_->deferred = true;
  deferred_error_->information.reset();
  return good();
}

Answer Drive::load_unload(const Request& request) {
  if (quirks_.start_stop_unit) return start_stop(request);
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const bool wants_load = (request.cdb[4] & 0x01) != 0;
  const bool end_of_tape = (request.cdb[4] & 0x04) != 0;
  const bool hold = (request.cdb[4] & 0x08) != 0;
  // EOT with LOAD is no combination (SSC-5 7.2); this drive has no place between in and out to hold
  // a cartridge at.
  if (hold || (wants_load && end_of_tape)) return invalid_field_in_cdb();
  if (medium_ && !prepare_motion()) return deferred_write_error();
  return at_once(immediate, wants_load ? load() : unload());
}

Answer Drive::unload() {
  const auto found = cartridge();
  if (!preventing_removal_.empty() && found) {
    tape_alerts_.set(tape_alert::removal_prevented);
    return check(key::illegal_request, 0x53, 0x02);
  }
  unload_medium();
  medium_failed_to_load_ = false;
  const bool is_out = library_->feed().sequential && found ? feed_next() : record_cartridge(false);
  return is_out ? good() : check(key::hardware_error, 0x53, 0x00);
}

Answer Drive::load() {
  if (hardware_failed_) return medium_access();
  if (medium_) {
    partition_ = 0;
    position_ = 0;
    return good();
  }
  if (library_->feed().sequential) feed_first();
  const auto found = cartridge();
  if (!found || is_cleaning_barcode(found->barcode)) return check(key::not_ready, 0x3A, 0x00);
  if (!record_cartridge(true)) return check(key::hardware_error, 0x53, 0x00);
  load_medium(found->barcode);
  add_unit_attention(0x28, 0x00);
  return ready();
}

Answer Drive::prevent_allow(const Request& request) {
  const auto prevent = request.cdb[4] & 0x03;
  if (prevent > 1) return invalid_field_in_cdb();
  if (prevent == 0) {
    preventing_removal_.erase(request.initiator);
  } else {
    preventing_removal_.insert(request.initiator);
  }
  if (!medium_) return good();
  return record_cartridge(true) ? good() : internal_failure();
}

Answer Drive::send_diagnostic(const Request& request) {
  const bool has_list = scsi::load_be16(request.cdb, 3) != 0;
  const auto self_test = request.cdb[1] >> 5;
  const bool default_test = (request.cdb[1] & 0x04) != 0;
  const bool is_reserved = self_test == 3 || self_test == 7;
  // SELF-TEST CODE and SELFTEST exclude each other (SPC-5 6.42). Nothing can be wrong with a
  // simulated drive, so that every test is passed at once.
  if (has_list || is_reserved || (default_test && self_test != 0)) return invalid_field_in_cdb();
  if (medium_ && !synchronise()) return deferred_write_error();
  return good();
}

}  // namespace tidemark::simulator
