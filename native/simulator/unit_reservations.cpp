// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "scsi/reservation.h"
#include "simulator/logical_unit.h"

/// PERSISTENT RESERVE IN and OUT, RESERVE and RELEASE.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

constexpr std::size_t parameter_list_bytes = 24;

scsi::ReservationCapabilities capabilities() {
  scsi::ReservationCapabilities told;
  told.persist_capable = true;
  told.types = {scsi::ReservationType::write_exclusive,
                scsi::ReservationType::exclusive_access,
                scsi::ReservationType::write_exclusive_registrants_only,
                scsi::ReservationType::exclusive_access_registrants_only,
                scsi::ReservationType::write_exclusive_all_registrants,
                scsi::ReservationType::exclusive_access_all_registrants};
  return told;
}

Answer answer_of(Reservations::Outcome outcome) {
  switch (outcome) {
    case Reservations::Outcome::done:
      break;
    case Reservations::Outcome::conflict:
      return reservation_conflict();
    case Reservations::Outcome::invalid_field_in_cdb:
      return invalid_field_in_cdb();
    case Reservations::Outcome::invalid_field_in_parameter_list:
      return invalid_field_in_parameter_list();
    case Reservations::Outcome::invalid_release:
      return check(key::illegal_request, 0x26, 0x04);
  }
  return good();
}

}  // namespace

Answer LogicalUnit::persistent_reserve_in(const Request& request) {
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  switch (static_cast<scsi::ReserveInAction>(request.service_action())) {
    case scsi::ReserveInAction::read_keys:
      return data(request, scsi::encode_reservation_keys(reservations_.keys()), allocation_length);
    case scsi::ReserveInAction::read_reservation:
      return data(request, scsi::encode_reservation(reservations_.reservation()),
                  allocation_length);
    case scsi::ReserveInAction::report_capabilities: {
      auto told = capabilities();
      told.persist_active = reservations_.persists();
      return data(request, scsi::encode_reservation_capabilities(told), allocation_length);
    }
    case scsi::ReserveInAction::read_full_status:
      return data(request, scsi::encode_full_reservation_status(reservations_.full_status()),
                  allocation_length);
  }
  return invalid_field_in_cdb();
}

Answer LogicalUnit::persistent_reserve_out(const Request& request) {
  const auto length = scsi::load_be32(request.cdb, 5);
  if (length != parameter_list_bytes || request.data_out.size() < length) {
    return parameter_list_length_error();
  }
  const auto parameters = scsi::decode_reserve_out_parameters(request.data_out.first(length));
  if (!parameters) return parameter_list_length_error();
  const bool is_logical_unit_scope = (request.cdb[2] & 0xF0) == 0;
  if (!is_logical_unit_scope) return invalid_field_in_cdb();
  const auto before = reservations_.reservation().holder;
  const auto change = reservations_.reserve_out(
      request.initiator, static_cast<scsi::ReserveOutAction>(request.service_action()),
      static_cast<scsi::ReservationType>(request.cdb[2] & 0x0F), *parameters);
  for (const auto& each : change.attentions) {
    scsi::Sense sense;
    sense.key = key::unit_attention;
    sense.asc = each.asc;
    sense.ascq = each.ascq;
    unit_attentions(each.initiator).push_back(sense);
  }
  if (before && before != reservations_.reservation().holder) reservation_lost();
  if (change.outcome == Reservations::Outcome::done && !keep_reservations()) {
    return internal_failure();
  }
  return answer_of(change.outcome);
}

Answer LogicalUnit::reserve_6(const Request& request) {
  return answer_of(reservations_.reserve(request.initiator));
}

Answer LogicalUnit::release_6(const Request& request) {
  reservations_.release(request.initiator);
  return good();
}

}  // namespace tidemark::simulator
