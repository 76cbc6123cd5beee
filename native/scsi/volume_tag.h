// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/cdb.h"
#include "scsi/element_status.h"

namespace tidemark::scsi {

/// The parameter list of SEND VOLUME TAG, 40 bytes (SMC-3 6.14).
struct VolumeTagTemplate {
  /// VOLUME IDENTIFICATION TEMPLATE, 32 bytes; * and ? are wildcards in the actions that translate.
  std::string identifier;
  std::uint16_t minimum_sequence = 0;
  std::uint16_t maximum_sequence = 0;

  bool operator==(const VolumeTagTemplate&) const = default;
};
[[nodiscard]] std::optional<VolumeTagTemplate> decode_volume_tag_template(Bytes list);
[[nodiscard]] std::vector<std::uint8_t> encode_volume_tag_template(const VolumeTagTemplate& values);

/// The answer to REQUEST VOLUME ELEMENT ADDRESS (SMC-3 6.13): elements as READ ELEMENT STATUS has
/// them, and what the SEND VOLUME TAG before it had asked for.
struct VolumeElementAddresses {
  /// A code that has no name there comes as its number.
  VolumeTagAction action = VolumeTagAction::translate_primary_and_alternate;
  std::uint16_t first_address = 0;
  std::uint16_t count = 0;
  std::vector<Element> elements;

  bool operator==(const VolumeElementAddresses&) const = default;
};
[[nodiscard]] std::optional<VolumeElementAddresses> decode_volume_element_addresses(Bytes bytes);
/// The header, for pages from `encode_element_page`.
[[nodiscard]] std::vector<std::uint8_t> encode_volume_element_addresses(VolumeTagAction action,
                                                                        std::uint16_t first_address,
                                                                        std::uint16_t count,
                                                                        Bytes pages);

}  // namespace tidemark::scsi
