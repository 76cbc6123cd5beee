// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scsi/cdb.h"
#include "scsi/element_status.h"
#include "scsi/volume_tag.h"
#include "simulator/changer.h"
#include "simulator/medium.h"

/// READ ELEMENT STATUS, and the search for volume tags.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
using scsi::ElementType;

constexpr std::array element_types = {ElementType::transport, ElementType::storage,
                                      ElementType::import_export, ElementType::data_transfer};
constexpr std::size_t volume_tag_list_bytes = 40;

const scsi::ElementRange& range_of(const scsi::ElementAddresses& addresses, ElementType type) {
  switch (type) {
    case ElementType::transport:
      return addresses.transport;
    case ElementType::storage:
      return addresses.storage;
    case ElementType::import_export:
      return addresses.import_export;
    case ElementType::data_transfer:
      break;
  }
  return addresses.data_transfer;
}

void describe_cartridge(scsi::Element& element, const Cartridge& cartridge) {
  element.full = true;
  element.volume_tag = cartridge.barcode;
  element.source_address = cartridge.source_address;
  element.accessible = !cartridge.loaded;
  element.placed_by_operator =
      element.type == ElementType::import_export && cartridge.placed_by_operator;
  element.medium_type =
      is_cleaning_barcode(cartridge.barcode) ? scsi::MediumType::cleaning : scsi::MediumType::data;
  if (cartridge.exception) {
    element.exception =
        scsi::Element::Exception{static_cast<std::uint8_t>(*cartridge.exception >> 8),
                                 static_cast<std::uint8_t>(*cartridge.exception)};
  }
}

/// Of a search: * stands for any characters, ? for one (SMC-3 6.14).
bool matches(std::string_view wanted, std::string_view tag) {
  if (wanted.empty()) return tag.empty();
  if (wanted.front() == '*') {
    return matches(wanted.substr(1), tag) || (!tag.empty() && matches(wanted, tag.substr(1)));
  }
  const bool is_alike = !tag.empty() && (wanted.front() == '?' || wanted.front() == tag.front());
  return is_alike && matches(wanted.substr(1), tag.substr(1));
}

bool looks_at_primary_tags(scsi::VolumeTagAction action) {
  using Action = scsi::VolumeTagAction;
  return action == Action::translate_primary_and_alternate || action == Action::translate_primary ||
         action == Action::translate_all_without_sequence ||
         action == Action::translate_primary_without_sequence;
}

bool is_translation(scsi::VolumeTagAction action) {
  using Action = scsi::VolumeTagAction;
  return looks_at_primary_tags(action) || action == Action::translate_alternate ||
         action == Action::translate_alternate_without_sequence;
}

}  // namespace

std::vector<scsi::Element> Changer::elements_of(ElementType type,
                                                const Inventory& inventory) const {
  const auto& range = range_of(library_->addresses(), type);
  std::vector<scsi::Element> elements;
  for (std::uint16_t i = 0; i < range.count; ++i) {
    scsi::Element element;
    element.type = type;
    element.address = static_cast<std::uint16_t>(range.first + i);
    element.accessible = true;
    element.import_enabled = type == ElementType::import_export;
    element.export_enabled = element.import_enabled;
    if (type == ElementType::data_transfer) {
      element.device_serial_number = library_->drive_serial_number(i);
    }
    if (const auto found = inventory.find(element.address); found != inventory.end()) {
      describe_cartridge(element, found->second);
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

std::vector<scsi::Element> Changer::all_elements(const Inventory& inventory) const {
  std::vector<scsi::Element> all;
  for (const auto type : element_types) {
    auto elements = elements_of(type, inventory);
    std::move(elements.begin(), elements.end(), std::back_inserter(all));
  }
  return all;
}

Changer::Pages Changer::element_pages(std::uint8_t wanted_type, std::uint16_t first,
                                      std::uint16_t count, const scsi::ElementPageParts& parts,
                                      const std::vector<scsi::Element>& elements) const {
  Pages pages;
  for (const auto type : element_types) {
    if (wanted_type != 0 && wanted_type != static_cast<std::uint8_t>(type)) continue;
    std::vector<scsi::Element> chosen;
    for (const auto& element : elements) {
      const bool is_wanted = element.type == type && element.address >= first;
      if (!is_wanted || pages.count >= count) continue;
      const bool is_first = pages.count == 0 || element.address < pages.first_address;
      if (is_first) pages.first_address = element.address;
      ++pages.count;
      chosen.push_back(element);
    }
    if (chosen.empty()) continue;
    const auto page = scsi::encode_element_page(type, chosen, parts);
    pages.bytes.insert(pages.bytes.end(), page.begin(), page.end());
  }
  return pages;
}

Answer Changer::read_element_status(const Request& request) {
  scsi::ElementPageParts parts;
  parts.volume_tags = (request.cdb[1] & 0x10) != 0;
  parts.device_identifiers = (request.cdb[6] & 0x01) != 0;
  const auto wanted_type = static_cast<std::uint8_t>(request.cdb[1] & 0x0F);
  // Several real libraries refuse both in one command; an initiator that passes here passes there.
  if (parts.volume_tags && parts.device_identifiers) return invalid_field_in_cdb();
  if (wanted_type > 4) return invalid_field_in_cdb();
  const auto inventory = library_->inventory();
  if (!inventory) return internal_failure();
  const auto pages =
      element_pages(wanted_type, scsi::load_be16(request.cdb, 2), scsi::load_be16(request.cdb, 4),
                    parts, told_elements(*inventory));
  return data(request, scsi::encode_element_status(pages.first_address, pages.count, pages.bytes),
              scsi::load_be24(request.cdb, 7));
}

Answer Changer::send_volume_tag(const Request& request) {
  const auto action = static_cast<scsi::VolumeTagAction>(request.cdb[5] & 0x1F);
  const auto length = scsi::load_be16(request.cdb, 8);
  // Tags are what is printed on the cartridges: nobody can give them others.
  if (!is_translation(action)) return invalid_field_in_cdb();
  if (length != volume_tag_list_bytes || request.data_out.size() < length) {
    return parameter_list_length_error();
  }
  const auto values = scsi::decode_volume_tag_template(request.data_out.first(length));
  if (!values) return parameter_list_length_error();
  search_ = Search{action, values->identifier};
  return good();
}

Answer Changer::request_volume_element_address(const Request& request) {
  scsi::ElementPageParts parts;
  parts.volume_tags = (request.cdb[1] & 0x10) != 0;
  const auto wanted_type = static_cast<std::uint8_t>(request.cdb[1] & 0x0F);
  if (wanted_type > 4) return invalid_field_in_cdb();
  if (!search_) return check(key::illegal_request, 0x2C, 0x00);  // command sequence error
  const auto inventory = library_->inventory();
  if (!inventory) return internal_failure();
  auto elements = all_elements(*inventory);
  std::erase_if(elements, [&](const scsi::Element& each) {
    return !each.full || !looks_at_primary_tags(search_->action) ||
           !matches(search_->wanted, each.volume_tag.value_or(""));
  });
  const auto pages = element_pages(wanted_type, scsi::load_be16(request.cdb, 2),
                                   scsi::load_be16(request.cdb, 4), parts, elements);
  return data(request,
              scsi::encode_volume_element_addresses(search_->action, pages.first_address,
                                                    pages.count, pages.bytes),
              scsi::load_be24(request.cdb, 7));
}

}  // namespace tidemark::simulator
