// SPDX-License-Identifier: Apache-2.0
/// SECURITY PROTOCOL IN and OUT of the simulated drive, and what a key does to reading.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "loaded_drive.h"
#include "scsi/encryption.h"
#include "scsi/reservation.h"

using namespace tidemark;
using scsi::DecryptionMode;
using scsi::EncryptionMode;
using tidemark::test::LoadedDrive;
namespace page = scsi::encryption_page;
namespace kad_type = scsi::key_associated_data_type;

namespace {

scsi::SetDataEncryption key_of(std::uint8_t fill, EncryptionMode encryption,
                               DecryptionMode decryption) {
  scsi::SetDataEncryption parameters;
  parameters.encryption = encryption;
  parameters.decryption = decryption;
  const bool has_key = encryption != EncryptionMode::off || decryption != DecryptionMode::off;
  if (!has_key) return parameters;
  parameters.algorithm_index = 1;
  parameters.key = scsi::SecretBytes(std::vector<std::uint8_t>(32, fill));
  return parameters;
}

std::string set(LoadedDrive& bench, const scsi::SetDataEncryption& parameters) {
  const auto list = scsi::encode_set_data_encryption(parameters);
  return bench.drive.run(scsi::security_protocol_out(0x20, page::set_data_encryption,
                                                     static_cast<std::uint32_t>(list.size())),
                         {list.view().begin(), list.view().end()});
}

std::string set_key(LoadedDrive& bench, std::uint8_t fill) {
  auto parameters = key_of(fill, EncryptionMode::encrypt, DecryptionMode::mixed);
  parameters.kad.push_back({kad_type::unauthenticated, 0, {'k', fill}});
  return set(bench, parameters);
}

std::string clear(LoadedDrive& bench) {
  return set(bench, key_of(0, EncryptionMode::off, DecryptionMode::off));
}

const std::vector<std::uint8_t>& get(LoadedDrive& bench, std::uint16_t wanted) {
  REQUIRE(bench.drive.run(scsi::security_protocol_in(0x20, wanted, 1024), {}, 1024) == "good");
  return bench.drive.data();
}

scsi::EncryptionStatus status(LoadedDrive& bench) {
  return *scsi::decode_encryption_status(get(bench, page::status));
}
scsi::NextBlockEncryption next_block(LoadedDrive& bench) {
  return *scsi::decode_next_block_encryption(get(bench, page::next_block_status));
}

/// In the clear, with key 1, with key 2, filemark.
void write_mixed(LoadedDrive& bench) {
  CHECK(bench.write(10, 'c') == "good");
  CHECK(set_key(bench, 1) == "good");
  CHECK(bench.write(10, '1') == "good");
  CHECK(set_key(bench, 2) == "good");
  CHECK(bench.write(10, '2') == "good");
  CHECK(bench.filemarks(1) == "good");
}

}  // namespace

TEST_CASE("R8: a block comes back for its own key only") {
  LoadedDrive bench;
  write_mixed(bench);
  CHECK(bench.locate(1) == "good");
  CHECK(bench.read(10) == "7/74/03");
  CHECK(bench.drive.data().empty());
  CHECK(bench.object_number() == 1);
  CHECK(set_key(bench, 1) == "good");
  CHECK(bench.read(10) == "good");
  CHECK(bench.drive.data() == std::vector<std::uint8_t>(10, '1'));
  CHECK(bench.read(10) == "7/74/03");
  CHECK(set_key(bench, 2) == "good");
  CHECK(bench.read(10) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(10) == "good");  // mixed: what is in the clear is read, too
  CHECK(clear(bench) == "good");
  CHECK(bench.read(10) == "7/74/01");
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(10) == "good");
  CHECK(set(bench, key_of(1, EncryptionMode::off, DecryptionMode::decrypt)) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(10) == "7/74/02");
  CHECK(bench.locate(1) == "good");
  CHECK(bench.read(10) == "good");
}

