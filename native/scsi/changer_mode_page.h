// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

/// Mode pages of a changer beside element address assignment (SMC-3 7.3). Decoders and encoders as
/// those of tape_mode_page.h.
namespace tidemark::scsi {

/// One medium transport element, page 1Eh (SMC-3 7.3.6).
struct TransportGeometry {
  /// ROTATE: it can turn a cartridge over.
  bool rotates = false;
  /// MEMBER NUMBER IN TRANSPORT ELEMENT SET: elements of one set share their place.
  std::uint8_t member = 0;

  bool operator==(const TransportGeometry&) const = default;
};
[[nodiscard]] std::optional<std::vector<TransportGeometry>> decode_transport_geometry(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_transport_geometry(
    const std::vector<TransportGeometry>& transports, Bytes page = {});

/// Some of the four types of element.
struct ElementTypeSet {
  bool transport = false;
  bool storage = false;
  bool import_export = false;
  bool data_transfer = false;

  bool operator==(const ElementTypeSet&) const = default;
};
/// Where to a cartridge can be taken, from each type.
struct ElementPaths {
  ElementTypeSet from_transport;
  ElementTypeSet from_storage;
  ElementTypeSet from_import_export;
  ElementTypeSet from_data_transfer;

  bool operator==(const ElementPaths&) const = default;
};
/// Page 1Fh (SMC-3 7.3.3).
struct ChangerCapabilities {
  /// STOR: which can hold a cartridge.
  ElementTypeSet stores;
  /// MOVE MEDIUM.
  ElementPaths moves;
  /// EXCHANGE MEDIUM.
  ElementPaths exchanges;

  bool operator==(const ChangerCapabilities&) const = default;
};
[[nodiscard]] std::optional<ChangerCapabilities> decode_changer_capabilities(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_changer_capabilities(
    const ChangerCapabilities& capabilities, Bytes page = {});

}  // namespace tidemark::scsi
