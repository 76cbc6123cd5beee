// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scsi/cdb.h"
#include "simulator/drive.h"

/// The commands that move the tape, and those that ask where it stands.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

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

Answer end_of_data(std::int64_t residue) {
  scsi::Sense sense;
  sense.key = key::blank_check;
  sense.ascq = 0x05;
  sense.information = residue;
  return check(sense);
}

/// SPACE(6) counts are signed, 24 bits wide.
std::int64_t signed_count(scsi::Bytes cdb) {
  const auto count = static_cast<std::int64_t>(scsi::load_be24(cdb, 2));
  return count < 0x800000 ? count : count - 0x1000000;
}

}  // namespace

Answer Drive::move_tape(const Request& request) {
  if (!synchronise()) return deferred_write_error();
  at_end_of_tape_ = false;
  switch (request.cdb[0]) {
    case scsi::operation::space_6:
      return space(request);
    case scsi::operation::rewind:
      return rewind();
    default:
      return locate(request);
  }
}

Answer Drive::rewind() {
  position_ = 0;
  return good();
}

Answer Drive::space(const Request& request) {
  const auto count = signed_count(request.cdb);
  const bool careless = quirks_.careless_space;
  switch (static_cast<scsi::SpaceCode>(request.cdb[1] & 0x0F)) {
    case scsi::SpaceCode::blocks:
      return careless ? careless_space_blocks(count) : space_blocks(count);
    case scsi::SpaceCode::filemarks:
      return careless ? careless_space_filemarks(count) : space_filemarks(count);
    case scsi::SpaceCode::sequential_filemarks:
      return invalid_field_in_cdb();
    case scsi::SpaceCode::end_of_data:
      position_ = medium_->object_count();
      return good();
  }
  return invalid_field_in_cdb();
}

Answer Drive::space_blocks(std::int64_t count) {
  for (std::int64_t done = 0; done < count; ++done) {
    if (position_ == medium_->object_count()) return end_of_data(count - done);
    if (medium_->object(position_++).filemark) return filemark_met(count - done);
  }
  for (std::int64_t done = 0; done < -count; ++done) {
    if (position_ == 0) return beginning_of_partition(-count - done);
    if (medium_->object(--position_).filemark) return filemark_met(-count - done);
  }
  return good();
}

Answer Drive::space_filemarks(std::int64_t count) {
  if (count == 0) return good();
  const auto& filemarks = medium_->filemarks();
  const auto here = std::lower_bound(filemarks.begin(), filemarks.end(), position_);
  if (count > 0) {
    const auto ahead = filemarks.end() - here;
    if (count > ahead) {
      position_ = medium_->object_count();
      return end_of_data(count - ahead);
    }
    position_ = here[count - 1] + 1;
    return good();
  }
  const auto behind = here - filemarks.begin();
  if (-count > behind) {
    position_ = 0;
    return beginning_of_partition(-count - behind);
  }
  position_ = *(here + count);
  return good();
}

Answer Drive::locate(const Request& request) {
  if (request.cdb[0] == scsi::operation::locate_10) {
    const bool changes_partition = (request.cdb[1] & 0x02) != 0 && request.cdb[8] != 0;
    if (changes_partition) return invalid_field_in_cdb();
    return locate_object(scsi::load_be32(request.cdb, 3));
  }
  const bool changes_partition = (request.cdb[1] & 0x02) != 0 && request.cdb[3] != 0;
  if (changes_partition) return invalid_field_in_cdb();
  switch (request.cdb[1] >> 3 & 0x03) {
    case 0:
      return locate_object(scsi::load_be64(request.cdb, 4));
    case 3:
      position_ = medium_->object_count();
      return good();
    default:
      return invalid_field_in_cdb();
  }
}

Answer Drive::locate_object(std::uint64_t number) {
  position_ = std::min(number, medium_->object_count());
  return position_ == number ? good() : check(key::blank_check, 0x00, 0x05);
}

Answer Drive::read_position(const Request& request) const {
  scsi::PositionData position;
  position.location_known = true;
  position.beginning_of_partition = position_ == 0;
  position.end_of_partition = past_early_warning();
  position.object_number = position_;
  position.last_object_number = medium_position();
  position.objects_in_buffer = static_cast<std::uint32_t>(buffer_.objects());
  position.bytes_in_buffer = buffer_.bytes();
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  if (quirks_.position != Quirks::Position::truthful) return untrue_position(request);
  switch (static_cast<scsi::PositionForm>(request.cdb[1] & 0x1F)) {
    case scsi::PositionForm::short_form:
      if (allocation_length != 0) return invalid_field_in_cdb();
      return data(request, scsi::encode_short_position(position), 20);
    case scsi::PositionForm::long_form: {
      if (allocation_length != 0) return invalid_field_in_cdb();
      // Filemarks in the buffer count too, but not those on the medium that are about to be
      // overwritten.
      const auto& marks = medium_->filemarks();
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

Answer Drive::allow_overwrite(const Request& request) const {
  const auto allowed = request.cdb[2] & 0x0F;
  if (allowed == 1 && scsi::load_be64(request.cdb, 4) != position_) return invalid_field_in_cdb();
  // This drive is never in append-only mode, and outside of it the command is not allowed
  // (SSC-5 7.2).
  return check(key::illegal_request, 0x20, 0x0C);
}

}  // namespace tidemark::simulator
