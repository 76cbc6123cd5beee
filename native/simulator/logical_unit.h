// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/inquiry.h"
#include "scsi/sense.h"
#include "scsi/supported_operation.h"
#include "simulator/command_trace.h"
#include "simulator/reservations.h"

namespace tidemark::simulator {

/// A command as it arrives at the target.
struct Request {
  scsi::Bytes cdb;
  scsi::Bytes data_out;
  scsi::MutableBytes data_in;
  InitiatorId initiator = only_initiator;

  /// Bits 4 to 0 of byte 1, where all commands that have service actions have them.
  [[nodiscard]] std::uint8_t service_action() const { return cdb[1] & 0x1F; }
};

/// What the target sends back.
struct Answer {
  /// Goes with CHECK CONDITION.
  std::optional<scsi::Sense> sense;
  /// Bytes of the data-in buffer that were filled.
  std::size_t transferred = 0;
  /// The SCSI status where there is no sense data.
  std::uint8_t status = 0;

  [[nodiscard]] bool is_good() const { return !sense && status == 0; }
  /// The unit did what the command says, or what there was of it: an early warning or a filemark is
  /// told without a sense key. Whatever else it says stands for a command that was refused, or
  /// ended somewhere.
  [[nodiscard]] bool was_carried_out() const {
    if (!sense) return is_good();
    return !sense->deferred && (sense->key == scsi::sense_key::no_sense ||
                                sense->key == scsi::sense_key::recovered_error);
  }
};

[[nodiscard]] Answer good();
[[nodiscard]] Answer check(std::uint8_t key, std::uint8_t asc, std::uint8_t ascq);
[[nodiscard]] Answer check(const scsi::Sense& sense);
[[nodiscard]] Answer invalid_operation_code();
[[nodiscard]] Answer invalid_field_in_cdb();
[[nodiscard]] Answer invalid_field_in_parameter_list();
[[nodiscard]] Answer parameter_list_length_error();
[[nodiscard]] Answer reservation_conflict();
/// The simulated machine's own files failed: for the host, the unit is broken.
[[nodiscard]] Answer internal_failure();
/// As much of `data` as the allocation length and the buffer allow (SPC-5 4.2.5.6).
[[nodiscard]] Answer data(const Request& request, scsi::Bytes data, std::size_t allocation_length);

class FaultInjector;
class VirtualTime;
struct FaultEffect;
struct PowerCut;

/// What faults ask of a command before it is executed.
struct FaultOccasion {
  /// Barcode of the cartridge that it is about; empty: none.
  std::string volume;
  /// Logical objects of partition 0 that it would read or write.
  std::uint64_t first_object = 0;
  std::uint64_t objects = 0;
  bool reads = false;
  /// INFORMATION where nothing of it was done.
  std::int64_t residue = 0;
};

class LogicalUnit;

/// A command that a unit knows. REPORT SUPPORTED OPERATION CODES tells this table.
struct CommandEntry {
  std::uint8_t operation_code = 0;
  /// Absent: the command has none.
  std::optional<std::uint8_t> service_action;
  /// CDB USAGE DATA behind the operation code: ones where a bit is looked at.
  std::string_view usage;
  Answer (*run)(LogicalUnit&, const Request&) = nullptr;
  Reservable reservable = Reservable::conflicts;
  bool needs_medium = false;
  /// Recommended timeout.
  std::uint32_t timeout_s = 60;

  [[nodiscard]] std::size_t cdb_bytes() const { return usage.size() + 1; }
};

/// A method of a unit as `CommandEntry::run`.
template <class Unit, auto method>
[[nodiscard]] Answer run_method(LogicalUnit& unit, const Request& request) {
  return (static_cast<Unit&>(unit).*method)(request);
}

/// The target side of a logical unit: CDB in; status, sense and data out. What all units do alike
/// is here: INQUIRY, REQUEST SENSE, reservations, the commands about commands, and unit attentions,
/// of which each initiator gets its own, one a command.
class LogicalUnit {
 public:
  LogicalUnit() = default;
  LogicalUnit(const LogicalUnit&) = delete;
  LogicalUnit& operator=(const LogicalUnit&) = delete;
  virtual ~LogicalUnit() = default;

  [[nodiscard]] Answer execute(const Request& request);
  /// Sense data in the format that the unit uses.
  [[nodiscard]] std::vector<std::uint8_t> encode_sense(const scsi::Sense& sense) const;

  /// What keeps the initiator from the unit, such as another one that uses it.
  struct Refusal {
    int error_number = 0;
    /// A sentence.
    std::string message;
  };
  /// Called before the first command other than INQUIRY, and again until it refuses nothing.
  [[nodiscard]] virtual std::optional<Refusal> acquire() { return std::nullopt; }

  /// This initiator is gone, and what it had set up with it; another one may be there.
  virtual void lose_nexus(InitiatorId initiator);
  /// Its last moment: it gets no command any more, and holds nothing that others wait for.
  virtual void lose_power(const PowerCut& /*cut*/) {}

  /// That of its library, which outlives it. True where the unit's commands take some of it.
  [[nodiscard]] virtual bool set_time(VirtualTime& /*time*/) { return false; }

