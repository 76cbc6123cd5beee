// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scsi/cdb.h"
#include "scsi/encryption.h"
#include "simulator/drive.h"

/// SECURITY PROTOCOL IN and OUT: tape data encryption (SSC-5 8.5).
namespace tidemark::simulator {
namespace {

namespace page = scsi::encryption_page;
namespace kad_type = scsi::key_associated_data_type;

constexpr std::uint8_t security_protocol_information = 0x00;

/// Protocol 00h, page 0000h: the protocols that there are (SPC-5 7.8.2).
std::vector<std::uint8_t> supported_protocols() {
  return {
      0, 0, 0, 0, 0, 0, 0, 2, security_protocol_information, scsi::tape_data_encryption_protocol};
}

std::vector<std::uint8_t> supported_in_pages() {
  static constexpr std::array<std::uint16_t, 7> pages{
      page::supported_in_pages, page::supported_out_pages,     page::capabilities,
      page::key_formats,        page::management_capabilities, page::status,
      page::next_block_status};
  return scsi::encode_encryption_pages(page::supported_in_pages, pages);
}

std::vector<std::uint8_t> supported_out_pages() {
  static constexpr std::array<std::uint16_t, 1> pages{page::set_data_encryption};
  return scsi::encode_encryption_pages(page::supported_out_pages, pages);
}

std::vector<std::uint8_t> capabilities(bool has_medium) {
  scsi::EncryptionAlgorithm algorithm;
  algorithm.index = DataEncryption::algorithm_index;
  algorithm.valid_for_volume = has_medium;
  algorithm.distinguishes_blocks = true;
  algorithm.decrypt = 2;
  algorithm.encrypt = 2;
  algorithm.nonce = 1;  // made by the drive
  algorithm.reports_encrypted_volume = true;
  algorithm.unauthenticated_kad_bytes = DataEncryption::unauthenticated_kad_bytes;
  algorithm.authenticated_kad_bytes = DataEncryption::authenticated_kad_bytes;
  algorithm.key_bytes = DataEncryption::key_bytes;
  algorithm.decryption_kad = 1;
  algorithm.algorithm = scsi::aes_256_gcm;
  scsi::EncryptionCapabilities told;
  told.external_control = 1;
  told.configuration_prevented = 1;
  told.algorithms = {algorithm};
  return scsi::encode_encryption_capabilities(told);
}

/// Page 0011h: plain keys only.
std::vector<std::uint8_t> key_formats() { return {0x00, 0x11, 0x00, 0x01, 0x00}; }

/// Page 0012h: LOCK; CKOD, CKORL; the scopes public, local and all nexuses.
std::vector<std::uint8_t> management_capabilities() {
  return {0x00, 0x12, 0x00, 0x0C, 0x01, 0x05, 0x00, 0x07, 0, 0, 0, 0, 0, 0, 0, 0};
}

}  // namespace

bool Drive::volume_has_encrypted_blocks() const {
  // A number is given out with the first block of a key only.
  return medium_ && medium_->keys().size() > 0;
}

scsi::NextBlockEncryption Drive::next_block_encryption(InitiatorId initiator) const {
  using State = scsi::NextBlockEncryption::State;
  scsi::NextBlockEncryption next;
  next.object_number = position_;
  next.state = State::not_a_block;
  // What is in the buffer was written here and lies before the head.
  if (!buffer_.empty() || position_ >= tape().object_count()) return next;
  const auto object = tape().object(position_);
  if (object.filemark) return next;
  next.state = State::not_encrypted;
  const auto* block_key = medium_->keys().find(object.key);
  if (block_key == nullptr) return next;
  const bool is_readable =
      encryption_.reading(block_key, initiator) == DataEncryption::Reading::allowed;
  next.state = is_readable ? State::readable : State::other_key;
  next.algorithm_index = DataEncryption::algorithm_index;
  // AUTHENTICATED: 1 not covered, 2 covered and not checked, 3 checked (SSC-5 table 213).
  if (!block_key->unauthenticated.empty()) {
    next.kad.push_back({kad_type::unauthenticated, 1, block_key->unauthenticated});
  }
  if (!block_key->authenticated.empty()) {
    next.kad.push_back({kad_type::authenticated, static_cast<std::uint8_t>(is_readable ? 3 : 2),
                        block_key->authenticated});
  }
  return next;
}

std::vector<std::uint8_t> Drive::encryption_page(std::uint16_t wanted,
                                                 InitiatorId initiator) const {
  switch (wanted) {
    case page::supported_in_pages:
      return supported_in_pages();
    case page::supported_out_pages:
      return supported_out_pages();
    case page::capabilities:
      return capabilities(medium_ != nullptr);
    case page::key_formats:
      return key_formats();
    case page::management_capabilities:
      return management_capabilities();
    case page::status: {
      auto status = encryption_.status(initiator);
      status.volume_has_encrypted_blocks = volume_has_encrypted_blocks();
      return scsi::encode_encryption_status(status);
    }
    case page::next_block_status:
      return scsi::encode_next_block_encryption(next_block_encryption(initiator));
    default:
      return {};
  }
}

Answer Drive::security_protocol_in(const Request& request) {
  const auto protocol = request.cdb[1];
  const auto wanted = scsi::load_be16(request.cdb, 2);
  const bool in_units_of_512 = (request.cdb[4] & 0x80) != 0;
  const auto allocation_length = scsi::load_be32(request.cdb, 6);
  if (in_units_of_512) return invalid_field_in_cdb();
  if (protocol == security_protocol_information && wanted == 0) {
    return data(request, supported_protocols(), allocation_length);
  }
  if (protocol != scsi::tape_data_encryption_protocol) return invalid_field_in_cdb();
  if (wanted == page::next_block_status) {
    if (auto answer = ready(); !answer.is_good()) return answer;
  }
  const auto bytes = encryption_page(wanted, request.initiator);
  return bytes.empty() ? invalid_field_in_cdb() : data(request, bytes, allocation_length);
}

Answer Drive::security_protocol_out(const Request& request) {
  const bool in_units_of_512 = (request.cdb[4] & 0x80) != 0;
  const auto length = scsi::load_be32(request.cdb, 6);
  if (request.cdb[1] != scsi::tape_data_encryption_protocol || in_units_of_512 ||
      scsi::load_be16(request.cdb, 2) != page::set_data_encryption) {
    return invalid_field_in_cdb();
  }
  if (request.data_out.size() < length) return parameter_list_length_error();
  const auto parameters = scsi::decode_set_data_encryption(request.data_out.first(length));
  if (!parameters) return parameter_list_length_error();
  // Blocks in the buffer belong to the key that was set when they came: they have its number.
  if (!encryption_.set(*parameters, request.initiator)) return invalid_field_in_parameter_list();
  key_number_.reset();
  add_unit_attention_for_others(request.initiator, 0x2A, 0x11);
  return good();
}

}  // namespace tidemark::simulator
