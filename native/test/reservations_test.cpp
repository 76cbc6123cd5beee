// SPDX-License-Identifier: Apache-2.0
#include "simulator/reservations.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "loaded_drive.h"
#include "simulator/drive.h"

using namespace tidemark;
using namespace tidemark::simulator;
using scsi::ReservationType;
using Action = scsi::ReserveOutAction;
using Effect = Reservations::Outcome;

namespace {

constexpr auto shared = ReservationType::exclusive_access_registrants_only;

Effect act(Reservations& reservations, InitiatorId initiator, Action action, std::uint64_t own,
           std::uint64_t other = 0, ReservationType type = ReservationType::exclusive_access) {
  return reservations.reserve_out(initiator, action, type, {own, other, false, false, false})
      .outcome;
}

/// Initiators 1 and 2 are registered with the keys 11 and 22.
Reservations two_registered() {
  Reservations reservations;
  CHECK(act(reservations, 1, Action::register_key, 0, 11) == Effect::done);
  CHECK(act(reservations, 2, Action::register_key, 0, 22) == Effect::done);
  return reservations;
}

}  // namespace

TEST_CASE("registrations: a key is changed by who knows it") {
  auto reservations = two_registered();
  CHECK(act(reservations, 1, Action::register_key, 99, 12) == Effect::conflict);
  CHECK(act(reservations, 1, Action::register_key, 11, 12) == Effect::done);
  CHECK(act(reservations, 2, Action::register_and_ignore_existing_key, 0, 23) == Effect::done);
  CHECK(reservations.keys().keys == std::vector<std::uint64_t>{12, 23});
  CHECK(reservations.keys().generation == 4);
  CHECK(act(reservations, 3, Action::register_key, 1, 2) == Effect::conflict);
  CHECK(act(reservations, 3, Action::register_key, 0, 0) == Effect::done);  // nothing at all
  CHECK(act(reservations, 1, Action::register_key, 12, 0) == Effect::done);
  CHECK(reservations.keys().keys == std::vector<std::uint64_t>{23});
  CHECK(act(reservations, 1, Action::reserve, 12) == Effect::conflict);
}

TEST_CASE("U4: a reservation keeps others out, as its type says") {
  auto reservations = two_registered();
  CHECK(act(reservations, 1, Action::reserve, 11, 0, ReservationType::write_exclusive) ==
        Effect::done);
  CHECK(act(reservations, 2, Action::reserve, 22) == Effect::conflict);
  CHECK_FALSE(reservations.conflicts(1, Reservable::conflicts));
  CHECK(reservations.conflicts(2, Reservable::conflicts));
  CHECK_FALSE(reservations.conflicts(2, Reservable::reads));
  CHECK_FALSE(reservations.conflicts(3, Reservable::passes));
  CHECK(act(reservations, 1, Action::release, 11, 0, ReservationType::exclusive_access) ==
        Effect::invalid_release);
  CHECK(act(reservations, 2, Action::release, 22) == Effect::done);  // not its own: nothing
  CHECK(reservations.reservation().holder->key == 11);
  CHECK(act(reservations, 1, Action::release, 11, 0, ReservationType::write_exclusive) ==
        Effect::done);
  CHECK_FALSE(reservations.reservation().holder);
  CHECK(act(reservations, 1, Action::reserve, 11, 0, shared) == Effect::done);
  CHECK_FALSE(reservations.conflicts(2, Reservable::conflicts));
  CHECK(reservations.conflicts(3, Reservable::reads));
}

TEST_CASE("U4: preemption takes registration and reservation, and the victim hears of it") {
  auto reservations = two_registered();
  CHECK(act(reservations, 1, Action::reserve, 11) == Effect::done);
  CHECK(act(reservations, 2, Action::preempt, 22, 0) == Effect::invalid_field_in_parameter_list);
  CHECK(act(reservations, 2, Action::preempt, 22, 99) == Effect::conflict);
  const auto change = reservations.reserve_out(
      2, Action::preempt, ReservationType::exclusive_access, {22, 11, false, false, false});
  CHECK(change.outcome == Effect::done);
  CHECK(change.attentions == std::vector<Reservations::Attention>{{1, 0x2A, 0x05}});
  CHECK(reservations.is_held_by(2));
  CHECK(reservations.keys().keys == std::vector<std::uint64_t>{22});
}

