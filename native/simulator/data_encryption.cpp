// SPDX-License-Identifier: Apache-2.0
#include "simulator/data_encryption.h"

#include <algorithm>

#include "stream/xxh3.h"

namespace tidemark::simulator {
namespace {

using scsi::DecryptionMode;
using scsi::EncryptionMode;

const scsi::KeyAssociatedData* find_kad(const scsi::SetDataEncryption& parameters,
                                        std::uint8_t type) {
  const auto found =
      std::find_if(parameters.kad.begin(), parameters.kad.end(),
                   [&](const scsi::KeyAssociatedData& each) { return each.type == type; });
  return found == parameters.kad.end() ? nullptr : &*found;
}

std::vector<std::uint8_t> kad_value(const scsi::SetDataEncryption& parameters, std::uint8_t type) {
  const auto* found = find_kad(parameters, type);
  return found == nullptr ? std::vector<std::uint8_t>() : found->value;
}

bool is_valid_kad(const scsi::KeyAssociatedData& kad) {
  switch (kad.type) {
    case scsi::key_associated_data_type::unauthenticated:
      return kad.value.size() <= DataEncryption::unauthenticated_kad_bytes;
    case scsi::key_associated_data_type::authenticated:
      return kad.value.size() <= DataEncryption::authenticated_kad_bytes;
    default:
      return false;  // the drive makes its own nonces
  }
}

bool is_valid(const scsi::SetDataEncryption& parameters) {
  if (parameters.encryption == EncryptionMode::off &&
      parameters.decryption == DecryptionMode::off) {
    return true;
  }
  const bool is_possible = (parameters.encryption == EncryptionMode::off ||
                            parameters.encryption == EncryptionMode::encrypt) &&
                           (parameters.decryption == DecryptionMode::off ||
                            parameters.decryption == DecryptionMode::decrypt ||
                            parameters.decryption == DecryptionMode::mixed);
  return is_possible && !parameters.supplemental_key &&
         parameters.algorithm_index == DataEncryption::algorithm_index &&
         parameters.key_format == 0 && parameters.key.size() == DataEncryption::key_bytes &&
         std::all_of(parameters.kad.begin(), parameters.kad.end(), is_valid_kad);
}

}  // namespace

void DataEncryption::clear() {
  if (is_set()) ++key_instance_counter_;
  encryption_ = EncryptionMode::off;
  decryption_ = DecryptionMode::off;
  scope_ = scsi::EncryptionScope::shared;
  owner_ = 0;
  fingerprint_.clear();
  writing_key_.reset();
  kad_.clear();
}

bool DataEncryption::applies_to(InitiatorId initiator) const {
  return scope_ != scsi::EncryptionScope::local || owner_ == initiator;
}

bool DataEncryption::set(const scsi::SetDataEncryption& parameters, InitiatorId initiator) {
  if (!is_valid(parameters)) return false;
  if (parameters.scope == scsi::EncryptionScope::shared) {
    // The sender goes back to what holds for everybody: its own parameters end (SSC-5 8.5.3.2.3).
    if (owner_ == initiator) clear();
    return true;
  }
  clear();
  ++key_instance_counter_;
  encryption_ = parameters.encryption;
  decryption_ = parameters.decryption;
  scope_ = parameters.scope;
  owner_ = initiator;
  clear_on_demount_ = parameters.clear_on_demount;
  clear_on_reservation_loss_ = parameters.clear_on_reservation_loss;
  if (parameters.lock) {
    locks_[initiator] = key_instance_counter_;
  } else {
    locks_.erase(initiator);
  }
  if (!is_set()) return true;
  const auto digest = xxh3_128(parameters.key.view());
  fingerprint_.assign(digest.begin(), digest.end());
  kad_ = parameters.kad;
  if (encryption_ == EncryptionMode::encrypt) {
    namespace type = scsi::key_associated_data_type;
    writing_key_ = BlockKey{fingerprint_, kad_value(parameters, type::unauthenticated),
                            kad_value(parameters, type::authenticated)};
  }
  return true;
}

bool DataEncryption::key_has_changed(InitiatorId initiator) const {
  const auto found = locks_.find(initiator);
  return found != locks_.end() && found->second != key_instance_counter_;
}

void DataEncryption::demounted() {
  if (clear_on_demount_) clear();
}

void DataEncryption::reservation_lost() {
  if (clear_on_reservation_loss_) clear();
}

const BlockKey* DataEncryption::writing_key(InitiatorId initiator) const {
  return writing_key_ && applies_to(initiator) ? &*writing_key_ : nullptr;
}

DataEncryption::Reading DataEncryption::reading(const BlockKey* key, InitiatorId initiator) const {
  const auto mode = applies_to(initiator) ? decryption_ : DecryptionMode::off;
  if (key == nullptr) {
    return mode == DecryptionMode::decrypt ? Reading::unencrypted : Reading::allowed;
  }
  if (mode == DecryptionMode::off) return Reading::no_key;
  return key->fingerprint == fingerprint_ ? Reading::allowed : Reading::other_key;
}

scsi::EncryptionStatus DataEncryption::status(InitiatorId initiator) const {
  scsi::EncryptionStatus status;
  status.key_instance_counter = key_instance_counter_;
  if (!is_set() || !applies_to(initiator)) return status;
  const auto scope = static_cast<std::uint8_t>(scope_);
  status.nexus_scope = owner_ == initiator ? scope : 0;
  status.key_scope = scope;
  status.encryption = encryption_;
  status.decryption = decryption_;
  status.algorithm_index = algorithm_index;
  status.kad = kad_;
  return status;
}

}  // namespace tidemark::simulator
