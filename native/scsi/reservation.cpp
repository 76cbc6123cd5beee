// SPDX-License-Identifier: Apache-2.0
#include "scsi/reservation.h"

#include <array>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t key_bytes = 8;
constexpr std::size_t reservation_bytes = 16;
constexpr std::size_t capabilities_bytes = 8;
constexpr std::size_t registration_bytes = 24;
constexpr std::size_t out_list_bytes = 24;

constexpr std::array types = {ReservationType::write_exclusive,
                              ReservationType::exclusive_access,
                              ReservationType::write_exclusive_registrants_only,
                              ReservationType::exclusive_access_registrants_only,
                              ReservationType::write_exclusive_all_registrants,
                              ReservationType::exclusive_access_all_registrants};

/// Types 0 to 7 are bits of the mask's first byte, those from 8 on of its second (SPC-5 table 205).
struct MaskBit {
  std::size_t offset;
  unsigned bit;
};
MaskBit mask_bit(ReservationType type) {
  const auto number = static_cast<unsigned>(type);
  return {4 + number / 8, number % 8};
}

/// Generation and length, for this much behind them.
std::vector<std::uint8_t> begin(std::uint32_t generation, std::size_t length) {
  std::vector<std::uint8_t> bytes(header_bytes);
  store_be32(bytes, 0, generation);
  store_be32(bytes, 4, static_cast<std::uint32_t>(length));
  return bytes;
}

Bytes body(Bytes bytes) { return clip(bytes, header_bytes, load_be32(bytes, 4)); }

}  // namespace

std::optional<ReservationKeys> decode_reservation_keys(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  ReservationKeys keys;
  keys.generation = load_be32(bytes, 0);
  const auto list = body(bytes);
  for (std::size_t at = 0; at + key_bytes <= list.size(); at += key_bytes) {
    keys.keys.push_back(load_be64(list, at));
  }
  return keys;
}

std::vector<std::uint8_t> encode_reservation_keys(const ReservationKeys& keys) {
  auto bytes = begin(keys.generation, key_bytes * keys.keys.size());
  for (const auto key : keys.keys) {
    bytes.resize(bytes.size() + key_bytes);
    store_be64(bytes, bytes.size() - key_bytes, key);
  }
  return bytes;
}

std::optional<Reservation> decode_reservation(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  Reservation reservation;
  reservation.generation = load_be32(bytes, 0);
  if (load_be32(bytes, 4) == 0) return reservation;
  // Half a holder must not be taken for none.
  const auto holder = body(bytes);
  if (holder.size() < reservation_bytes) return std::nullopt;
  reservation.holder = {load_be64(holder, 0), load_bits(holder, 13, 7, 4),
                        static_cast<ReservationType>(load_bits(holder, 13, 3, 0))};
  return reservation;
}

std::vector<std::uint8_t> encode_reservation(const Reservation& reservation) {
  if (!reservation.holder) return begin(reservation.generation, 0);
  auto bytes = begin(reservation.generation, reservation_bytes);
  bytes.resize(header_bytes + reservation_bytes);
  store_be64(bytes, 8, reservation.holder->key);
  store_bits(bytes, 21, 7, 4, reservation.holder->scope);
  store_bits(bytes, 21, 3, 0, static_cast<std::uint8_t>(reservation.holder->type));
  return bytes;
}

std::optional<ReservationCapabilities> decode_reservation_capabilities(Bytes bytes) {
  if (bytes.size() < capabilities_bytes || load_be16(bytes, 0) < capabilities_bytes) {
    return std::nullopt;
  }
  ReservationCapabilities capabilities;
  capabilities.replace_lost = load_bit(bytes, 2, 7);
  capabilities.compatible_reservation_handling = load_bit(bytes, 2, 4);
  capabilities.specify_initiator_ports = load_bit(bytes, 2, 3);
  capabilities.all_target_ports = load_bit(bytes, 2, 2);
  capabilities.persist_capable = load_bit(bytes, 2, 0);
  capabilities.allow_commands = load_bits(bytes, 3, 6, 4);
  capabilities.persist_active = load_bit(bytes, 3, 0);
  if (!load_bit(bytes, 3, 7)) return capabilities;
  capabilities.types.emplace();
  for (const auto type : types) {
    const auto [offset, bit] = mask_bit(type);
    if (load_bit(bytes, offset, bit)) capabilities.types->push_back(type);
  }
  return capabilities;
}

std::vector<std::uint8_t> encode_reservation_capabilities(
    const ReservationCapabilities& capabilities) {
  std::vector<std::uint8_t> bytes(capabilities_bytes);
  store_be16(bytes, 0, capabilities_bytes);
  store_bit(bytes, 2, 7, capabilities.replace_lost);
  store_bit(bytes, 2, 4, capabilities.compatible_reservation_handling);
  store_bit(bytes, 2, 3, capabilities.specify_initiator_ports);
  store_bit(bytes, 2, 2, capabilities.all_target_ports);
  store_bit(bytes, 2, 0, capabilities.persist_capable);
  store_bit(bytes, 3, 7, capabilities.types.has_value());
  store_bits(bytes, 3, 6, 4, capabilities.allow_commands);
  store_bit(bytes, 3, 0, capabilities.persist_active);
  if (!capabilities.types) return bytes;
  for (const auto type : *capabilities.types) {
    const auto [offset, bit] = mask_bit(type);
    if (offset <= 5) store_bit(bytes, offset, bit, true);
  }
  return bytes;
}

