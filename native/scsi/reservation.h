// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/cdb.h"

/// Data of PERSISTENT RESERVE IN and OUT (SPC-5 6.16, 6.17).
namespace tidemark::scsi {

/// READ KEYS.
struct ReservationKeys {
  /// PRGENERATION: counts changes of the registrations.
  std::uint32_t generation = 0;
  std::vector<std::uint64_t> keys;

  bool operator==(const ReservationKeys&) const = default;
};
[[nodiscard]] std::optional<ReservationKeys> decode_reservation_keys(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_reservation_keys(const ReservationKeys& keys);

/// READ RESERVATION.
struct Reservation {
  std::uint32_t generation = 0;
  struct Holder {
    /// 0 in the types for all registrants.
    std::uint64_t key = 0;
    /// 0: the logical unit.
    std::uint8_t scope = 0;
    /// A type that has no name here comes as its number.
    ReservationType type = ReservationType::write_exclusive;

    bool operator==(const Holder&) const = default;
  };
  /// Absent: nobody holds one.
  std::optional<Holder> holder;

  bool operator==(const Reservation&) const = default;
};
[[nodiscard]] std::optional<Reservation> decode_reservation(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_reservation(const Reservation& reservation);

/// REPORT CAPABILITIES.
struct ReservationCapabilities {
  /// RLR_C: REPLACE LOST RESERVATION is there.
  bool replace_lost = false;
  /// CRH: RESERVE(6) of the holder is tolerated.
  bool compatible_reservation_handling = false;
  /// SIP_C, ATP_C: registering for other initiator ports, for all target ports.
  bool specify_initiator_ports = false;
  bool all_target_ports = false;
  /// PTPL_C, PTPL_A: persistence through power loss is possible, is active.
  bool persist_capable = false;
  bool persist_active = false;
  /// ALLOW COMMANDS, 0 to 7.
  std::uint8_t allow_commands = 0;
  /// Absent where TMV says that the mask means nothing.
  std::optional<std::vector<ReservationType>> types;

  bool operator==(const ReservationCapabilities&) const = default;
};
[[nodiscard]] std::optional<ReservationCapabilities> decode_reservation_capabilities(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_reservation_capabilities(
    const ReservationCapabilities& capabilities);

/// READ FULL STATUS: one registration.
struct Registration {
  std::uint64_t key = 0;
  /// R_HOLDER. `scope` and `type` mean something only then.
  bool holder = false;
  /// ALL_TG_PT. `relative_target_port` means nothing then.
  bool all_target_ports = false;
  std::uint8_t scope = 0;
  /// 0 where this one does not hold the reservation.
  std::uint8_t type = 0;
  std::uint16_t relative_target_port = 0;
  /// TransportID of the initiator port (SPC-5 7.6.4).
  std::vector<std::uint8_t> transport_id;

  bool operator==(const Registration&) const = default;
};
struct FullReservationStatus {
  std::uint32_t generation = 0;
  std::vector<Registration> registrations;

  bool operator==(const FullReservationStatus&) const = default;
};
[[nodiscard]] std::optional<FullReservationStatus> decode_full_reservation_status(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_full_reservation_status(
    const FullReservationStatus& status);
/// For people: the iSCSI name, or the port's name as hexadecimal digits; empty for protocols that
/// this driver does not know.
[[nodiscard]] std::string transport_id_text(Bytes transport_id);

/// The basic parameter list of PERSISTENT RESERVE OUT, 24 bytes.
struct ReserveOutParameters {
  /// RESERVATION KEY: the sender's own.
  std::uint64_t own_key = 0;
  /// SERVICE ACTION RESERVATION KEY: the new one of a registration, the victim's of a preemption.
  std::uint64_t action_key = 0;
  /// SPEC_I_PT; the TransportIDs that would follow are not part of this list.
  bool specify_initiator_ports = false;
  /// ALL_TG_PT.
  bool all_target_ports = false;
  /// APTPL: keep it through power loss.
  bool persist = false;

  bool operator==(const ReserveOutParameters&) const = default;
};
[[nodiscard]] std::optional<ReserveOutParameters> decode_reserve_out_parameters(Bytes list);
[[nodiscard]] std::vector<std::uint8_t> encode_reserve_out_parameters(
    const ReserveOutParameters& parameters);

/// The parameter list of REGISTER AND MOVE (SPC-5 6.17.4).
struct RegisterAndMoveParameters {
  std::uint64_t own_key = 0;
  std::uint64_t action_key = 0;
  /// UNREG: unregister the sender.
  bool unregister = false;
  bool persist = false;
  std::uint16_t relative_target_port = 0;
  std::vector<std::uint8_t> transport_id;

  bool operator==(const RegisterAndMoveParameters&) const = default;
};
[[nodiscard]] std::optional<RegisterAndMoveParameters> decode_register_and_move(Bytes list);
[[nodiscard]] std::vector<std::uint8_t> encode_register_and_move(
    const RegisterAndMoveParameters& parameters);

}  // namespace tidemark::scsi
