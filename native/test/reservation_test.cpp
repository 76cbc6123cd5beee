// SPDX-License-Identifier: Apache-2.0
#include "scsi/reservation.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("keys") {
  const Raw raw{0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 11};
  CHECK(decode_reservation_keys(raw) == ReservationKeys{7, {10, 11}});
  CHECK(encode_reservation_keys({7, {10, 11}}) == raw);
  CHECK(decode_reservation_keys(std::span(raw).first(23))->keys.size() == 1);
}

TEST_CASE("a reservation and none") {
  const Raw raw{0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0x06, 0, 0};
  const auto reservation = decode_reservation(raw);
  REQUIRE(reservation);
  REQUIRE(reservation->holder);
  CHECK(reservation->holder->key == 10);
  CHECK(reservation->holder->scope == 0);
  CHECK(reservation->holder->type == ReservationType::exclusive_access_registrants_only);
  CHECK(encode_reservation(*reservation) == raw);
  CHECK_FALSE(decode_reservation(Raw{0, 0, 0, 7, 0, 0, 0, 0})->holder);
  CHECK(encode_reservation({7, {}}) == Raw{0, 0, 0, 7, 0, 0, 0, 0});
  // Half a holder must not be taken for none.
  CHECK_FALSE(decode_reservation(std::span(raw).first(20)));
}

TEST_CASE("capabilities") {
  ReservationCapabilities capabilities;
  capabilities.replace_lost = true;
  capabilities.compatible_reservation_handling = true;
  capabilities.specify_initiator_ports = true;
  capabilities.all_target_ports = true;
  capabilities.persist_capable = true;
  capabilities.persist_active = true;
  capabilities.allow_commands = 5;
  capabilities.types = {ReservationType::write_exclusive, ReservationType::exclusive_access,
                        ReservationType::exclusive_access_all_registrants};
  const auto raw = encode_reservation_capabilities(capabilities);
  CHECK(raw == Raw{0, 8, 0x9D, 0xD1, 0x0A, 0x01, 0, 0});
  CHECK(decode_reservation_capabilities(raw) == capabilities);
  capabilities.types.reset();
  CHECK(decode_reservation_capabilities(encode_reservation_capabilities(capabilities)) ==
        capabilities);
}

TEST_CASE("full status, and names of initiators of each transport") {
  FullReservationStatus status;
  status.generation = 3;
  status.registrations.resize(2);
  status.registrations[0].key = 10;
  status.registrations[0].holder = true;
  status.registrations[0].type = 6;
  status.registrations[0].relative_target_port = 1;
  status.registrations[0].transport_id = {0x05, 0, 0, 8, 'i', 'q', 'n', '.', 'a', 0, 0, 0};
  status.registrations[1].key = 11;
  status.registrations[1].all_target_ports = true;
  const auto raw = encode_full_reservation_status(status);
  CHECK(raw.size() == 8 + 24 + 12 + 24);
  CHECK(decode_full_reservation_status(raw) == status);
  CHECK(transport_id_text(status.registrations[0].transport_id) == "iqn.a");

  Raw fibre_channel(24);
  store_be64(fibre_channel, 8, 0x210000E08B000001);
  CHECK(transport_id_text(fibre_channel) == "210000e08b000001");
  Raw sas(24);
  sas[0] = 0x06;
  store_be64(sas, 4, 0x5000E11100000001);
  CHECK(transport_id_text(sas) == "5000e11100000001");
  CHECK(transport_id_text(Raw{0x0F, 1, 2, 3}).empty());
  CHECK(transport_id_text({}).empty());
}

TEST_CASE("the lists of PERSISTENT RESERVE OUT") {
  const ReserveOutParameters parameters{10, 11, true, true, true};
  const auto list = encode_reserve_out_parameters(parameters);
  CHECK(list.size() == 24);
  CHECK(list[20] == 0x0D);
  CHECK(decode_reserve_out_parameters(list) == parameters);
  CHECK_FALSE(decode_reserve_out_parameters(std::span(list).first(23)));

  const RegisterAndMoveParameters move{10, 11, true, true, 2, {0x06, 0, 0, 0}};
  const auto moved = encode_register_and_move(move);
  CHECK(moved[17] == 0x03);
  CHECK(decode_register_and_move(moved) == move);
  CHECK_FALSE(decode_register_and_move(std::span(moved).first(27)));
}