  // What a fault plan asks of the unit, and does to it. What a unit has not cannot fail.

  /// Those of this unit; they outlive it.
  virtual void set_faults(FaultInjector& /*faults*/) {}
  [[nodiscard]] FaultOccasion fault_occasion(const Request& request);
  /// An effect that answers no command.
  virtual void suffer(const FaultEffect& effect, InitiatorId initiator);
  /// Only so many of the buffered objects reach the medium. Returns what is told of it.
  [[nodiscard]] virtual Answer drop_buffer(std::uint64_t /*survivors*/) { return {}; }
  /// A move ends where the robot has the cartridge in its hand.
  [[nodiscard]] virtual Answer execute_until_in_transport(const Request& request) {
    return execute(request);
  }
  /// This is told as the unit's own failure: its counters and alerts are to say so, too.
  virtual void note_failure(const scsi::Sense& /*sense*/) {}
  /// What the command at hand has put on a tape, for the trace.
  [[nodiscard]] virtual std::optional<CommandTrace::Block> take_new_block() { return std::nullopt; }

 protected:
  [[nodiscard]] virtual FaultOccasion occasion_of(const Request& /*request*/) { return {}; }
  /// For all initiators.
  void add_unit_attention(std::uint8_t asc, std::uint8_t ascq);
  /// All that was to be told before is of no interest any more: the unit was reset.
  void tell_reset(std::uint8_t ascq);
  /// For all but the one that caused it.
  void add_unit_attention_for_others(InitiatorId initiator, std::uint8_t asc, std::uint8_t ascq);
  /// Called before each command but INQUIRY: what happened to the unit meanwhile.
  virtual void refresh() {}
  [[nodiscard]] virtual std::span<const CommandEntry> command_table() const = 0;
  /// False: a quirk hides it.
  [[nodiscard]] virtual bool knows(std::uint8_t /*operation_code*/) const { return true; }
  /// What TEST UNIT READY says, and each command that needs a medium.
  [[nodiscard]] virtual Answer ready() = 0;
  /// What a command that needs the medium is told; good, where it may have it.
  [[nodiscard]] virtual Answer medium_access() { return ready(); }
  /// Is this command told that the unit is not ready, where it is not?
  [[nodiscard]] virtual bool needs_readiness(const CommandEntry& command) const {
    return command.needs_medium;
  }
  /// An error of an earlier command that was answered already. It stops this one.
  [[nodiscard]] virtual std::optional<scsi::Sense> take_deferred_error() { return std::nullopt; }
  [[nodiscard]] virtual scsi::InquiryData inquiry_data() const = 0;
  [[nodiscard]] virtual std::string serial_number() const = 0;
  /// Of the first extent of the world wide name: the last six bytes must differ between units.
  [[nodiscard]] virtual std::uint64_t world_wide_name() const = 0;
  /// Vital product data beside pages 00h, 80h and 83h.
  [[nodiscard]] virtual std::vector<std::uint8_t> vital_product_pages() const { return {}; }
  [[nodiscard]] virtual std::vector<std::uint8_t> vital_product_page(std::uint8_t /*page*/) const {
    return {};
  }
  [[nodiscard]] virtual bool uses_descriptor_sense() const { return false; }
  /// Called when persistent reservations have changed. False where they cannot be kept.
  [[nodiscard]] virtual bool keep_reservations() { return true; }
  /// The reservation that somebody held is not held by them any more.
  virtual void reservation_lost() {}

  [[nodiscard]] Answer inquiry(const Request& request);
  [[nodiscard]] Answer request_sense(const Request& request);
  [[nodiscard]] Answer test_unit_ready(const Request& request);
  [[nodiscard]] Answer report_luns(const Request& request);
  [[nodiscard]] Answer report_supported_operation_codes(const Request& request);
  [[nodiscard]] Answer persistent_reserve_in(const Request& request);
  [[nodiscard]] Answer persistent_reserve_out(const Request& request);
  [[nodiscard]] Answer reserve_6(const Request& request);
  [[nodiscard]] Answer release_6(const Request& request);

  Reservations reservations_;

 private:
  [[nodiscard]] const CommandEntry* find_command(std::uint8_t operation_code,
                                                 std::optional<std::uint8_t> service_action) const;
  [[nodiscard]] bool has_service_actions(std::uint8_t operation_code) const;
  [[nodiscard]] Answer report_one_operation(const Request& request, std::uint8_t option,
                                            bool with_timeouts) const;
  [[nodiscard]] Answer device_identification(const Request& request) const;
  /// With the power-on attention where this initiator was not seen before.
  [[nodiscard]] std::deque<scsi::Sense>& unit_attentions(InitiatorId initiator);

  /// An answer of those that a fault makes the unit give while it is not ready.
  [[nodiscard]] std::optional<Answer> take_not_ready(const CommandEntry& command);

  std::map<InitiatorId, std::deque<scsi::Sense>> unit_attentions_;
  scsi::Sense not_ready_;
  std::uint64_t not_ready_answers_ = 0;
  /// Behind the last of those answers, to all initiators.
  std::vector<scsi::Sense> told_when_ready_;
};

}  // namespace tidemark::simulator
