// SPDX-License-Identifier: Apache-2.0
#include "simulator/logical_unit.h"

#include <algorithm>

#include "scsi/cdb.h"
#include "scsi/vital_product_data.h"

namespace tidemark::simulator {

namespace operation = scsi::operation;
namespace key = scsi::sense_key;

Answer good() { return {}; }

Answer check(const scsi::Sense& sense) { return {sense, 0}; }

Answer check(std::uint8_t sense_key, std::uint8_t asc, std::uint8_t ascq) {
  scsi::Sense sense;
  sense.key = sense_key;
  sense.asc = asc;
  sense.ascq = ascq;
  return check(sense);
}

Answer invalid_operation_code() { return check(key::illegal_request, 0x20, 0x00); }

Answer invalid_field_in_cdb() { return check(key::illegal_request, 0x24, 0x00); }

Answer data(const Request& request, scsi::Bytes data, std::size_t allocation_length) {
  const auto length = std::min({data.size(), allocation_length, request.data_in.size()});
  std::copy_n(data.begin(), length, request.data_in.begin());
  return {std::nullopt, length};
}

LogicalUnit::LogicalUnit() { add_unit_attention(0x29, 0x00); }  // power on

void LogicalUnit::add_unit_attention(std::uint8_t asc, std::uint8_t ascq) {
  unit_attentions_.push_back(*check(key::unit_attention, asc, ascq).sense);
}

scsi::Sense LogicalUnit::take_unit_attention() {
  const auto sense = unit_attentions_.front();
  unit_attentions_.pop_front();
  return sense;
}

Answer LogicalUnit::inquiry(const Request& request) const {
  const auto page = request.cdb[2];
  const auto allocation_length = scsi::load_be16(request.cdb, 3);
  const auto type = inquiry_data().device_type;
  if ((request.cdb[1] & 0x01) == 0) {
    if (page != 0) return invalid_field_in_cdb();
    return data(request, scsi::encode_inquiry(inquiry_data()), allocation_length);
  }
  if (page == 0x00) {
    const std::uint8_t pages[] = {type, 0x00, 0x00, 0x02, 0x00, scsi::unit_serial_number_page};
    return data(request, pages, allocation_length);
  }
  if (page == scsi::unit_serial_number_page) {
    return data(request, scsi::encode_unit_serial_number(type, serial_number()), allocation_length);
  }
  return invalid_field_in_cdb();
}

Answer LogicalUnit::request_sense(const Request& request) {
  const auto sense = unit_attentions_.empty() ? scsi::Sense{} : take_unit_attention();
  const bool descriptor_format = (request.cdb[1] & 0x01) != 0;
  return data(
      request,
      descriptor_format ? scsi::encode_descriptor_sense(sense) : scsi::encode_fixed_sense(sense),
      request.cdb[4]);
}

std::vector<std::uint8_t> LogicalUnit::encode_sense(const scsi::Sense& sense) const {
  return uses_descriptor_sense() ? scsi::encode_descriptor_sense(sense)
                                 : scsi::encode_fixed_sense(sense);
}

Answer LogicalUnit::execute(const Request& request) {
  if (request.cdb.size() < 6) return invalid_operation_code();
  if (request.cdb[0] == operation::inquiry) return inquiry(request);
  refresh();
  if (request.cdb[0] == operation::request_sense) return request_sense(request);
  if (!unit_attentions_.empty()) return check(take_unit_attention());
  return dispatch(request);
}

}  // namespace tidemark::simulator