TEST_CASE("what all registrants hold ends with the last of them") {
  auto reservations = two_registered();
  const auto type = ReservationType::exclusive_access_all_registrants;
  CHECK(act(reservations, 1, Action::reserve, 11, 0, type) == Effect::done);
  CHECK(reservations.is_held_by(2));
  CHECK(reservations.reservation().holder->key == 0);
  CHECK(act(reservations, 1, Action::register_key, 11, 0) == Effect::done);
  CHECK(reservations.reservation().holder);
  CHECK(act(reservations, 2, Action::register_key, 22, 0) == Effect::done);
  CHECK_FALSE(reservations.reservation().holder);
}

TEST_CASE("releases and clearing are told to the other registrants") {
  auto reservations = two_registered();
  CHECK(act(reservations, 1, Action::reserve, 11, 0, shared) == Effect::done);
  auto change = reservations.reserve_out(1, Action::release, shared, {11, 0, false, false, false});
  CHECK(change.attentions == std::vector<Reservations::Attention>{{2, 0x2A, 0x04}});
  change = reservations.reserve_out(2, Action::clear, shared, {22, 0, false, false, false});
  CHECK(change.attentions == std::vector<Reservations::Attention>{{1, 0x2A, 0x03}});
  CHECK(reservations.keys().keys.empty());
}

TEST_CASE("RESERVE and RELEASE, which do not go together with registrations") {
  Reservations reservations;
  CHECK(reservations.reserve(1) == Effect::done);
  CHECK(reservations.reserve(2) == Effect::conflict);
  CHECK(reservations.conflicts(2, Reservable::reads));
  CHECK(act(reservations, 2, Action::register_key, 0, 22) == Effect::conflict);
  reservations.release(2);
  CHECK(reservations.is_held_by(1));
  reservations.release(1);
  CHECK(act(reservations, 2, Action::register_key, 0, 22) == Effect::done);
  CHECK(reservations.reserve(1) == Effect::conflict);
}

TEST_CASE("what outlives the power is text") {
  auto reservations = two_registered();
  CHECK(act(reservations, 2, Action::reserve, 22, 0, shared) == Effect::done);
  const auto again = Reservations::parse(reservations.to_text());
  REQUIRE(again);
  CHECK(again->to_text() == reservations.to_text());
  CHECK(again->is_held_by(2));
  CHECK(again->persists());
  CHECK_FALSE(Reservations::parse("generation x\n"));
  CHECK_FALSE(Reservations::parse("registration 1\n"));
  CHECK_FALSE(Reservations::parse("holder 1 2\n"));
  CHECK_FALSE(Reservations::parse("surprise 1 2\n"));
}

namespace {

/// Two initiators of one drive: no transport brings a second one yet.
struct TwoInitiators {
  test::SimulatedUnits units;
  std::unique_ptr<Drive> drive;

  TwoInitiators() {
    LibraryError error;
    auto library = Library::open(units.folder(), error);
    REQUIRE(library);
    REQUIRE(succeeded(units.changer()->move_medium(
        {.source = test::SimulatedUnits::slot_0, .destination = test::SimulatedUnits::drive_0})));
    drive = std::make_unique<Drive>(library, std::uint16_t{0});
    REQUIRE_FALSE(drive->acquire());
    for (const InitiatorId initiator : {1, 2}) {
      CHECK(run(initiator, scsi::test_unit_ready()) == "6/29/00");
    }
  }
  std::string run(InitiatorId initiator, const scsi::Cdb& cdb, scsi::Bytes data_out = {}) {
    const auto answer = drive->execute({cdb.view(), data_out, buffer, initiator});
    if (answer.is_good()) return "good";
    Result result;
    if (!answer.sense) return "status " + std::to_string(answer.status);
    const auto sense = drive->encode_sense(*answer.sense);
    std::copy(sense.begin(), sense.end(), result.sense.begin());
    result.sense_length = static_cast<std::uint8_t>(sense.size());
    return test::sense_of(result);
  }
  std::string reserve_out(InitiatorId initiator, Action action, std::uint64_t own,
                          std::uint64_t other, bool persist = false) {
    const auto list = scsi::encode_reserve_out_parameters({own, other, false, false, persist});
    return run(initiator,
               scsi::persistent_reserve_out(action, ReservationType::exclusive_access,
                                            static_cast<std::uint32_t>(list.size())),
               list);
  }

  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(1024);
};

}  // namespace