TEST_CASE("blocks of fixed length that come with another key end the READ") {
  LoadedDrive bench;
  write_mixed(bench);
  CHECK(bench.select_block_bytes(10) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::read_6({3, true, false}), {}, 30) == "7/74/03");
  CHECK(bench.drive.sense()->information == 2);
  CHECK(bench.drive.data().size() == 10);
}

TEST_CASE("the status of the next block, with what goes with its key") {
  using State = scsi::NextBlockEncryption::State;
  LoadedDrive bench;
  write_mixed(bench);
  CHECK(next_block(bench).state == State::not_a_block);
  CHECK(bench.rewind() == "good");
  CHECK(next_block(bench).state == State::not_encrypted);
  CHECK(bench.locate(1) == "good");
  auto next = next_block(bench);
  CHECK(next.state == State::other_key);
  CHECK(next.object_number == 1);
  REQUIRE(next.kad.size() == 1);
  CHECK(next.kad[0].value == std::vector<std::uint8_t>{'k', 1});
  CHECK(bench.locate(2) == "good");
  CHECK(next_block(bench).state == State::readable);
  CHECK(bench.locate(3) == "good");
  CHECK(next_block(bench).state == State::not_a_block);
}

TEST_CASE("the status of the drive, whose counter moves with each key") {
  LoadedDrive bench;
  const auto before = status(bench);
  CHECK(before.encryption == EncryptionMode::off);
  CHECK_FALSE(before.volume_has_encrypted_blocks);
  CHECK(set_key(bench, 1) == "good");
  const auto set_once = status(bench);
  CHECK(set_once.encryption == EncryptionMode::encrypt);
  CHECK(set_once.decryption == DecryptionMode::mixed);
  CHECK(set_once.key_instance_counter != before.key_instance_counter);
  REQUIRE(set_once.kad.size() == 1);
  CHECK(set_once.kad[0].value == std::vector<std::uint8_t>{'k', 1});
  CHECK(bench.write(10) == "good");
  CHECK(status(bench).volume_has_encrypted_blocks);
  CHECK(clear(bench) == "good");
  CHECK(status(bench).encryption == EncryptionMode::off);
  CHECK(status(bench).key_instance_counter != set_once.key_instance_counter);
}

TEST_CASE("CKOD: the key goes with the cartridge, and otherwise stays") {
  LoadedDrive bench;
  const auto encryption_after_unload = [&](bool clear_on_demount) {
    auto parameters = key_of(1, EncryptionMode::encrypt, DecryptionMode::mixed);
    parameters.clear_on_demount = clear_on_demount;
    CHECK(set(bench, parameters) == "good");
    CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
    CHECK(bench.drive.run(scsi::load_unload(true)) == "good");
    CHECK(bench.drive.run(scsi::test_unit_ready()) == "6/28/00");
    return status(bench).encryption;
  };
  CHECK(encryption_after_unload(false) == EncryptionMode::encrypt);
  CHECK(encryption_after_unload(true) == EncryptionMode::off);
}

TEST_CASE("CKORL: the key goes with the reservation") {
  LoadedDrive bench;
  const auto reserve_out = [&](scsi::ReserveOutAction action, std::uint64_t own,
                               std::uint64_t other) {
    const auto list = scsi::encode_reserve_out_parameters({own, other, false, false, false});
    return bench.drive.run(
        scsi::persistent_reserve_out(action, scsi::ReservationType::exclusive_access, 24), list);
  };
  CHECK(reserve_out(scsi::ReserveOutAction::register_key, 0, 7) == "good");
  for (const bool clears : {false, true}) {
    CHECK(reserve_out(scsi::ReserveOutAction::reserve, 7, 0) == "good");
    auto parameters = key_of(1, EncryptionMode::encrypt, DecryptionMode::mixed);
    parameters.clear_on_reservation_loss = clears;
    CHECK(set(bench, parameters) == "good");
    CHECK(reserve_out(scsi::ReserveOutAction::release, 7, 0) == "good");
    CHECK(status(bench).encryption == (clears ? EncryptionMode::off : EncryptionMode::encrypt));
  }
}

