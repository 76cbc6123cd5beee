// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "scsi/cdb.h"
#include "scsi/vital_product_data.h"

namespace tidemark::scsi {

/// MEDIUM TYPE of an element descriptor (SMC-3 table 44).
enum class MediumType : std::uint8_t {
  unspecified = 0,
  data = 1,
  cleaning = 2,
  diagnostic = 3,
  worm = 4,
  microcode = 5
};

/// One element descriptor of READ ELEMENT STATUS (SMC-3 6.11).
struct Element {
  std::uint16_t address = 0;
  ElementType type = ElementType::storage;
  bool full = false;
  /// ASC and ASCQ where EXCEPT is set.
  struct Exception {
    std::uint8_t asc = 0;
    std::uint8_t ascq = 0;

    bool operator==(const Exception&) const = default;
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
  /// The whole primary volume tag as it came, padding and sequence number included: for what prints
  /// it raw. Empty where the page has none; of no use in encoding.
  std::vector<std::uint8_t> volume_tag_field;
  /// Serial number in the device identifier (DVCID).
  std::optional<std::string> device_serial_number;
  /// EXENAB, INENAB: an import/export element lets cartridges out, in. False in the other types.
  bool export_enabled = false;
  bool import_enabled = false;
  /// INVERT: the cartridge was turned over on its last move; means something with SVALID.
  bool inverted = false;
  /// ED: the element is disabled.
  bool disabled = false;
  /// A medium type that has no name here comes as its number.
  MediumType medium_type = MediumType::unspecified;
  /// Volume sequence number of the primary tag.
  std::uint16_t volume_sequence = 0;
  std::optional<std::string> alternate_volume_tag;
  std::uint16_t alternate_volume_sequence = 0;
  /// Data transfer elements of parallel SCSI: where the drive is on the bus.
  struct BusAddress {
    /// Where ID VALID is set.
    std::optional<std::uint8_t> id;
    /// Where LU VALID is set.
    std::optional<std::uint8_t> lun;
    /// NOT BUS: another bus than the changer's.
    bool other_bus = false;

    bool operator==(const BusAddress&) const = default;
  };
  /// Absent where neither is valid.
  std::optional<BusAddress> bus_address;
  /// The device identifier as it came; `device_serial_number` is taken from it. In encoding it goes
  /// before `device_serial_number`.
  std::optional<Designator> device_identifier;

  bool operator==(const Element&) const = default;
};

/// All descriptors of all pages that were received whole; nothing where not even the header was.
[[nodiscard]] std::optional<std::vector<Element>> decode_element_status(Bytes bytes);

/// The header of the answer (SMC-3 6.11.2): what the device says that it has.
struct ElementStatusHeader {
  std::uint16_t first_address = 0;
  std::uint16_t count = 0;
  /// Bytes that follow the header, were there room.
  std::uint32_t byte_count = 0;

  bool operator==(const ElementStatusHeader&) const = default;
};
[[nodiscard]] std::optional<ElementStatusHeader> decode_element_status_header(Bytes bytes);

/// What the descriptors of a page have beside the fixed part.
struct ElementPageParts {
  /// PVOLTAG, AVOLTAG.
  bool volume_tags = false;
  bool alternate_volume_tags = false;
  /// DVCID.
  bool device_identifiers = false;
  /// Vendor-specific bytes behind each descriptor, zero.
  std::uint8_t vendor_bytes = 0;
};
/// One page; all elements have this type. A data transfer element's `device_serial_number` goes out
/// as a T10 vendor identification designator.
[[nodiscard]] std::vector<std::uint8_t> encode_element_page(ElementType type,
                                                            std::span<const Element> elements,
                                                            const ElementPageParts& parts);
[[nodiscard]] std::vector<std::uint8_t> encode_element_page(ElementType type,
                                                            std::span<const Element> elements,
                                                            bool volume_tags,
                                                            bool device_identifiers);
/// The header, for these pages.
[[nodiscard]] std::vector<std::uint8_t> encode_element_status(std::uint16_t first_address,
                                                              std::uint16_t count, Bytes pages);

}  // namespace tidemark::scsi
