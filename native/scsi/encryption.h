// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/secret_bytes.h"

/// Pages of SECURITY PROTOCOL IN and OUT, protocol 20h, tape data encryption (SSC-5 8.5).
namespace tidemark::scsi {

namespace encryption_page {
inline constexpr std::uint16_t supported_in_pages = 0x0000;
inline constexpr std::uint16_t supported_out_pages = 0x0001;
inline constexpr std::uint16_t capabilities = 0x0010;
inline constexpr std::uint16_t key_formats = 0x0011;
inline constexpr std::uint16_t management_capabilities = 0x0012;
inline constexpr std::uint16_t status = 0x0020;
inline constexpr std::uint16_t next_block_status = 0x0021;
/// SECURITY PROTOCOL OUT.
inline constexpr std::uint16_t set_data_encryption = 0x0010;
}  // namespace encryption_page

/// AES-256-GCM with a 16-byte authentication tag, as SECURITY ALGORITHM CODE has it (SPC-5 table
/// 145).
inline constexpr std::uint32_t aes_256_gcm = 0x00010014;

/// IN 0000h and 0001h: the pages that the device has in this direction.
[[nodiscard]] std::optional<std::vector<std::uint16_t>> decode_encryption_pages(Bytes bytes,
                                                                                std::uint16_t page);
[[nodiscard]] std::vector<std::uint8_t> encode_encryption_pages(
    std::uint16_t page, std::span<const std::uint16_t> pages);

/// One algorithm of the capabilities page.
struct EncryptionAlgorithm {
  /// What `SetDataEncryption::algorithm_index` takes.
  std::uint8_t index = 0;
  /// AVFMV: valid for the mounted volume.
  bool valid_for_volume = false;
  /// SDK_C: supplemental decryption keys. MAC_C: message authentication code. DELB_C: can tell
  /// encrypted blocks from others.
  bool supplemental_keys = false;
  bool authentication_code = false;
  bool distinguishes_blocks = false;
  /// DECRYPT_C, ENCRYPT_C: 0 none, 1 software, 2 hardware, 3 possible with external control.
  std::uint8_t decrypt = 0;
  std::uint8_t encrypt = 0;
  /// AVFCLP, 0 to 3: whether the logical position matters.
  std::uint8_t valid_at_position = 0;
  /// NONCE_C, 0 to 3.
  std::uint8_t nonce = 0;
  /// KADF_C: the format of the key-associated data can be set.
  bool kad_format_settable = false;
  /// VCELB_C: can tell whether the volume has encrypted blocks.
  bool reports_encrypted_volume = false;
  /// UKADF, AKADF: the key-associated data have exactly the length below, not at most.
  bool unauthenticated_kad_fixed = false;
  bool authenticated_kad_fixed = false;
  /// Bytes.
  std::uint16_t unauthenticated_kad_bytes = 0;
  std::uint16_t authenticated_kad_bytes = 0;
  std::uint16_t key_bytes = 0;
  /// DKAD_C, 0 to 3: decryption key-associated data.
  std::uint8_t decryption_kad = 0;
  /// EEMC_C, 0 to 3: external encryption mode control.
  std::uint8_t external_mode = 0;
  /// RDMC_C, 0 to 7: raw decryption mode control.
  std::uint8_t raw_decryption = 0;
  /// EAREM: encryption after raw read is recorded in the block.
  bool raw_encryption_recorded = false;
  /// MSDK COUNT: supplemental keys at most.
  std::uint16_t supplemental_key_count = 0;
  /// SECURITY ALGORITHM CODE.
  std::uint32_t algorithm = 0;

  bool operator==(const EncryptionAlgorithm&) const = default;
};
/// IN 0010h.
struct EncryptionCapabilities {
  /// EXTDECC, CFG_P, 0 to 3: external control possible; configuration prevented.
  std::uint8_t external_control = 0;
  std::uint8_t configuration_prevented = 0;
  std::vector<EncryptionAlgorithm> algorithms;