TEST_CASE("U4: a second initiator gets RESERVATION CONFLICT, and then the drive") {
  TwoInitiators both;
  CHECK(both.reserve_out(1, Action::register_key, 0, 11) == "good");
  CHECK(both.reserve_out(2, Action::register_key, 0, 22) == "good");
  CHECK(both.reserve_out(1, Action::reserve, 11, 0) == "good");
  CHECK(both.run(2, scsi::test_unit_ready()) == "good");
  CHECK(both.run(2, scsi::rewind()) == "status 24");
  CHECK(both.run(1, scsi::rewind()) == "good");
  CHECK(both.reserve_out(2, Action::preempt, 22, 11) == "good");
  CHECK(both.run(2, scsi::rewind()) == "good");
  CHECK(both.run(1, scsi::rewind()) == "6/2A/05");
  CHECK(both.run(1, scsi::rewind()) == "status 24");
  CHECK(both.run(1, scsi::persistent_reserve_in(scsi::ReserveInAction::read_full_status, 1024)) ==
        "good");
  const auto status = scsi::decode_full_reservation_status(both.buffer);
  REQUIRE(status);
  REQUIRE(status->registrations.size() == 1);
  CHECK(status->registrations[0].key == 22);
  CHECK(status->registrations[0].holder);
  CHECK(scsi::transport_id_text(status->registrations[0].transport_id) ==
        "iqn.2026-01.org.tidemark:simulated-initiator-2");
}

TEST_CASE("U3: who changes modes makes the others hear of it") {
  TwoInitiators both;
  const std::vector<std::uint8_t> list{0, 0, 0x10, 8, 0, 0, 0, 0, 0, 0, 2, 0};
  CHECK(both.run(1, scsi::mode_select_6(12), list) == "good");
  CHECK(both.run(1, scsi::test_unit_ready()) == "good");
  CHECK(both.run(2, scsi::test_unit_ready()) == "6/2A/01");
  CHECK(both.run(1, scsi::mode_select_6(12), list) == "good");  // nothing new
  CHECK(both.run(2, scsi::test_unit_ready()) == "good");
}

TEST_CASE("removal is prevented until all have allowed it") {
  TwoInitiators both;
  CHECK(both.run(1, scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(both.run(2, scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(both.run(1, scsi::prevent_allow_medium_removal(false)) == "good");
  CHECK(both.run(1, scsi::load_unload(false)) == "5/53/02");
  CHECK(both.run(2, scsi::prevent_allow_medium_removal(false)) == "good");
  CHECK(both.run(1, scsi::load_unload(false)) == "good");
}

TEST_CASE("APTPL: reservations outlive the drive's process where that was asked for") {
  test::LoadedDrive bench;
  const auto reserve_out = [](test::ScriptedUnit& drive, Action action, std::uint64_t own,
                              std::uint64_t other, bool persist) {
    const auto list = scsi::encode_reserve_out_parameters({own, other, false, false, persist});
    return drive.run(scsi::persistent_reserve_out(action, ReservationType::exclusive_access, 24),
                     list);
  };
  const auto keys_after = [&](bool persist) {
    {
      test::ScriptedUnit drive(bench.units.folder(), "drive-1");
      CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
      CHECK(reserve_out(drive, Action::register_and_ignore_existing_key, 0, 7, persist) == "good");
      CHECK(reserve_out(drive, Action::reserve, 7, 0, false) == "good");
    }
    test::ScriptedUnit drive(bench.units.folder(), "drive-1");
    CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
    CHECK(drive.run(scsi::persistent_reserve_in(scsi::ReserveInAction::read_reservation, 64), {},
                    64) == "good");
    return scsi::decode_reservation(drive.data())->holder.has_value();
  };
  CHECK_FALSE(keys_after(false));
  CHECK(keys_after(true));
  CHECK(bench.drive.run(scsi::persistent_reserve_in(scsi::ReserveInAction::report_capabilities, 8),
                        {}, 8) == "good");
  CHECK(scsi::decode_reservation_capabilities(bench.drive.data())->persist_capable);
  CHECK(bench.drive.run({0x5F, 0, 0, 0, 0, 0, 0, 0, 8, 0}, std::vector<std::uint8_t>(8)) ==
        "5/1A/00");
  CHECK(bench.drive.run({0x5F, 7, 0, 0, 0, 0, 0, 0, 24, 0}, std::vector<std::uint8_t>(24)) ==
        "5/24/00");
  CHECK(bench.drive.run(scsi::reserve_6()) == "good");
  CHECK(bench.drive.run(scsi::release_6()) == "good");
}
