// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>
#include <vector>

#include "scsi/cdb.h"
#include "scsi/mode.h"
#include "scsi/reservation.h"
#include "simulator/drive.h"

/// What others do to a drive between two commands of ours: another initiator, and a person.
namespace tidemark::simulator {
namespace {

/// Nobody else registers this one.
constexpr std::uint64_t foreign_key = 0xF0E1'D2C3'B4A5'9687;
constexpr std::uint32_t foreign_block_bytes = 512;
constexpr int most_attentions = 16;

}  // namespace

void Drive::send_as_other(const scsi::Cdb& cdb, scsi::Bytes data_out) {
  [[maybe_unused]] const auto answer = execute({cdb.view(), data_out, {}, foreign_initiator});
  new_block_.reset();  // Nobody here has sent it.
}

void Drive::reserve_as_other(scsi::ReserveOutAction action, scsi::ReservationType type,
                             std::uint64_t victim) {
  scsi::ReserveOutParameters parameters;
  const bool registers = action == scsi::ReserveOutAction::register_and_ignore_existing_key;
  if (!registers) parameters.own_key = foreign_key;
  parameters.action_key = registers ? foreign_key : victim;
  // What the others have asked for is not changed by who comes later.
  parameters.persist = reservations_.persists();
  const auto list = scsi::encode_reserve_out_parameters(parameters);
  send_as_other(scsi::persistent_reserve_out(action, type, static_cast<std::uint32_t>(list.size())),
                list);
}

void Drive::preempt_as_other() {
  const auto keys = reservations_.keys().keys;
  const auto holder = reservations_.reservation().holder;
  const auto type = holder ? holder->type : scsi::ReservationType::exclusive_access;
  for (const auto key : keys) {
    if (key == foreign_key) continue;
    reserve_as_other(scsi::ReserveOutAction::preempt, type, key);
  }
}

void Drive::act_as_other(ForeignAction action) {
  using Action = scsi::ReserveOutAction;
  constexpr auto exclusive = scsi::ReservationType::exclusive_access;
  const auto registers = [&] {
    reserve_as_other(Action::register_and_ignore_existing_key, exclusive, 0);
  };
  // What is to be told to it, it has heard.
  for (int told = 0; told < most_attentions; ++told) {
    if (execute({scsi::test_unit_ready().view(), {}, {}, foreign_initiator}).is_good()) break;
  }
  switch (action) {
    case ForeignAction::rewind:
      return send_as_other(scsi::rewind());
    case ForeignAction::space_to_end_of_data:
      return send_as_other(scsi::space_6(scsi::SpaceCode::end_of_data, 0));
    case ForeignAction::write: {
      const std::vector<std::uint8_t> block(foreign_block_bytes, 0xEE);
      return send_as_other(scsi::write_6(foreign_block_bytes), block);
    }
    case ForeignAction::mode_select: {
      scsi::ModeParameters parameters;
      parameters.buffered_mode = 1;
      parameters.block = {0, 0, settings_.block_bytes == 0 ? foreign_block_bytes : 0};
      const auto list = scsi::encode_mode_select_10(parameters);
      return send_as_other(scsi::mode_select_10(static_cast<std::uint16_t>(list.size())), list);
    }
    case ForeignAction::reserve:
      registers();
      return reserve_as_other(Action::reserve, exclusive, 0);
    case ForeignAction::preempt:
      registers();
      return preempt_as_other();
    case ForeignAction::clear:
      registers();
      return reserve_as_other(Action::clear, exclusive, 0);
    case ForeignAction::unload:
      return send_as_other(scsi::load_unload(false));
  }
}

void Drive::swap_cartridge(const std::string& barcode) {
  unload_medium();
  medium_failed_to_load_ = false;
  preventing_removal_.clear();
  // What was in the drive goes where the other one was; from the shelf, to the shelf.
  [[maybe_unused]] const bool swapped = library_->update_inventory([&](Inventory& inventory) {
    const auto going = inventory.extract(element_address());
    for (auto each = inventory.begin(); each != inventory.end(); ++each) {
      if (each->second.barcode != barcode) continue;
      auto coming = inventory.extract(each);
      if (going) inventory[coming.key()] = {.barcode = going.mapped().barcode};
      break;
    }
    Cartridge there{.barcode = barcode};
    there.loaded = true;
    inventory[element_address()] = there;
    return true;
  });
  // `refresh` finds it, and tells that the medium may have changed.
  refresh();
}

}  // namespace tidemark::simulator
