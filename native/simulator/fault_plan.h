// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/sense.h"
#include "simulator/fault_counts.h"
#include "simulator/power.h"

namespace tidemark::simulator {

/// When a fault happens: where all that is given here holds.
struct FaultCondition {
  /// From this command on, the first one since the unit was opened being 1.
  std::optional<std::uint64_t> command;
  /// This command and no other, counted over all units of the library since its power came.
  std::optional<std::uint64_t> library_command;
  /// The standard's name, such as `WRITE(6)`; empty: any.
  std::string operation;
  /// From the n-th command on that the rest of the condition holds for.
  std::optional<std::uint64_t> count;
  /// Barcode of the cartridge in the drive, or of the one that the changer is to take.
  std::string volume;
  /// The command writes or reads a logical object of these, in partition 0.
  std::optional<std::uint64_t> first_object;
  std::optional<std::uint64_t> last_object;
  /// Of 1.
  std::optional<double> probability;
};

/// How far a command comes that is told to have failed.
enum class FaultExecution : std::uint8_t { none, whole, in_transport };

/// What a reset of a drive leaves.
struct DriveReset {
  /// Objects of the write buffer that reach the medium.
  std::uint64_t survivors = 0;
  bool rewinds = false;
  /// Of the unit attention 29h that everybody gets.
  std::uint8_t ascq = 0x03;
};

/// What another initiator does between two commands of ours, if a reservation lets it.
enum class ForeignAction : std::uint8_t {
  rewind,
  space_to_end_of_data,
  write,
  mode_select,
  reserve,
  preempt,
  clear,
  unload
};

/// What a changer says once of its elements that is not so.
enum class InventoryLie : std::uint8_t {
  none,
  /// No barcode can be read.
  no_volume_tags,
  /// Barcodes of the first two full storage elements are taken for one another.
  swapped_tags,
  all_empty,
  all_full,
  /// As it was in front of the last move.
  stale
};

/// What a fault does. Members that its kind does not need say nothing.
struct FaultEffect {
  enum class Kind : std::uint8_t {
    /// The command is answered with `sense`.
    sense,
    /// 4/44/00 for this and all later commands that need the medium.
    hardware_failure,
    /// Only `number` objects of the write buffer reach the medium.
    drop_buffer,
    /// The transport fails with host status `number`.
    host_status,
    /// The process ends.
    crash,
    /// The power of the library goes: `power_cut`.
    power_cut,
    /// `attentions` are queued.
    unit_attention,
    /// `reset` happens.
    reset,
    /// Another initiator does `other`.
    other_initiator,
    /// Cartridge `text` is put into the drive instead of the one that is there.
    swap,
    /// The command is answered with SCSI status `number`.
    scsi_status,
    /// The transport fails with errno `number`.
    error_number,
    /// The transport says that `residual` bytes were not transferred.
    residual,
    /// Bit `number` of what is transferred is flipped on the way.
    flip_bit,
    /// TapeAlert flag `number` is raised.
    tape_alert,
    /// `sense` for `number` commands that need a unit that is ready; `attentions` behind them.
    not_ready,
    /// The next READ ELEMENT STATUS tells `lie`.
    inventory_lie
  };
  Kind kind = Kind::sense;
  scsi::Sense sense;
  std::uint64_t number = 0;
  FaultExecution execution = FaultExecution::none;
  PowerCut power_cut;
  std::vector<scsi::Sense> attentions;
  DriveReset reset;
  ForeignAction other = ForeignAction::rewind;
  InventoryLie lie = InventoryLie::none;
  std::string text;
  std::int64_t residual = 0;
};

struct Fault {
  /// For messages: the row of a catalogue of faults.
  std::string id;
  /// `changer`, `drive-N`, or `drive` for all of them; empty: any unit.
  std::string unit;
  FaultCondition when;
  FaultEffect effect;
  /// How often; nothing: always.
  std::optional<std::uint64_t> times = 1;
  /// What has happened is counted in the library's folder, not by the unit that was opened.
  bool persists = false;

  [[nodiscard]] bool concerns(std::string_view wanted_unit) const;
  /// A bad spot that is found when the buffer is written out, not by the command that the block
  /// came with.
  [[nodiscard]] bool is_deferred_spot() const {
    return when.first_object && effect.kind == FaultEffect::Kind::sense && effect.sense.deferred;
  }
};

/// Faults of a simulated library as data: the file `faults.json` in its folder.
struct FaultPlan {
  std::uint64_t seed = 0;
  std::vector<Fault> faults;
  /// As it was read.
  std::string text;
  FaultCounts counts;
};

/// What came of reading a plan: `problem` is a sentence where it was not understood.
struct FaultPlanOutcome {
  FaultPlan plan;
  std::string problem;
};

/// The plan of the library in this folder, which may have none.
[[nodiscard]] FaultPlanOutcome load_fault_plan(const std::string& folder);

/// Puts this text there as the plan; without one the library has none. What faults have happened is
/// forgotten. Returns a sentence where it is not understood, or cannot be written: then nothing was
/// changed.
[[nodiscard]] std::string save_fault_plan(const std::string& folder,
                                          const std::optional<std::string>& text);

}  // namespace tidemark::simulator
