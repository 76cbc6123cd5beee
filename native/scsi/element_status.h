// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/cdb.h"

namespace tidemark::scsi {

/// One element descriptor of READ ELEMENT STATUS (SMC-3 6.11).
struct Element {
  std::uint16_t address = 0;
  ElementType type = ElementType::storage;
  bool full = false;
  /// ASC and ASCQ where EXCEPT is set.
  struct Exception {
    std::uint8_t asc = 0;
    std::uint8_t ascq = 0;
  };
  std::optional<Exception> exception;
  /// The transport may reach it (ACCESS).
  bool accessible = false;
  /// Import/export elements: put there by the operator.
  bool placed_by_operator = false;
  /// Where the cartridge came from, if SVALID.
  std::optional<std::uint16_t> source_address;
  /// Primary volume tag; absent where the page has none. Empty although full: an unreadable label.
  std::optional<std::string> volume_tag;
  /// Serial number in the device identifier (DVCID).
  std::optional<std::string> device_serial_number;
};

/// All descriptors of all pages that were received whole; nothing where not even the header was.
[[nodiscard]] std::optional<std::vector<Element>> decode_element_status(Bytes bytes);

/// One page; all elements have this type. A data transfer element's `device_serial_number` goes out
/// as a T10 vendor identification designator.
[[nodiscard]] std::vector<std::uint8_t> encode_element_page(ElementType type,
                                                            std::span<const Element> elements,
                                                            bool volume_tags,
                                                            bool device_identifiers);
/// The header, for these pages.
[[nodiscard]] std::vector<std::uint8_t> encode_element_status(std::uint16_t first_address,
                                                              std::uint16_t count, Bytes pages);

}  // namespace tidemark::scsi
