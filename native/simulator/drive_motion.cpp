// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scsi/cdb.h"
#include "simulator/drive.h"

/// The commands that move the tape, and those that ask where it stands.
namespace tidemark::simulator {
namespace {

Answer beginning_of_partition(std::int64_t residue) {
  scsi::Sense sense;
  sense.ascq = 0x04;
  sense.end_of_medium = true;
  sense.information = residue;
  return check(sense);
}

Answer filemark_met(std::int64_t residue) {
  scsi::Sense sense;
  sense.ascq = 0x01;
  sense.filemark = true;
  sense.information = residue;
  return check(sense);
}

/// SPACE(6) counts are signed, 24 bits wide.
std::int64_t signed_count(scsi::Bytes cdb) {
  const auto count = static_cast<std::int64_t>(scsi::load_be24(cdb, 2));
  return count < 0x800000 ? count : count - 0x1000000;
}

}  // namespace

bool Drive::prepare_motion() {
  if (!synchronise()) return false;
  at_end_of_tape_ = false;
  allowance_ = {};
  return true;
}

Answer Drive::rewind(const Request& /*request*/) {
  if (!prepare_motion()) return deferred_write_error();
  if (streaming_ && position_ > 0) streaming_->move();
  position_ = 0;
  return good();
}

Answer Drive::space_6(const Request& request) {
  return space(request.cdb[1] & 0x0F, signed_count(request.cdb));
}

Answer Drive::space_16(const Request& request) {
  if (scsi::load_be16(request.cdb, 12) != 0) return invalid_field_in_cdb();
  return space(request.cdb[1] & 0x0F, static_cast<std::int64_t>(scsi::load_be64(request.cdb, 4)));
}

Answer Drive::space(std::uint8_t code, std::int64_t count) {
  const auto what = static_cast<scsi::SpaceCode>(code);
  const bool is_nothing = count == 0 && what != scsi::SpaceCode::end_of_data;
  if (code > static_cast<std::uint8_t>(scsi::SpaceCode::end_of_data)) {
    return invalid_field_in_cdb();
  }
  // A count of zero moves nothing and writes nothing out (SSC-5 5.7).
  if (is_nothing) return good();
  if (!prepare_motion()) return deferred_write_error();
  if (streaming_) streaming_->move();
  const bool careless = quirks_.careless_space;
  switch (what) {
    case scsi::SpaceCode::blocks:
      return careless ? careless_space_blocks(count) : space_blocks(count);
    case scsi::SpaceCode::filemarks:
      return careless ? careless_space_filemarks(count) : space_filemarks(count);
    case scsi::SpaceCode::sequential_filemarks:
      return careless ? invalid_field_in_cdb() : space_sequential_filemarks(count);
    case scsi::SpaceCode::end_of_data:
      break;
  }
  position_ = tape().object_count();
  return end_of_data_is_lost() ? ran_out_of_data(0) : good();
}

Answer Drive::space_blocks(std::int64_t count) {
  for (std::int64_t done = 0; done < count; ++done) {
    if (position_ == tape().object_count()) return ran_out_of_data(count - done);
    if (tape().object(position_++).filemark) return filemark_met(count - done);
  }
  for (std::int64_t done = 0; count < 0 && done > count; --done) {
    if (position_ == 0) return beginning_of_partition(done - count);
    if (tape().object(--position_).filemark) return filemark_met(done - count);
  }
  return good();
}

Answer Drive::space_filemarks(std::int64_t count) {
  const auto& filemarks = tape().filemarks();
  const auto here = std::lower_bound(filemarks.begin(), filemarks.end(), position_);
  if (count > 0) {
    const auto ahead = filemarks.end() - here;
    if (count > ahead) {
      position_ = tape().object_count();
      return ran_out_of_data(count - ahead);
    }
    position_ = here[count - 1] + 1;
    return good();
  }
  const auto behind = here - filemarks.begin();
  if (count < -behind) {
    position_ = 0;
    return beginning_of_partition(-(count + behind));
  }
  position_ = *(here + count);
  return good();
}

Answer Drive::space_sequential_filemarks(std::int64_t count) {
  const auto is_filemark = [this](std::uint64_t number) { return tape().object(number).filemark; };
  std::int64_t in_a_row = 0;
  while (count > 0 && position_ < tape().object_count()) {
    in_a_row = is_filemark(position_++) ? in_a_row + 1 : 0;
    if (in_a_row == count) return good();
  }
  while (count < 0 && position_ > 0) {
    in_a_row = is_filemark(--position_) ? in_a_row - 1 : 0;
    if (in_a_row == count) return good();
  }
  return count > 0 ? ran_out_of_data(count) : beginning_of_partition(-count);
}

Answer Drive::locate_10(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const bool changes_partition = (request.cdb[1] & 0x02) != 0;
  const bool device_specific = (request.cdb[1] & 0x04) != 0;
  if (device_specific) return invalid_field_in_cdb();
  const auto partition = changes_partition ? std::optional(request.cdb[8]) : std::nullopt;
  return at_once(immediate,
                 locate(partition, static_cast<std::uint8_t>(scsi::LocateDestination::object),
                        scsi::load_be32(request.cdb, 3)));
}

Answer Drive::locate_16(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const bool changes_partition = (request.cdb[1] & 0x02) != 0;
  const auto destination = static_cast<std::uint8_t>(request.cdb[1] >> 3 & 0x03);
  const bool explicit_addresses = (request.cdb[2] & 0x01) != 0;
  if (explicit_addresses || destination == 2) return invalid_field_in_cdb();
  const auto partition = changes_partition ? std::optional(request.cdb[3]) : std::nullopt;
  return at_once(immediate, locate(partition, destination, scsi::load_be64(request.cdb, 4)));
}

Answer Drive::locate(std::optional<std::uint8_t> partition, std::uint8_t destination,
                     std::uint64_t target) {
  if (partition && *partition >= medium_->partition_count()) return invalid_field_in_cdb();
  if (!prepare_motion()) return deferred_write_error();
  if (streaming_) streaming_->move();
  if (partition) partition_ = *partition;
  const auto end = tape().object_count();
  position_ = end;
  switch (static_cast<scsi::LocateDestination>(destination)) {
    case scsi::LocateDestination::object:
      if (target > end) return ran_out_of_data(0);
      position_ = target;
      return good();
    case scsi::LocateDestination::file: {
      // File n begins behind the n-th filemark.
      const auto& filemarks = tape().filemarks();
      if (target > filemarks.size()) return ran_out_of_data(0);
      // Who counts from one ends a file further, but not behind the last one.
      if (quirks_.file_off_by_one) target = std::min<std::uint64_t>(target + 1, filemarks.size());
      position_ = target == 0 ? 0 : filemarks[target - 1] + 1;
      return good();
    }
    case scsi::LocateDestination::end_of_data:
      break;
  }
  return end_of_data_is_lost() ? ran_out_of_data(0) : good();
}

Answer Drive::read_position(const Request& request) {
  if (quirks_.position != Quirks::Position::truthful) return untrue_position(request);
  scsi::PositionData position;
  position.location_known = true;
  position.beginning_of_partition = position_ == 0;
  position.end_of_partition = past_early_warning();
  position.beyond_programmable_early_warning = past_programmable_early_warning();
  position.partition = partition_;
  position.object_number = position_;
  const auto buffered = quirks_.empty_buffer ? 0 : buffer_.objects();
  position.last_object_number = position_ - buffered;
  position.objects_in_buffer = static_cast<std::uint32_t>(buffered);
  position.bytes_in_buffer = quirks_.empty_buffer ? 0 : buffer_.bytes();
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  switch (static_cast<scsi::PositionForm>(request.service_action())) {
    case scsi::PositionForm::short_form:
      if (allocation_length != 0) return invalid_field_in_cdb();
      return data(request, scsi::encode_short_position(position), 20);
    case scsi::PositionForm::long_form: {
      if (allocation_length != 0) return invalid_field_in_cdb();
      // Filemarks in the buffer count too, but not those on the medium that are about to be
      // overwritten.
      const auto& marks = tape().filemarks();
      const auto on_medium =
          std::lower_bound(marks.begin(), marks.end(), medium_position()) - marks.begin();
      position.file_number = static_cast<std::uint64_t>(on_medium) + buffer_.filemarks();
      return data(request, scsi::encode_long_position(position), 32);
    }
    case scsi::PositionForm::extended_form:
      return data(request, scsi::encode_extended_position(position), allocation_length);
  }
  return invalid_field_in_cdb();
}

}  // namespace tidemark::simulator
