// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/reservation.h"

namespace tidemark::simulator {

/// Who sends a command: the nexus of an initiator port with the unit.
using InitiatorId = std::uint64_t;

/// The only initiator there is while a process has a unit for itself.
inline constexpr InitiatorId only_initiator = 1;
/// Where a fault plan lets another one do something.
inline constexpr InitiatorId foreign_initiator = 2;
/// The same for the same name, in every process; without a name the only one.
[[nodiscard]] InitiatorId initiator_named(std::string_view name);

/// What a command does under a reservation that another initiator holds (SPC-5 table 66).
enum class Reservable : std::uint8_t {
  /// It gets RESERVATION CONFLICT.
  conflicts,
  /// It only asks: write exclusive lets it pass.
  reads,
  /// It passes always.
  passes,
};

/// The reservations of a logical unit: persistent ones (SPC-5 5.13), and the old pair RESERVE and
/// RELEASE (SPC-2 5.5.1).
class Reservations {
 public:
  enum class Outcome : std::uint8_t {
    done,
    conflict,
    invalid_field_in_cdb,
    invalid_field_in_parameter_list,
    /// 26h/04h.
    invalid_release,
  };
  /// A unit attention that another initiator must get.
  struct Attention {
    InitiatorId initiator = 0;
    std::uint8_t asc = 0;
    std::uint8_t ascq = 0;

    bool operator==(const Attention&) const = default;
  };
  struct Change {
    Outcome outcome = Outcome::done;
    std::vector<Attention> attentions;
  };

  [[nodiscard]] bool conflicts(InitiatorId initiator, Reservable command) const;
  [[nodiscard]] bool is_held_by(InitiatorId initiator) const;

  [[nodiscard]] Change reserve_out(InitiatorId initiator, scsi::ReserveOutAction action,
                                   scsi::ReservationType type,
                                   const scsi::ReserveOutParameters& parameters);

  [[nodiscard]] scsi::ReservationKeys keys() const;
  [[nodiscard]] scsi::Reservation reservation() const;
  [[nodiscard]] scsi::FullReservationStatus full_status() const;
  /// APTPL of the last registration: what is here must outlive the power.
  [[nodiscard]] bool persists() const { return persists_; }

  /// RESERVE(6) and RELEASE(6).
  [[nodiscard]] Outcome reserve(InitiatorId initiator);
  void release(InitiatorId initiator);

  /// The persistent ones: lines of key and value.
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] static std::optional<Reservations> parse(std::string_view text);

 private:
  struct Holder {
    InitiatorId initiator = 0;
    scsi::ReservationType type = scsi::ReservationType::write_exclusive;
  };

  [[nodiscard]] Change register_key(InitiatorId initiator, bool ignores_existing,
                                    const scsi::ReserveOutParameters& parameters);
  [[nodiscard]] Change unregister(InitiatorId initiator);
  [[nodiscard]] Change take(InitiatorId initiator, scsi::ReservationType type);
  [[nodiscard]] Change let_go(InitiatorId initiator, scsi::ReservationType type);
  [[nodiscard]] Change clear(InitiatorId initiator);
  [[nodiscard]] Change preempt(InitiatorId initiator, scsi::ReservationType type,
                               std::uint64_t victim);
  [[nodiscard]] bool is_registered(InitiatorId initiator, std::uint64_t key) const;
  [[nodiscard]] bool holds(InitiatorId initiator) const;
  [[nodiscard]] std::vector<Attention> attentions_for_others(InitiatorId initiator,
                                                             std::uint8_t ascq) const;

  std::uint32_t generation_ = 0;
  std::map<InitiatorId, std::uint64_t> registrations_;
  std::optional<Holder> holder_;
  bool persists_ = false;
  std::optional<InitiatorId> old_holder_;
};

}  // namespace tidemark::simulator
