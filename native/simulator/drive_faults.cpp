// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "scsi/cdb.h"
#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/fault_injector.h"
#include "simulator/text_file.h"

/// What a fault plan does to a drive.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
namespace operation = scsi::operation;

constexpr std::uint8_t write_error_asc = 0x0C;
constexpr std::uint8_t read_error_asc = 0x11;

}  // namespace

void Drive::set_faults(FaultInjector& faults) { faults_ = &faults; }

void Drive::find_failure() {
  if (faults_ == nullptr) return;
  const auto path = library_->failure_path(number_);
  const auto failed_under = read_text_file(path);
  hardware_failed_ = failed_under == faults_->plan_text() && faults_->plans_hardware_failure();
  if (failed_under && !hardware_failed_) ::unlink(path.c_str());
}

FaultOccasion Drive::occasion_of(const Request& request) {
  FaultOccasion occasion;
  if (!medium_) return occasion;
  occasion.volume = loaded_barcode_;
  const auto code = request.cdb[0];
  occasion.reads = code == operation::read_6 || code == operation::verify_6;
  const bool writes = code == operation::write_6 || code == operation::write_filemarks_6;
  if (partition_ != 0 || !(occasion.reads || writes)) return occasion;
  const auto length = scsi::load_be24(request.cdb, 2);
  const bool counts =
      code == operation::write_filemarks_6 || (request.cdb[1] & 0x01) != 0;  // FIXED
  occasion.first_object = position_;
  occasion.objects = counts ? length : std::min<std::uint32_t>(length, 1);
  // What is not there is not on a bad spot, whatever is asked for.
  if (occasion.reads) {
    const auto ahead = tape().object_count() - std::min(position_, tape().object_count());
    occasion.objects = std::min(occasion.objects, ahead);
  }
  occasion.residue = length;
  return occasion;
}

void Drive::suffer(const FaultEffect& effect, InitiatorId initiator) {
  if (effect.kind == FaultEffect::Kind::tape_alert) {
    tape_alerts_.set(effect.number);
    // The flag goes with the page that tells it, the dirt does not.
    if (effect.number == tape_alert::clean_now) counters_.cleaning_required = true;
    if (effect.number == tape_alert::clean_periodic) counters_.cleaning_requested = true;
  } else if (effect.kind == FaultEffect::Kind::hardware_failure) {
    fail_hardware();
  } else if (effect.kind == FaultEffect::Kind::reset) {
    reset(effect.reset);
  } else if (effect.kind == FaultEffect::Kind::other_initiator) {
    act_as_other(effect.other);
  } else if (effect.kind == FaultEffect::Kind::swap) {
    swap_cartridge(effect.text);
  } else {
    LogicalUnit::suffer(effect, initiator);
  }
}

void Drive::fail_hardware() {
  // Nothing in it reaches the medium any more.
  if (medium_) lose_buffer();
  hardware_failed_ = true;
  tape_alerts_.set(tape_alert::hardware_b);
  [[maybe_unused]] const int kept =
      replace_text_file(library_->failure_path(number_), faults_->plan_text());
}

Answer Drive::medium_access() {
  return hardware_failed_ ? check(key::hardware_error, 0x44, 0x00) : ready();
}

Answer Drive::drop_buffer(std::uint64_t survivors) {
  if (medium_) keep_survivors(survivors);
  note_write_failure();
  return deferred_write_error();
}

std::uint64_t Drive::writable_objects(std::uint64_t count) {
  if (faults_ == nullptr || partition_ != 0) return count;
  auto spot = faults_->meet_bad_spot(loaded_barcode_, medium_position(), count);
  if (!spot) return count;
  medium_failure_ = std::move(spot->sense);
  return spot->writable;
}

void Drive::note_failure(const scsi::Sense& sense) {
  if (sense.key != key::medium_error) return;
  if (sense.asc == write_error_asc) note_write_failure();
  if (sense.asc == read_error_asc) note_read_failure();
}

}  // namespace tidemark::simulator
