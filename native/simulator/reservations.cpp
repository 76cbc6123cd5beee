// SPDX-License-Identifier: Apache-2.0
#include "simulator/reservations.h"

#include <algorithm>
#include <charconv>

#include "simulator/text_file.h"

namespace tidemark::simulator {
namespace {

using scsi::ReservationType;
using Outcome = Reservations::Outcome;

constexpr std::uint8_t reservations_changed = 0x2A;
constexpr std::uint8_t preempted = 0x03;
constexpr std::uint8_t released = 0x04;
constexpr std::uint8_t registrations_preempted = 0x05;

bool is_known(ReservationType type) {
  switch (type) {
    case ReservationType::write_exclusive:
    case ReservationType::exclusive_access:
    case ReservationType::write_exclusive_registrants_only:
    case ReservationType::exclusive_access_registrants_only:
    case ReservationType::write_exclusive_all_registrants:
    case ReservationType::exclusive_access_all_registrants:
      return true;
  }
  return false;
}

bool is_for_all_registrants(ReservationType type) {
  return type == ReservationType::write_exclusive_all_registrants ||
         type == ReservationType::exclusive_access_all_registrants;
}

bool lets_registrants_pass(ReservationType type) {
  return type != ReservationType::write_exclusive && type != ReservationType::exclusive_access;
}

bool lets_readers_pass(ReservationType type) {
  return type == ReservationType::write_exclusive ||
         type == ReservationType::write_exclusive_registrants_only ||
         type == ReservationType::write_exclusive_all_registrants;
}

/// TransportID of an iSCSI initiator (SPC-5 7.6.4.6): the name, ended by a zero and padded to
/// words.
std::vector<std::uint8_t> transport_id(InitiatorId initiator) {
  const auto name = "iqn.2026-01.org.tidemark:simulated-initiator-" + std::to_string(initiator);
  std::vector<std::uint8_t> bytes{0x05, 0x00, 0x00, 0x00};
  bytes.insert(bytes.end(), name.begin(), name.end());
  bytes.resize((bytes.size() + 4) / 4 * 4);
  scsi::store_be16(bytes, 2, static_cast<std::uint16_t>(bytes.size() - 4));
  return bytes;
}

}  // namespace

InitiatorId initiator_named(std::string_view name) {
  if (name.empty()) return only_initiator;
  // FNV-1a; 40 bits leave room for it in every text, the highest keeps it away from the others.
  std::uint64_t number = 0xCBF29CE484222325;
  for (const char each : name) {
    number = (number ^ static_cast<std::uint8_t>(each)) * 0x100000001B3;
  }
  return (number & 0xFFFFFFFFFF) | std::uint64_t{1} << 40;
}

bool Reservations::is_registered(InitiatorId initiator, std::uint64_t key) const {
  const auto found = registrations_.find(initiator);
  return found != registrations_.end() && found->second == key;
}

bool Reservations::holds(InitiatorId initiator) const {
  if (!holder_) return false;
  return is_for_all_registrants(holder_->type) ? registrations_.contains(initiator)
                                               : holder_->initiator == initiator;
}

bool Reservations::is_held_by(InitiatorId initiator) const {
  return holds(initiator) || old_holder_ == initiator;
}

bool Reservations::conflicts(InitiatorId initiator, Reservable command) const {
  if (command == Reservable::passes) return false;
  if (old_holder_) return *old_holder_ != initiator;
  if (!holder_ || holds(initiator)) return false;
  if (lets_registrants_pass(holder_->type) && registrations_.contains(initiator)) return false;
  return !(command == Reservable::reads && lets_readers_pass(holder_->type));
}

std::vector<Reservations::Attention> Reservations::attentions_for_others(InitiatorId initiator,
                                                                         std::uint8_t ascq) const {
  std::vector<Attention> attentions;
  for (const auto& [other, key] : registrations_) {
    if (other != initiator) attentions.push_back({other, reservations_changed, ascq});
  }
  return attentions;
}

Reservations::Change Reservations::reserve_out(InitiatorId initiator, scsi::ReserveOutAction action,
                                               ReservationType type,
                                               const scsi::ReserveOutParameters& parameters) {
  using Action = scsi::ReserveOutAction;
  if (old_holder_ && *old_holder_ != initiator) return {Outcome::conflict, {}};
  if (parameters.specify_initiator_ports) return {Outcome::invalid_field_in_parameter_list, {}};
  if (action == Action::register_key || action == Action::register_and_ignore_existing_key) {
    return register_key(initiator, action == Action::register_and_ignore_existing_key, parameters);
  }
  if (!is_registered(initiator, parameters.own_key)) return {Outcome::conflict, {}};
  if (action == Action::clear) return clear(initiator);
  if (!is_known(type)) return {Outcome::invalid_field_in_cdb, {}};
  switch (action) {
    case Action::reserve:
      return take(initiator, type);
    case Action::release:
      return let_go(initiator, type);
    case Action::preempt:
    case Action::preempt_and_abort:
      return preempt(initiator, type, parameters.action_key);
    default:
      return {Outcome::invalid_field_in_cdb, {}};
  }
}

Reservations::Change Reservations::register_key(InitiatorId initiator, bool ignores_existing,
                                                const scsi::ReserveOutParameters& parameters) {
  const auto found = registrations_.find(initiator);
  const auto existing = found == registrations_.end() ? 0 : found->second;
  if (!ignores_existing && parameters.own_key != existing) return {Outcome::conflict, {}};
  persists_ = parameters.persist;
  if (parameters.action_key == 0) {
    return found == registrations_.end() ? Change{} : unregister(initiator);
  }
  ++generation_;
  registrations_[initiator] = parameters.action_key;
  return {};
}

Reservations::Change Reservations::unregister(InitiatorId initiator) {
  ++generation_;
  const bool held = holds(initiator);
  registrations_.erase(initiator);
  const bool is_shared = holder_ && is_for_all_registrants(holder_->type);
  if (!held || (is_shared && !registrations_.empty())) return {};
  const bool is_told = lets_registrants_pass(holder_->type);
  holder_.reset();
  return {Outcome::done,
          is_told ? attentions_for_others(initiator, released) : std::vector<Attention>()};
}

Reservations::Change Reservations::take(InitiatorId initiator, ReservationType type) {
  if (holder_)
    return {holds(initiator) && holder_->type == type ? Outcome::done : Outcome::conflict, {}};
  holder_ = Holder{initiator, type};
  return {};
}

Reservations::Change Reservations::let_go(InitiatorId initiator, ReservationType type) {
  if (!holds(initiator)) return {};
  if (holder_->type != type) return {Outcome::invalid_release, {}};
  holder_.reset();
  return {Outcome::done, lets_registrants_pass(type) ? attentions_for_others(initiator, released)
                                                     : std::vector<Attention>()};
}

Reservations::Change Reservations::clear(InitiatorId initiator) {
  ++generation_;
  auto attentions = attentions_for_others(initiator, preempted);
  registrations_.clear();
  holder_.reset();
  return {Outcome::done, std::move(attentions)};
}

Reservations::Change Reservations::preempt(InitiatorId initiator, ReservationType type,
                                           std::uint64_t victim) {
  const bool is_shared = holder_ && is_for_all_registrants(holder_->type);
  if (victim == 0 && !is_shared) return {Outcome::invalid_field_in_parameter_list, {}};
  const bool takes_over =
      holder_ && (is_shared ? victim == 0 : is_registered(holder_->initiator, victim));
  Change change;
  for (const auto& [other, key] : registrations_) {
    const bool is_victim = (victim == 0 && is_shared) || key == victim;
    if (is_victim && other != initiator) {
      change.attentions.push_back({other, reservations_changed, registrations_preempted});
    }
  }
  if (change.attentions.empty() && !takes_over) return {Outcome::conflict, {}};
  ++generation_;
  for (const auto& each : change.attentions) registrations_.erase(each.initiator);
  if (!takes_over) return change;
  if (holder_->type != type) {
    const auto others = attentions_for_others(initiator, released);
    change.attentions.insert(change.attentions.end(), others.begin(), others.end());
  }
  holder_ = Holder{initiator, type};
  return change;
}

scsi::ReservationKeys Reservations::keys() const {
  scsi::ReservationKeys keys{generation_, {}};
  for (const auto& [initiator, key] : registrations_) keys.keys.push_back(key);
  return keys;
}

scsi::Reservation Reservations::reservation() const {
  scsi::Reservation reservation{generation_, std::nullopt};
  if (!holder_) return reservation;
  const auto found = registrations_.find(holder_->initiator);
  const bool has_key = !is_for_all_registrants(holder_->type) && found != registrations_.end();
  reservation.holder = scsi::Reservation::Holder{has_key ? found->second : 0, 0, holder_->type};
  return reservation;
}

scsi::FullReservationStatus Reservations::full_status() const {
  scsi::FullReservationStatus status{generation_, {}};
  for (const auto& [initiator, key] : registrations_) {
    scsi::Registration registration;
    registration.key = key;
    registration.holder = holds(initiator);
    if (registration.holder) registration.type = static_cast<std::uint8_t>(holder_->type);
    registration.relative_target_port = 1;
    registration.transport_id = transport_id(initiator);
    status.registrations.push_back(std::move(registration));
  }
  return status;
}

Outcome Reservations::reserve(InitiatorId initiator) {
  // Both kinds do not live together (SPC-5 5.13.2).
  if (!registrations_.empty()) return Outcome::conflict;
  if (old_holder_ && *old_holder_ != initiator) return Outcome::conflict;
  old_holder_ = initiator;
  return Outcome::done;
}

void Reservations::release(InitiatorId initiator) {
  if (old_holder_ == initiator) old_holder_.reset();
}

std::string Reservations::to_text() const {
  auto text = "generation " + std::to_string(generation_) + "\n";
  for (const auto& [initiator, key] : registrations_) {
    text += "registration " + std::to_string(initiator) + " " + std::to_string(key) + "\n";
  }
  if (holder_) {
    text += "holder " + std::to_string(holder_->initiator) + " " +
            std::to_string(static_cast<unsigned>(holder_->type)) + "\n";
  }
  return text;
}

std::optional<Reservations> Reservations::parse(std::string_view text) {
  Reservations reservations;
  reservations.persists_ = true;
  for (const auto& [name, value] : parse_pairs(text)) {
    const auto space = std::min(value.find(' '), value.size());
    const auto* end = value.data() + value.size();
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    const auto one = std::from_chars(value.data(), value.data() + space, first);
    if (one.ec != std::errc()) return std::nullopt;
    const bool is_generation = name == "generation";
    if (!is_generation &&
        std::from_chars(value.data() + std::min(space + 1, value.size()), end, second).ec !=
            std::errc()) {
      return std::nullopt;
    }
    if (is_generation) {
      reservations.generation_ = static_cast<std::uint32_t>(first);
    } else if (name == "registration") {
      reservations.registrations_[first] = second;
    } else if (name == "holder" && is_known(static_cast<ReservationType>(second))) {
      reservations.holder_ = Holder{first, static_cast<ReservationType>(second)};
    } else {
      return std::nullopt;
    }
  }
  return reservations;
}

}  // namespace tidemark::simulator