  bool operator==(const EncryptionCapabilities&) const = default;
};
[[nodiscard]] std::optional<EncryptionCapabilities> decode_encryption_capabilities(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_encryption_capabilities(
    const EncryptionCapabilities& capabilities);

/// ENCRYPTION MODE.
enum class EncryptionMode : std::uint8_t { off = 0, external = 1, encrypt = 2 };
/// DECRYPTION MODE. `mixed` reads encrypted and other blocks.
enum class DecryptionMode : std::uint8_t { off = 0, raw = 1, decrypt = 2, mixed = 3 };
/// SCOPE: whom a key is for.
enum class EncryptionScope : std::uint8_t { shared = 0, local = 1, all_nexuses = 2 };

namespace key_associated_data_type {
/// U-KAD and A-KAD: in the clear beside each block, without and with authentication.
inline constexpr std::uint8_t unauthenticated = 0x00;
inline constexpr std::uint8_t authenticated = 0x01;
inline constexpr std::uint8_t nonce = 0x02;
inline constexpr std::uint8_t metadata = 0x03;
}  // namespace key_associated_data_type

/// A key-associated data descriptor (SSC-5 8.5.4).
struct KeyAssociatedData {
  std::uint8_t type = 0;
  /// AUTHENTICATED, 0 to 7; in answers only.
  std::uint8_t authenticated = 0;
  std::vector<std::uint8_t> value;

  bool operator==(const KeyAssociatedData&) const = default;
};

/// IN 0020h.
struct EncryptionStatus {
  /// I_T NEXUS SCOPE and KEY SCOPE, 0 to 7.
  std::uint8_t nexus_scope = 0;
  std::uint8_t key_scope = 0;
  EncryptionMode encryption = EncryptionMode::off;
  DecryptionMode decryption = DecryptionMode::off;
  std::uint8_t algorithm_index = 0;
  /// Counts changes of the key.
  std::uint32_t key_instance_counter = 0;
  /// PARAMETERS CONTROL, 0 to 7: who may set them.
  std::uint8_t parameters_control = 0;
  /// VCELB: the volume has encrypted blocks.
  bool volume_has_encrypted_blocks = false;
  /// CEEMS, 0 to 3: check external encryption mode status.
  std::uint8_t check_external_mode = 0;
  /// RDMD: raw decryption is disabled by default.
  bool raw_decryption_disabled = false;
  std::uint8_t kad_format = 0;
  /// ASDK COUNT.
  std::uint16_t supplemental_keys = 0;
  std::vector<KeyAssociatedData> kad;

  bool operator==(const EncryptionStatus&) const = default;
};
[[nodiscard]] std::optional<EncryptionStatus> decode_encryption_status(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_encryption_status(const EncryptionStatus& status);

/// IN 0021h.
struct NextBlockEncryption {
  std::uint64_t object_number = 0;
  /// COMPRESSION STATUS, 0 to 15.
  std::uint8_t compression = 0;
  /// ENCRYPTION STATUS; a value that is none of these comes as its number.
  enum class State : std::uint8_t {
    cannot_tell = 0,
    not_read_yet = 1,
    not_a_block = 2,
    not_encrypted = 3,
    unknown_algorithm = 4,
    readable = 5,
    other_key = 6
  };
  State state = State::cannot_tell;
  std::uint8_t algorithm_index = 0;
  /// EMES: encrypted in external mode. RDMDS: raw decryption disabled.
  bool external_mode = false;
  bool raw_decryption_disabled = false;
  std::uint8_t kad_format = 0;
  std::vector<KeyAssociatedData> kad;

  bool operator==(const NextBlockEncryption&) const = default;
};
[[nodiscard]] std::optional<NextBlockEncryption> decode_next_block_encryption(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_next_block_encryption(
    const NextBlockEncryption& status);

/// OUT 0010h. It cannot be copied: it owns a key.
struct SetDataEncryption {
  EncryptionScope scope = EncryptionScope::all_nexuses;
  /// LOCK.
  bool lock = false;
  /// CEEM, RDMC, 0 to 3.
  std::uint8_t check_external_mode = 0;
  std::uint8_t raw_decryption_control = 0;
  /// SDK: this is one more key to decrypt with.
  bool supplemental_key = false;
  /// CKOD, CKORP, CKORL: clear the key on demount, on preemption and on loss of the reservation.
  bool clear_on_demount = false;
  bool clear_on_reservation_preempt = false;
  bool clear_on_reservation_loss = false;
  EncryptionMode encryption = EncryptionMode::off;
  DecryptionMode decryption = DecryptionMode::off;
  std::uint8_t algorithm_index = 0;
  /// 0: the key itself.
  std::uint8_t key_format = 0;
  std::uint8_t kad_format = 0;
  SecretBytes key;
  std::vector<KeyAssociatedData> kad;
};
/// For the target. Nothing where the key was not received whole.
[[nodiscard]] std::optional<SetDataEncryption> decode_set_data_encryption(Bytes list);
/// Empty where the key is longer than the page can tell (65519 bytes); key-associated data that
/// would not fit behind it are left out.
[[nodiscard]] SecretBytes encode_set_data_encryption(const SetDataEncryption& parameters);

}  // namespace tidemark::scsi
