// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scsi/vital_product_data.h"
#include "simulator/logical_unit.h"

/// INQUIRY, with the vital product data that all units have.
namespace tidemark::simulator {
namespace {

namespace page = scsi::vital_product_page;

std::vector<std::uint8_t> ascii_bytes(const std::string& text, std::size_t width) {
  std::vector<std::uint8_t> bytes(width);
  scsi::store_ascii(bytes, 0, width, text);
  return bytes;
}

}  // namespace

Answer LogicalUnit::device_identification(const Request& request) const {
  const auto identity = inquiry_data();
  // T10 vendor identification: vendor, and behind it what makes it unique; here product and serial
  // number, as drives do it.
  auto text = ascii_bytes(identity.vendor, 8);
  const auto product = ascii_bytes(identity.product, 16);
  text.insert(text.end(), product.begin(), product.end());
  const auto serial = serial_number();
  text.insert(text.end(), serial.begin(), serial.end());
  std::vector<std::uint8_t> name(8);
  scsi::store_be64(name, 0, world_wide_name());
  const std::array designators{
      scsi::Designator{scsi::designator_type::t10_vendor_identification, scsi::CodeSet::ascii,
                       scsi::Association::logical_unit, std::nullopt, text},
      scsi::Designator{scsi::designator_type::naa, scsi::CodeSet::binary,
                       scsi::Association::logical_unit, std::nullopt, name},
      scsi::Designator{scsi::designator_type::relative_target_port,
                       scsi::CodeSet::binary,
                       scsi::Association::target_port,
                       std::nullopt,
                       {0, 0, 0, 1}},
  };
  return data(request, scsi::encode_designators(identity.device_type, designators),
              scsi::load_be16(request.cdb, 3));
}

Answer LogicalUnit::inquiry(const Request& request) {
  const auto wanted = request.cdb[2];
  const auto allocation_length = scsi::load_be16(request.cdb, 3);
  const auto type = inquiry_data().device_type;
  if ((request.cdb[1] & 0x01) == 0) {
    if (wanted != 0) return invalid_field_in_cdb();
    return data(request, scsi::encode_inquiry(inquiry_data()), allocation_length);
  }
  switch (wanted) {
    case page::supported_pages: {
      std::vector<std::uint8_t> pages{page::supported_pages, page::unit_serial_number,
                                      page::device_identification};
      const auto others = vital_product_pages();
      pages.insert(pages.end(), others.begin(), others.end());
      return data(request, scsi::encode_supported_pages(type, pages), allocation_length);
    }
    case page::unit_serial_number:
      return data(request, scsi::encode_unit_serial_number(type, serial_number()),
                  allocation_length);
    case page::device_identification:
      return device_identification(request);
    default: {
      const auto bytes = vital_product_page(wanted);
      return bytes.empty() ? invalid_field_in_cdb() : data(request, bytes, allocation_length);
    }
  }
}

}  // namespace tidemark::simulator
