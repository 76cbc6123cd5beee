// SPDX-License-Identifier: Apache-2.0
#include "device/timeouts.h"

#include <algorithm>

namespace tidemark {
namespace {

namespace operation = scsi::operation;

constexpr std::uint32_t general_s = 60;
/// Of all cartridges: a full tape is read or written in 12 to 20 hours.
constexpr std::uint32_t whole_tape_s = 75'600;
constexpr std::uint8_t long_erase_bit = 0x01;
/// The kernel counts milliseconds in 32 bits; some drives recommend longer.
constexpr std::uint32_t longest_s = 2'000'000;

std::uint32_t drive_default(const scsi::Cdb& cdb) {
  switch (cdb.bytes[0]) {
    case operation::read_6:
    case operation::verify_6:
      return 2340;
    case operation::write_6:
      return 1500;
    case operation::write_filemarks_6:
    case operation::write_filemarks_16:
      return 1620;
    case operation::rewind:
      return 600;
    case operation::locate_10:
    case operation::locate_16:
    case operation::space_6:
    case operation::space_16:
      return 2940;
    case operation::load_unload:
      // The first load of an LTO-9 cartridge calibrates for up to two hours.
      return 7800;
    case operation::erase_6:
      return (cdb.bytes[1] & long_erase_bit) != 0 ? whole_tape_s : 2940;
    case operation::format_medium:
    case operation::set_capacity:
      return 7800;
    case operation::send_diagnostic:
      return 3600;
    case operation::maintenance_out:
    case operation::maintenance_in:
      return 600;
    default:
      return general_s;
  }
}

std::uint32_t changer_default(const scsi::Cdb& cdb) {
  switch (cdb.bytes[0]) {
    case operation::move_medium:
    case operation::exchange_medium:
    case operation::position_to_element:
    case operation::open_close_import_export_element:
      return 1000;
    case operation::initialize_element_status:
    case operation::initialize_element_status_with_range:
    case operation::send_diagnostic:
      return 3600;
    case operation::read_element_status:
      // An inventory that has become invalid is made anew first.
      return 600;
    default:
      return general_s;
  }
}

}  // namespace

void Timeouts::learn(std::span<const scsi::SupportedOperation> operations) {
  for (const auto& each : operations) {
    if (!each.timeouts || each.timeouts->recommended_s == 0) continue;
    // One that is shorter than any command may take is a unit misunderstood, not a promise.
    learnt_s_[{each.operation_code, each.service_action}] =
        std::clamp(each.timeouts->recommended_s, general_s, longest_s);
  }
}

std::uint32_t Timeouts::default_seconds(const scsi::Cdb& cdb) const {
  return changer_ ? changer_default(cdb) : drive_default(cdb);
}

std::uint32_t Timeouts::milliseconds(const scsi::Cdb& cdb) const {
  const std::uint16_t action = cdb.bytes[1] & 0x1F;
  for (const auto& key : {std::pair{cdb.bytes[0], std::optional<std::uint16_t>(action)},
                          std::pair{cdb.bytes[0], std::optional<std::uint16_t>()}}) {
    if (const auto found = learnt_s_.find(key); found != learnt_s_.end()) {
      return found->second * 1000;
    }
  }
  return default_seconds(cdb) * 1000;
}

}  // namespace tidemark
