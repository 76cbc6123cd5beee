// SPDX-License-Identifier: Apache-2.0
#include "device/tape_drive.h"

/// Encryption by the drive: SECURITY PROTOCOL IN and OUT, protocol 20h (SSC-5 8.5).
namespace tidemark {
namespace {

constexpr std::uint32_t page_bytes = 8192;

scsi::Cdb page_in(std::uint16_t page) {
  return scsi::security_protocol_in(scsi::tape_data_encryption_protocol, page, page_bytes);
}

}  // namespace

Response<scsi::EncryptionCapabilities> TapeDrive::encryption_capabilities() {
  return ask(page_in(scsi::encryption_page::capabilities), page_bytes,
             scsi::decode_encryption_capabilities);
}

Response<scsi::EncryptionStatus> TapeDrive::encryption_status() {
  return ask(page_in(scsi::encryption_page::status), page_bytes, scsi::decode_encryption_status);
}

Response<scsi::NextBlockEncryption> TapeDrive::next_block_encryption() {
  return ask(page_in(scsi::encryption_page::next_block_status), page_bytes,
             scsi::decode_next_block_encryption);
}

Result TapeDrive::set_encryption(const scsi::SetDataEncryption& parameters) {
  // Wiped when this returns: it holds the key.
  const auto list = scsi::encode_set_data_encryption(parameters);
  return execute_out(scsi::security_protocol_out(scsi::tape_data_encryption_protocol,
                                                 scsi::encryption_page::set_data_encryption,
                                                 static_cast<std::uint32_t>(list.size())),
                     list.view());
}

}  // namespace tidemark
