// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "scsi/cdb.h"
#include "simulator/drive.h"

/// What a drive with quirks does where it does something else than the standard says.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

/// No residue, no EOM: only that something ended.
Answer nameless_end(std::uint8_t ascq) { return check(key::no_sense, 0x00, ascq); }

}  // namespace

void Drive::follow_robot() {
  const auto found = cartridge();
  const bool still_there = found && found->barcode == loaded_barcode_;
  if (!still_there) {
    unload_medium();
    put_away_position_.reset();
    medium_failed_to_load_ = false;
  }
  if (!medium_ && !medium_failed_to_load_ && found && found->loaded) load_medium(found->barcode);
}

Answer Drive::start_stop(const Request& request) {
  const bool load_eject = (request.cdb[4] & 0x02) != 0;
  const bool start = (request.cdb[4] & 0x01) != 0;
  const auto found = cartridge();
  if (!load_eject || !found) return good();
  if (!start && !preventing_removal_.empty()) return check(key::illegal_request, 0x53, 0x02);
  if (!record_cartridge(start)) return check(key::hardware_error, 0x53, 0x00);
  if (!start) {
    if (medium_) put_away_position_ = position_;
    unload_medium();
  } else if (!medium_) {
    const auto position = put_away_position_.value_or(0);
    load_medium(found->barcode);
    position_ = position;
  }
  return good();
}

Answer Drive::careless_space_blocks(std::int64_t count) {
  for (; count > 0; --count) {
    if (position_ < tape().object_count()) ++position_;
    // Spacing over the last object alone is told as the end already.
    if (position_ == tape().object_count()) return nameless_end(0x05);
  }
  for (; count < 0 && position_ > 0; ++count) --position_;
  return good();
}

Answer Drive::careless_space_filemarks(std::int64_t count) {
  const auto is_filemark = [this] {
    return position_ < tape().object_count() && tape().object(position_).filemark;
  };
  while (count > 0) {
    if (position_ == tape().object_count()) return nameless_end(0x05);
    if (is_filemark()) --count;
    ++position_;
  }
  // Backwards the object under the head counts, and then the tape goes one further: it ends in
  // front of the object before the filemark.
  while (count < 0) {
    if (position_ == 0) return nameless_end(0x04);
    if (is_filemark()) ++count;
    --position_;
  }
  return good();
}

Answer Drive::untrue_position(const Request& request) const {
  std::array<std::uint8_t, 32> zeros{};
  const auto form = static_cast<scsi::PositionForm>(request.cdb[1] & 0x1F);
  const bool is_short = form == scsi::PositionForm::short_form;
  if (quirks_.position == Quirks::Position::none) {
    if (form == scsi::PositionForm::extended_form) return invalid_field_in_cdb();
    zeros[0] = is_short ? 0x14 : 0x20;  // BYCU and LOLU; no bit of the long form
  }
  return data(request, zeros, is_short ? 20 : zeros.size());
}

}  // namespace tidemark::simulator