TEST_CASE("U2: a drive that was switched off has no key, and the cartridge knows what it had") {
  LoadedDrive first;
  write_mixed(first);
  const auto folder = first.units.folder();
  std::ifstream file(folder + "/media/LTO001L9.keys");
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  CHECK(std::count(kept.begin(), kept.end(), '\n') == 2);
  CHECK(kept.find(std::string(64, '1')) == std::string::npos);  // a fingerprint, not the key
  CHECK(first.drive.run(scsi::read_attribute(0x0224, 64), {}, 64) == "good");
  const auto attributes = *scsi::decode_attributes(first.drive.data());
  CHECK(scsi::attribute_number(attributes.front()) == 1);
}

TEST_CASE("what can be set") {
  LoadedDrive bench;
  auto parameters = key_of(1, EncryptionMode::encrypt, DecryptionMode::mixed);
  parameters.algorithm_index = 2;
  CHECK(set(bench, parameters) == "5/26/00");
  parameters.algorithm_index = 1;
  parameters.key = scsi::SecretBytes(std::vector<std::uint8_t>(16, 1));
  CHECK(set(bench, parameters) == "5/26/00");
  CHECK(set(bench, key_of(1, EncryptionMode::encrypt, DecryptionMode::raw)) == "5/26/00");
  CHECK(set(bench, key_of(1, EncryptionMode::external, DecryptionMode::mixed)) == "5/26/00");
  parameters = key_of(1, EncryptionMode::encrypt, DecryptionMode::mixed);
  parameters.kad.push_back({kad_type::authenticated, 0, std::vector<std::uint8_t>(13)});
  CHECK(set(bench, parameters) == "5/26/00");
  CHECK(status(bench).encryption == EncryptionMode::off);
  CHECK(bench.drive.run(scsi::security_protocol_out(0x20, 0x0010, 8), {0, 16, 0, 16, 0, 0, 0, 0}) ==
        "5/1A/00");
  CHECK(bench.drive.run(scsi::security_protocol_out(0x20, 0x0011, 0)) == "5/24/00");
}

TEST_CASE("the pages that tell what there is") {
  LoadedDrive bench;
  CHECK(bench.drive.run(scsi::security_protocol_in(0x00, 0, 64), {}, 64) == "good");
  CHECK(bench.drive.data() == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 2, 0x00, 0x20});
  const auto pages = *scsi::decode_encryption_pages(get(bench, page::supported_in_pages),
                                                    page::supported_in_pages);
  for (const auto wanted : pages) CHECK(get(bench, wanted)[1] == (wanted & 0xFF));
  CHECK(*scsi::decode_encryption_pages(get(bench, page::supported_out_pages),
                                       page::supported_out_pages) ==
        std::vector<std::uint16_t>{page::set_data_encryption});
  const auto capabilities = *scsi::decode_encryption_capabilities(get(bench, page::capabilities));
  REQUIRE(capabilities.algorithms.size() == 1);
  CHECK(capabilities.algorithms[0].index == 1);
  CHECK(capabilities.algorithms[0].key_bytes == 32);
  CHECK(capabilities.algorithms[0].algorithm == scsi::aes_256_gcm);
  CHECK(capabilities.algorithms[0].valid_for_volume);
  CHECK(bench.drive.run(scsi::security_protocol_in(0x20, 0x0030, 64), {}, 64) == "5/24/00");
  CHECK(bench.drive.run(scsi::security_protocol_in(0x01, 0, 64), {}, 64) == "5/24/00");
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  CHECK(bench.drive.run(scsi::security_protocol_in(0x20, page::next_block_status, 64), {}, 64) ==
        "2/04/02");
}
