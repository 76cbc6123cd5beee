// SPDX-License-Identifier: Apache-2.0
#include "scsi/encryption.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

Raw raw_of(const SecretBytes& bytes) {
  const auto view = bytes.view();
  return {view.begin(), view.end()};
}

}  // namespace

TEST_CASE("pages that there are") {
  const Raw raw{0x00, 0x01, 0x00, 0x02, 0x00, 0x10};
  const auto page = encryption_page::supported_out_pages;
  CHECK(decode_encryption_pages(raw, page) == std::vector<std::uint16_t>{0x0010});
  CHECK(encode_encryption_pages(page, std::vector<std::uint16_t>{0x0010}) == raw);
  CHECK_FALSE(decode_encryption_pages(raw, encryption_page::supported_in_pages));
}

TEST_CASE("capabilities with an algorithm") {
  Raw raw{0x00, 0x10, 0x00, 0x28, 0x09};
  raw.resize(20);
  const Raw algorithm{0x01, 0, 0x00, 0x14, 0xFA, 0xAD, 0x00, 0x20, 0x00, 0x0C, 0x00, 0x20,
                      0x9D, 0, 0x00, 0x02, 0,    0,    0,    0,    0x00, 0x01, 0x00, 0x14};
  raw.insert(raw.end(), algorithm.begin(), algorithm.end());
  const auto capabilities = decode_encryption_capabilities(raw);
  REQUIRE(capabilities);
  CHECK(capabilities->external_control == 2);
  CHECK(capabilities->configuration_prevented == 1);
  REQUIRE(capabilities->algorithms.size() == 1);
  const auto& aes = capabilities->algorithms[0];
  CHECK(aes.index == 1);
  CHECK(aes.valid_for_volume);
  CHECK(aes.supplemental_keys);
  CHECK(aes.authentication_code);
  CHECK(aes.distinguishes_blocks);
  CHECK(aes.decrypt == 2);
  CHECK(aes.encrypt == 2);
  CHECK(aes.valid_at_position == 2);
  CHECK(aes.nonce == 2);
  CHECK(aes.kad_format_settable);
  CHECK(aes.reports_encrypted_volume);
  CHECK_FALSE(aes.unauthenticated_kad_fixed);
  CHECK(aes.authenticated_kad_fixed);
  CHECK(aes.unauthenticated_kad_bytes == 32);
  CHECK(aes.authenticated_kad_bytes == 12);
  CHECK(aes.key_bytes == 32);
  CHECK(aes.decryption_kad == 2);
  CHECK(aes.external_mode == 1);
  CHECK(aes.raw_decryption == 6);
  CHECK(aes.raw_encryption_recorded);
  CHECK(aes.supplemental_key_count == 2);
  CHECK(aes.algorithm == aes_256_gcm);
  CHECK(encode_encryption_capabilities(*capabilities) == raw);
}

TEST_CASE("status with the name of the key") {
  EncryptionStatus status;
  status.nexus_scope = 2;
  status.key_scope = 1;
  status.encryption = EncryptionMode::encrypt;
  status.decryption = DecryptionMode::mixed;
  status.algorithm_index = 1;
  status.key_instance_counter = 0x01020304;
  status.parameters_control = 1;
  status.volume_has_encrypted_blocks = true;
  status.check_external_mode = 1;
  status.raw_decryption_disabled = true;
  status.kad_format = 2;
  status.supplemental_keys = 3;
  status.kad = {{key_associated_data_type::unauthenticated, 1, {'k', 'e', 'y'}}};
  const auto raw = encode_encryption_status(status);
  CHECK(Raw(raw.begin(), raw.begin() + 16) ==
        Raw{0x00, 0x20, 0x00, 0x1B, 0x41, 2, 3, 1, 1, 2, 3, 4, 0x1B, 2, 0, 3});
  CHECK(Raw(raw.begin() + 24, raw.end()) == Raw{0x00, 0x01, 0x00, 0x03, 'k', 'e', 'y'});
  CHECK(decode_encryption_status(raw) == status);
}

TEST_CASE("status of the next block") {
  NextBlockEncryption status;
  status.object_number = 0x1000;
  status.compression = 4;
  status.state = NextBlockEncryption::State::other_key;
  status.algorithm_index = 1;
  status.external_mode = true;
  status.raw_decryption_disabled = true;
  status.kad_format = 1;
  status.kad = {{key_associated_data_type::authenticated, 3, {1}}};
  const auto raw = encode_next_block_encryption(status);
  CHECK(raw[12] == 0x46);
  CHECK(raw[14] == 0x03);
  CHECK(decode_next_block_encryption(raw) == status);
}

TEST_CASE("setting a key") {
  SetDataEncryption parameters;
  parameters.lock = true;
  parameters.check_external_mode = 1;
  parameters.raw_decryption_control = 2;
  parameters.supplemental_key = true;
  parameters.clear_on_demount = true;
  parameters.clear_on_reservation_preempt = true;
  parameters.clear_on_reservation_loss = true;
  parameters.encryption = EncryptionMode::encrypt;
  parameters.decryption = DecryptionMode::decrypt;
  parameters.algorithm_index = 1;
  parameters.kad_format = 2;
  parameters.key = SecretBytes(Raw{1, 2, 3, 4});
  parameters.kad = {{key_associated_data_type::unauthenticated, 0, {'k', '1'}}};
  const auto list = encode_set_data_encryption(parameters);
  CHECK(raw_of(list) == Raw{0x00, 0x10, 0x00, 0x1A, 0x41, 0x6F, 2, 2, 1, 0, 2, 0, 0, 0,   0,
                            0,    0,    0,    0x00, 0x04, 1,    2, 3, 4, 0, 0, 0, 2, 'k', '1'});
  const auto decoded = decode_set_data_encryption(list.view());
  REQUIRE(decoded);
  CHECK(decoded->scope == EncryptionScope::all_nexuses);
  CHECK(decoded->lock);
  CHECK(decoded->check_external_mode == 1);
  CHECK(decoded->raw_decryption_control == 2);
  CHECK(decoded->supplemental_key);
  CHECK(decoded->clear_on_demount);
  CHECK(decoded->clear_on_reservation_preempt);
  CHECK(decoded->clear_on_reservation_loss);
  CHECK(decoded->encryption == EncryptionMode::encrypt);
  CHECK(decoded->decryption == DecryptionMode::decrypt);
  CHECK(raw_of(decoded->key) == Raw{1, 2, 3, 4});
  CHECK(decoded->kad == parameters.kad);
  CHECK_FALSE(decode_set_data_encryption(list.view().first(23)));
}

TEST_CASE("what does not fit a page is left out, but never a part of a key") {
  SetDataEncryption parameters;
  parameters.key = SecretBytes(Raw(65519));
  parameters.kad = {{0, 0, {1}}};
  CHECK(encode_set_data_encryption(parameters).size() == 65539);
  parameters.key = SecretBytes(Raw(65520));
  CHECK(encode_set_data_encryption(parameters).empty());
  EncryptionStatus status;
  status.kad = {{0, 0, Raw(65535)}};
  CHECK(decode_encryption_status(encode_encryption_status(status))->kad.empty());
}
