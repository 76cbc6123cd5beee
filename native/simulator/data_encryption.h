// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scsi/encryption.h"
#include "simulator/key_table.h"
#include "simulator/reservations.h"

namespace tidemark::simulator {

/// The data encryption parameters of a drive (SSC-5 4.2.22). The simulated drive does not encrypt:
/// it marks each block with what tells its key, and gives it back for that key only. So it keeps no
/// key, only its fingerprint.
class DataEncryption {
 public:
  /// What READ finds about a block and the parameters that are set.
  enum class Reading : std::uint8_t {
    allowed,
    /// 74h/01h: encrypted, and there is no key.
    no_key,
    /// 74h/02h: in the clear, though only encrypted data are wanted.
    unencrypted,
    /// 74h/03h.
    other_key,
  };

  /// False where the parameters cannot be (SSC-5 8.5.3.2).
  [[nodiscard]] bool set(const scsi::SetDataEncryption& parameters, InitiatorId initiator);
  /// LOCK: it wants to hear of it when another one has changed the key. Its reads and writes fail
  /// until it sets parameters again.
  [[nodiscard]] bool key_has_changed(InitiatorId initiator) const;
  /// A cartridge has left the drive.
  void demounted();
  void reservation_lost();

  /// What to mark blocks with that are written; null: they stay in the clear.
  [[nodiscard]] const BlockKey* writing_key(InitiatorId initiator) const;
  /// `key`: null for a block in the clear.
  [[nodiscard]] Reading reading(const BlockKey* key, InitiatorId initiator) const;

  [[nodiscard]] scsi::EncryptionStatus status(InitiatorId initiator) const;
  [[nodiscard]] bool is_set() const {
    return encryption_ != scsi::EncryptionMode::off || decryption_ != scsi::DecryptionMode::off;
  }

  /// Of the one algorithm that there is.
  static constexpr std::uint8_t algorithm_index = 1;
  static constexpr std::uint16_t key_bytes = 32;
  static constexpr std::uint16_t unauthenticated_kad_bytes = 32;
  static constexpr std::uint16_t authenticated_kad_bytes = 12;

 private:
  void clear();
  /// A key for one nexus is none for the others.
  [[nodiscard]] bool applies_to(InitiatorId initiator) const;

  scsi::EncryptionMode encryption_ = scsi::EncryptionMode::off;
  scsi::DecryptionMode decryption_ = scsi::DecryptionMode::off;
  scsi::EncryptionScope scope_ = scsi::EncryptionScope::shared;
  InitiatorId owner_ = 0;
  /// KEY INSTANCE COUNTER when they locked.
  std::map<InitiatorId, std::uint32_t> locks_;
  bool clear_on_demount_ = false;
  bool clear_on_reservation_loss_ = false;
  /// Counts each change, also those that take the key away.
  std::uint32_t key_instance_counter_ = 0;
  std::vector<std::uint8_t> fingerprint_;
  std::optional<BlockKey> writing_key_;
  std::vector<scsi::KeyAssociatedData> kad_;
};

}  // namespace tidemark::simulator
