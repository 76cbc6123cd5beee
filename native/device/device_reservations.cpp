// SPDX-License-Identifier: Apache-2.0
#include "device/device.h"

/// Persistent reservations (SPC-5 6.16, 6.17).
namespace tidemark {
namespace {

constexpr std::uint16_t answer_bytes = 8192;

scsi::Cdb reserve_in(scsi::ReserveInAction action) {
  return scsi::persistent_reserve_in(action, answer_bytes);
}

}  // namespace

Response<scsi::ReservationKeys> Device::reservation_keys() {
  return ask(reserve_in(scsi::ReserveInAction::read_keys), answer_bytes,
             scsi::decode_reservation_keys);
}

Response<scsi::Reservation> Device::reservation() {
  return ask(reserve_in(scsi::ReserveInAction::read_reservation), answer_bytes,
             scsi::decode_reservation);
}

Response<scsi::ReservationCapabilities> Device::reservation_capabilities() {
  return ask(reserve_in(scsi::ReserveInAction::report_capabilities), answer_bytes,
             scsi::decode_reservation_capabilities);
}

Response<scsi::FullReservationStatus> Device::full_reservation_status() {
  return ask(reserve_in(scsi::ReserveInAction::read_full_status), answer_bytes,
             scsi::decode_full_reservation_status);
}

Result Device::reserve_out(scsi::ReserveOutAction action, scsi::ReservationType type,
                           const scsi::ReserveOutParameters& parameters) {
  const auto list = scsi::encode_reserve_out_parameters(parameters);
  return execute_out(
      scsi::persistent_reserve_out(action, type, static_cast<std::uint32_t>(list.size())), list);
}

}  // namespace tidemark