std::optional<FullReservationStatus> decode_full_reservation_status(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  FullReservationStatus status;
  status.generation = load_be32(bytes, 0);
  auto rest = body(bytes);
  while (rest.size() >= registration_bytes) {
    const std::size_t id_bytes = load_be32(rest, 20);
    if (id_bytes > rest.size() - registration_bytes) break;
    const auto id = rest.subspan(registration_bytes, id_bytes);
    Registration registration;
    registration.key = load_be64(rest, 0);
    registration.all_target_ports = load_bit(rest, 12, 1);
    registration.holder = load_bit(rest, 12, 0);
    registration.scope = load_bits(rest, 13, 7, 4);
    registration.type = load_bits(rest, 13, 3, 0);
    registration.relative_target_port = load_be16(rest, 18);
    registration.transport_id.assign(id.begin(), id.end());
    status.registrations.push_back(std::move(registration));
    rest = rest.subspan(registration_bytes + id_bytes);
  }
  return status;
}

std::vector<std::uint8_t> encode_full_reservation_status(const FullReservationStatus& status) {
  auto bytes = begin(status.generation, 0);
  for (const auto& each : status.registrations) {
    const auto at = bytes.size();
    bytes.resize(at + registration_bytes);
    store_be64(bytes, at, each.key);
    store_bit(bytes, at + 12, 1, each.all_target_ports);
    store_bit(bytes, at + 12, 0, each.holder);
    store_bits(bytes, at + 13, 7, 4, each.scope);
    store_bits(bytes, at + 13, 3, 0, each.type);
    store_be16(bytes, at + 18, each.relative_target_port);
    store_be32(bytes, at + 20, static_cast<std::uint32_t>(each.transport_id.size()));
    bytes.insert(bytes.end(), each.transport_id.begin(), each.transport_id.end());
  }
  store_be32(bytes, 4, static_cast<std::uint32_t>(bytes.size() - header_bytes));
  return bytes;
}

std::string transport_id_text(Bytes transport_id) {
  // PROTOCOL IDENTIFIER (SPC-5 7.6.1).
  switch (load_bits(transport_id, 0, 3, 0)) {
    case 0x0:  // Fibre Channel: N_Port_Name; a zero byte 0 may also mean that nothing is there
      return hexadecimal(clip(transport_id, 8, 8));
    case 0x5: {  // iSCSI: name, and in format 01b the session behind ",i,0x"
      const auto name = clip(transport_id, 4, load_be16(transport_id, 2));
      return load_ascii(name, 0, name.size());
    }
    case 0x6:  // SAS address
      return hexadecimal(clip(transport_id, 4, 8));
    default:
      return {};
  }
}

std::optional<ReserveOutParameters> decode_reserve_out_parameters(Bytes list) {
  if (list.size() < out_list_bytes) return std::nullopt;
  return ReserveOutParameters{load_be64(list, 0), load_be64(list, 8), load_bit(list, 20, 3),
                              load_bit(list, 20, 2), load_bit(list, 20, 0)};
}

std::vector<std::uint8_t> encode_reserve_out_parameters(const ReserveOutParameters& parameters) {
  std::vector<std::uint8_t> list(out_list_bytes);
  store_be64(list, 0, parameters.own_key);
  store_be64(list, 8, parameters.action_key);
  store_bit(list, 20, 3, parameters.specify_initiator_ports);
  store_bit(list, 20, 2, parameters.all_target_ports);
  store_bit(list, 20, 0, parameters.persist);
  return list;
}

std::optional<RegisterAndMoveParameters> decode_register_and_move(Bytes list) {
  if (list.size() < out_list_bytes) return std::nullopt;
  const auto id = clip(list, out_list_bytes, load_be32(list, 20));
  if (id.size() != load_be32(list, 20)) return std::nullopt;
  return RegisterAndMoveParameters{load_be64(list, 0),    load_be64(list, 8),
                                   load_bit(list, 17, 1), load_bit(list, 17, 0),
                                   load_be16(list, 18),   {id.begin(), id.end()}};
}

std::vector<std::uint8_t> encode_register_and_move(const RegisterAndMoveParameters& parameters) {
  std::vector<std::uint8_t> list(out_list_bytes);
  store_be64(list, 0, parameters.own_key);
  store_be64(list, 8, parameters.action_key);
  store_bit(list, 17, 1, parameters.unregister);
  store_bit(list, 17, 0, parameters.persist);
  store_be16(list, 18, parameters.relative_target_port);
  store_be32(list, 20, static_cast<std::uint32_t>(parameters.transport_id.size()));
  list.insert(list.end(), parameters.transport_id.begin(), parameters.transport_id.end());
  return list;
}

}  // namespace tidemark::scsi
