// SPDX-License-Identifier: Apache-2.0
#include "simulator/changer.h"

#include <array>

#include "scsi/cdb.h"
#include "scsi/mode.h"

namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;
namespace key = scsi::sense_key;

constexpr std::array element_types = {scsi::ElementType::transport, scsi::ElementType::storage,
                                      scsi::ElementType::import_export,
                                      scsi::ElementType::data_transfer};

const scsi::ElementRange& range_of(const scsi::ElementAddresses& addresses,
                                   scsi::ElementType type) {
  switch (type) {
    case scsi::ElementType::transport:
      return addresses.transport;
    case scsi::ElementType::storage:
      return addresses.storage;
    case scsi::ElementType::import_export:
      return addresses.import_export;
    case scsi::ElementType::data_transfer:
      break;
  }
  return addresses.data_transfer;
}

/// The inventory could not be read or written: for the host, the machine is broken.
Answer internal_failure() { return check(key::hardware_error, 0x44, 0x00); }

Answer invalid_element_address() { return check(key::illegal_request, 0x21, 0x01); }

}  // namespace

scsi::InquiryData Changer::inquiry_data() const {
  return {scsi::device_type::changer, "TIDEMARK", "SIMULATED CHGR", "0001"};
}

std::string Changer::serial_number() const { return library_->changer_serial_number(); }

Answer Changer::dispatch(const Request& request) {
  switch (request.cdb[0]) {
    case operation::test_unit_ready:
    case operation::initialize_element_status:
      return good();
    case operation::mode_sense_6:
      return mode_sense(request);
    case operation::read_element_status:
      return request.cdb.size() < 12 ? invalid_field_in_cdb() : read_element_status(request);
    case operation::move_medium:
      return request.cdb.size() < 12 ? invalid_field_in_cdb() : move_medium(request);
    default:
      return invalid_operation_code();
  }
}

Answer Changer::mode_sense(const Request& request) const {
  const auto page = request.cdb[2] & 0x3F;
  if (page != scsi::mode_page::element_address_assignment && page != scsi::mode_page::all) {
    return invalid_field_in_cdb();
  }
  scsi::ModeParameters parameters;
  parameters.pages = scsi::encode_element_addresses(library_->addresses());
  return data(request, scsi::encode_mode_sense_6(parameters), request.cdb[4]);
}

std::vector<scsi::Element> Changer::elements_of(scsi::ElementType type,
                                                const Inventory& inventory) const {
  const auto& range = range_of(library_->addresses(), type);
  std::vector<scsi::Element> elements;
  for (std::uint16_t i = 0; i < range.count; ++i) {
    scsi::Element element;
    element.type = type;
    element.address = static_cast<std::uint16_t>(range.first + i);
    element.accessible = true;
    element.import_enabled = type == scsi::ElementType::import_export;
    element.export_enabled = element.import_enabled;
    if (type == scsi::ElementType::data_transfer) {
      element.device_serial_number = library_->drive_serial_number(i);
    }
    if (const auto found = inventory.find(element.address); found != inventory.end()) {
      const auto& cartridge = found->second;
      element.full = true;
      element.volume_tag = cartridge.barcode;
      element.source_address = cartridge.source_address;
      element.accessible = !cartridge.loaded;
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

Answer Changer::read_element_status(const Request& request) const {
  const bool volume_tags = (request.cdb[1] & 0x10) != 0;
  const auto wanted_type = request.cdb[1] & 0x0F;
  const auto first = scsi::load_be16(request.cdb, 2);
  const auto count = scsi::load_be16(request.cdb, 4);
  const bool device_identifiers = (request.cdb[6] & 0x01) != 0;
  // Several real libraries refuse both in one command; an initiator that passes here passes there.
  if (volume_tags && device_identifiers) return invalid_field_in_cdb();
  if (wanted_type > 4) return invalid_field_in_cdb();
  const auto inventory = library_->inventory();
  if (!inventory) return internal_failure();

  std::vector<std::uint8_t> pages;
  std::uint16_t reported = 0;
  std::uint16_t first_reported = 0;
  for (const auto type : element_types) {
    if (wanted_type != 0 && wanted_type != static_cast<int>(type)) continue;
    std::vector<scsi::Element> chosen;
    for (auto& element : elements_of(type, *inventory)) {
      if (element.address < first || reported >= count) continue;
      if (reported == 0 || element.address < first_reported) first_reported = element.address;
      ++reported;
      chosen.push_back(std::move(element));
    }
    if (chosen.empty()) continue;
    const auto page = scsi::encode_element_page(type, chosen, volume_tags, device_identifiers);
    pages.insert(pages.end(), page.begin(), page.end());
  }
  return data(request, scsi::encode_element_status(first_reported, reported, pages),
              scsi::load_be24(request.cdb, 7));
}

bool Changer::has_element(std::uint16_t address) const {
  const auto& addresses = library_->addresses();
  return addresses.transport.contains(address) || addresses.storage.contains(address) ||
         addresses.import_export.contains(address) || addresses.data_transfer.contains(address);
}

Answer Changer::move(Inventory& inventory, std::uint16_t source, std::uint16_t destination) const {
  const auto found = inventory.find(source);
  if (found == inventory.end()) return check(key::illegal_request, 0x3B, 0x0E);
  // The removal bit comes first: while it stands, UNLOAD would not help either.
  if (found->second.removal_prevented) return check(key::illegal_request, 0x53, 0x02);
  if (found->second.loaded && !library_->quirks().start_stop_unit)
    return check(key::illegal_request, 0x53, 0x01);
  if (source == destination) return good();
  if (inventory.contains(destination)) return check(key::illegal_request, 0x3B, 0x0D);

  const auto& addresses = library_->addresses();
  auto cartridge = found->second;
  if (addresses.storage.contains(source)) cartridge.source_address = source;
  if (addresses.storage.contains(destination)) cartridge.source_address.reset();
  // A drive threads what is put into it by itself.
  cartridge.loaded = addresses.data_transfer.contains(destination);
  inventory.erase(found);
  inventory.emplace(destination, std::move(cartridge));
  return good();
}

Answer Changer::move_medium(const Request& request) {
  const auto transport = scsi::load_be16(request.cdb, 2);
  const auto source = scsi::load_be16(request.cdb, 4);
  const auto destination = scsi::load_be16(request.cdb, 6);
  const bool transport_exists =
      transport == 0 || library_->addresses().transport.contains(transport);
  if (!transport_exists || !has_element(source) || !has_element(destination)) {
    return invalid_element_address();
  }
  if ((request.cdb[10] & 0x01) != 0) return invalid_field_in_cdb();  // INVERT: tapes have one side
  Answer answer = internal_failure();
  const bool written = library_->update_inventory([&](Inventory& inventory) {
    answer = move(inventory, source, destination);
    return !answer.sense;
  });
  return written ? answer : internal_failure();
}

}  // namespace tidemark::simulator
