// SPDX-License-Identifier: Apache-2.0
#include "device/medium_changer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidemark {
namespace {

constexpr std::uint16_t elements_per_answer = 1000;
constexpr std::uint32_t answer_bytes = 0xFFFF;

/// A device without identifiers refuses the DVCID bit (5/24/00, invalid field in CDB).
bool refuses_identifiers(const Result& result) {
  const auto sense = result.decoded_sense();
  return sense && sense->is(scsi::sense_key::illegal_request, 0x24, 0x00);
}

}  // namespace

Result MediumChanger::initialize_element_status() {
  return execute(scsi::initialize_element_status());
}

Result MediumChanger::initialize_element_range(const scsi::ElementStatusRange& range) {
  return execute(scsi::initialize_element_status_with_range(range));
}

Result MediumChanger::move_medium(const scsi::MoveMedium& move) {
  return execute(scsi::move_medium(move));
}

Result MediumChanger::exchange_medium(const scsi::ExchangeMedium& exchange) {
  return execute(scsi::exchange_medium(exchange));
}

Result MediumChanger::position_to_element(const scsi::PositionToElement& wanted) {
  return execute(scsi::position_to_element(wanted));
}

Result MediumChanger::open_import_export(std::uint16_t element) {
  return execute(scsi::open_close_import_export_element(element, true));
}

Result MediumChanger::close_import_export(std::uint16_t element) {
  return execute(scsi::open_close_import_export_element(element, false));
}

Response<scsi::ElementAddresses> MediumChanger::element_addresses() {
  return ask_mode_page(scsi::mode_page::element_address_assignment, 0,
                       scsi::decode_element_addresses);
}

Response<std::vector<scsi::TransportGeometry>> MediumChanger::transport_geometry() {
  return ask_mode_page(scsi::mode_page::transport_geometry, 0, scsi::decode_transport_geometry);
}

Response<scsi::ChangerCapabilities> MediumChanger::capabilities() {
  return ask_mode_page(scsi::mode_page::changer_capabilities, 0, scsi::decode_changer_capabilities);
}

Response<Elements> MediumChanger::find_volume_tag(const std::string& identifier_template) {
  const auto list = scsi::encode_volume_tag_template({.identifier = identifier_template});
  Response<Elements> answer;
  answer.result = execute_out(
      scsi::send_volume_tag({.action = scsi::VolumeTagAction::translate_primary_without_sequence},
                            static_cast<std::uint16_t>(list.size())),
      list);
  if (!succeeded(answer.result)) return answer;
  constexpr std::uint16_t all = 0xFFFF;
  auto found =
      ask(scsi::request_volume_element_address({.count = all, .volume_tags = true}, answer_bytes),
          answer_bytes, scsi::decode_volume_element_addresses);
  if (found.value) answer.value = std::move(found.value->elements);
  answer.result = std::move(found.result);
  return answer;
}

Response<Elements> MediumChanger::read_elements(scsi::ElementType type,
                                                const scsi::ElementRange& range,
                                                bool device_identifiers) {
  std::vector<std::uint8_t> data(answer_bytes);
  Response<Elements> outcome;
  outcome.value.emplace();
  std::uint32_t next = range.first;
  const std::uint32_t end = next + range.count;
  while (next < end) {
    const auto count = std::min<std::uint32_t>(end - next, elements_per_answer);
    outcome.result =
        execute_in(scsi::read_element_status(type, static_cast<std::uint16_t>(next),
                                             static_cast<std::uint16_t>(count), !device_identifiers,
                                             device_identifiers, answer_bytes),
                   data);
    if (!succeeded(outcome.result)) {
      outcome.value.reset();
      return outcome;
    }
    const auto answer = received(data, outcome.result);
    auto part = scsi::decode_element_status(answer);
    if (!part) {
      outcome.value.reset();
      return outcome;
    }
    // Where the answer fills the buffer, its last descriptor may have been cut off: it is asked for
    // again.
    if (answer.size() == data.size() && part->size() > 1) part->pop_back();
    // The next request starts behind the highest address told; an answer that brings nothing new is
    // the end.
    auto reached = next;
    for (const auto& element : *part) {
      if (element.type != type || element.address < next || element.address >= end) continue;
      outcome.value->push_back(element);
      reached = std::max<std::uint32_t>(reached, element.address + 1U);
    }
    if (reached == next) break;
    next = reached;
  }
  return outcome;
}

Result MediumChanger::add_drive_serial_numbers(const scsi::ElementRange& drives,
                                               std::vector<scsi::Element>& elements) {
  auto identified = read_elements(scsi::ElementType::data_transfer, drives, true);
  if (!identified.value) return std::move(identified.result);
  for (auto& element : elements) {
    const auto found =
        std::find_if(identified.value->begin(), identified.value->end(),
                     [&](const scsi::Element& each) { return each.address == element.address; });
    if (found != identified.value->end()) {
      element.device_serial_number = found->device_serial_number;
    }
  }
  return std::move(identified.result);
}

Response<Elements> MediumChanger::elements() {
  auto assignment = element_addresses();
  Response<Elements> all;
  all.result = std::move(assignment.result);
  if (!assignment.value) return all;

  const auto& addresses = *assignment.value;
  const std::pair<scsi::ElementType, scsi::ElementRange> ranges[] = {
      {scsi::ElementType::transport, addresses.transport},
      {scsi::ElementType::storage, addresses.storage},
      {scsi::ElementType::import_export, addresses.import_export},
      {scsi::ElementType::data_transfer, addresses.data_transfer},
  };
  std::vector<scsi::Element> elements;
  for (const auto& [type, range] : ranges) {
    if (range.count == 0) continue;
    auto part = read_elements(type, range, false);
    all.result = std::move(part.result);
    if (!part.value) return all;
    std::move(part.value->begin(), part.value->end(), std::back_inserter(elements));
  }
  if (addresses.data_transfer.count > 0) {
    auto result = add_drive_serial_numbers(addresses.data_transfer, elements);
    if (!succeeded(result) && !refuses_identifiers(result)) {
      all.result = std::move(result);
      return all;
    }
  }
  for (auto& element : elements) {
    // An empty element has no tag; a full one with an empty tag has a label that cannot be read.
    if (!element.full && element.volume_tag == "") element.volume_tag.reset();
  }
  all.value = std::move(elements);
  return all;
}

}  // namespace tidemark
