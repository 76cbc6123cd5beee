// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/power.h"

/// What becomes of a drive and its tape when the power goes, and of a tape without an end of data.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

}  // namespace

void Drive::keep_survivors(std::uint64_t count) {
  const auto batch = buffer_.first(count);
  const bool reached = batch.objects.empty() || append(batch.objects, batch.data);
  if (reached) buffer_.remove(batch);
  lose_buffer();
}

void Drive::lose_power(const PowerCut& cut) {
  if (!lock_) return;
  if (cut.survivors && medium_) {
    keep_survivors(*cut.survivors);
    if (cut.end_of_data_is_lost && has_written_) {
      medium_->memory().lost_ends_of_data |= std::uint64_t{1} << partition_;
      [[maybe_unused]] const int saved = medium_->save_memory();
    }
    medium_.reset();
  }
  switch_off();
  lock_.reset();
}

void Drive::lose_nexus(InitiatorId initiator) {
  LogicalUnit::lose_nexus(initiator);
  if (preventing_removal_.erase(initiator) == 0 || !medium_) return;
  [[maybe_unused]] const bool recorded = record_cartridge(true);
}

void Drive::reset(const DriveReset& reset) {
  if (medium_) {
    keep_survivors(reset.survivors);
    at_end_of_tape_ = false;
    allowance_ = {};
    if (reset.rewinds) {
      partition_ = 0;
      position_ = 0;
    }
  }
  settings_ = {};
  encryption_ = {};
  key_number_.reset();
  access_order_ = {};
  deferred_error_.reset();
  medium_failure_.reset();
  if (!reservations_.persists()) reservations_ = {};
  if (std::exchange(preventing_removal_, {}).size() > 0 && medium_) {
    [[maybe_unused]] const bool recorded = record_cartridge(true);
  }
  tell_reset(reset.ascq);
}

bool Drive::mark_end_of_data() {
  if (!end_of_data_is_lost()) return true;
  medium_->memory().lost_ends_of_data &= ~(std::uint64_t{1} << partition_);
  return medium_->save_memory() == 0;
}

Answer Drive::ran_out_of_data(std::int64_t residue) {
  scsi::Sense sense;
  sense.key = end_of_data_is_lost() ? key::medium_error : key::blank_check;
  sense.ascq = 0x05;
  sense.information = residue;
  if (end_of_data_is_lost()) {
    sense.asc = 0x14;
    sense.ascq = 0x03;
    tape_alerts_.set(tape_alert::medium);
  }
  return check(sense);
}

}  // namespace tidemark::simulator
