// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "scsi/cdb.h"
#include "simulator/drive.h"
#include "simulator/drive_alerts.h"
#include "simulator/partition_plan.h"

/// The commands that make a medium empty or divide it, and ALLOW OVERWRITE.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

constexpr std::uint64_t whole_capacity = 0xFFFF;

}  // namespace

Answer Drive::erase_6(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x02) != 0;
  if (auto refusal = refuse_to_write()) return *refusal;
  if (!prepare_motion()) return deferred_write_error();
  // LONG makes no difference: nothing can be read behind end of data in either case.
  if (!note_change() || tape().truncate(position_) != 0 || !mark_end_of_data()) {
    return at_once(immediate, check(key::medium_error, 0x51, 0x00));
  }
  return good();
}

std::optional<Answer> Drive::refuse_to_format() {
  if (medium_->attributes().write_protected) {
    tape_alerts_.set(tape_alert::write_protect);
    return check(key::data_protect, 0x27, 0x00);
  }
  if (medium_->attributes().worm) {
    tape_alerts_.set(tape_alert::worm_overwrite_attempted);
    return check(key::data_protect, 0x30, 0x0C);
  }
  const bool is_beginning = partition_ == 0 && position_ == 0;
  if (!is_beginning) return check(key::illegal_request, 0x3B, 0x0C);
  if (settings_.append_only && allowance_.mode != OverwriteAllowance::Mode::format) {
    return check(key::data_protect, 0x50, 0x01);
  }
  return std::nullopt;
}

Answer Drive::format_with(const std::vector<std::uint64_t>& partition_bytes) {
  if (!prepare_motion()) return deferred_write_error();
  if (!note_change() || medium_->format(partition_bytes) != 0) {
    return check(key::medium_error, 0x31, 0x01);  // format command failed
  }
  ++medium_->memory().initializations;
  // Host attributes belong to a partition, and those of before are gone.
  medium_->memory().host_attributes.clear();
  medium_->memory().lost_ends_of_data = 0;
  settings_.partitions = {};
  return medium_->save_memory() == 0 ? good() : internal_failure();
}

Answer Drive::format_medium(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const auto layout = static_cast<scsi::FormatMedium::Layout>(request.cdb[2] & 0x0F);
  const bool is_known = layout == scsi::FormatMedium::Layout::single_partition ||
                        layout == scsi::FormatMedium::Layout::by_medium_partition_page ||
                        layout == scsi::FormatMedium::Layout::both;
  if (!is_known) return invalid_field_in_cdb();
  if (scsi::load_be16(request.cdb, 3) != 0) return parameter_list_length_error();
  if (auto refusal = refuse_to_format()) return *refusal;
  if (layout == scsi::FormatMedium::Layout::single_partition) {
    return at_once(immediate, format_with({}));
  }
  const auto plan = plan_partitions(medium_partitions(), medium_->attributes().capacity_bytes);
  return plan ? at_once(immediate, format_with(*plan)) : invalid_field_in_cdb();
}

Answer Drive::set_capacity(const Request& request) {
  const bool immediate = (request.cdb[1] & 0x01) != 0;
  const auto proportion = scsi::load_be16(request.cdb, 3);
  if (proportion == 0) return invalid_field_in_cdb();
  if (auto refusal = refuse_to_format()) return *refusal;
  const auto capacity = medium_->attributes().capacity_bytes;
  const auto part =
      proportion == whole_capacity ? capacity : capacity / whole_capacity * proportion;
  return at_once(immediate, format_with({part}));
}

Answer Drive::allow_overwrite(const Request& request) {
  using Mode = OverwriteAllowance::Mode;
  const auto mode = request.cdb[2] & 0x0F;
  if (mode > static_cast<int>(Mode::format)) return invalid_field_in_cdb();
  const auto partition = request.cdb[3];
  const auto object_number = scsi::load_be64(request.cdb, 4);
  const bool names_position = static_cast<Mode>(mode) == Mode::current_position;
  if (names_position && (partition != partition_ || object_number != position_)) {
    return invalid_field_in_cdb();
  }
  // Outside of append-only mode the command is not allowed (SSC-5 7.2).
  if (!settings_.append_only) return check(key::illegal_request, 0x20, 0x0C);
  allowance_ = {static_cast<Mode>(mode), partition, object_number};
  return good();
}

}  // namespace tidemark::simulator
