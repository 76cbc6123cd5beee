// SPDX-License-Identifier: Apache-2.0
#include "simulator/changer.h"

#include <algorithm>
#include <set>

#include "scsi/cdb.h"
#include "simulator/medium.h"

/// The changer's commands, and those that move cartridges.
namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;
namespace action = scsi::service_action;
namespace key = scsi::sense_key;
using namespace std::string_view_literals;

constexpr std::uint32_t move_s = 1000;
constexpr std::uint32_t inventory_s = 3600;

constexpr auto conflicts = Reservable::conflicts;
constexpr auto passes = Reservable::passes;
constexpr auto reads = Reservable::reads;

constexpr auto reserve_in_usage = "\x1F\0\0\0\0\0\xFF\xFF\0"sv;
constexpr auto reserve_out_usage = "\x1F\xFF\0\0\xFF\xFF\xFF\xFF\0"sv;

Answer invalid_element_address() { return check(key::illegal_request, 0x21, 0x01); }
Answer source_empty() { return check(key::illegal_request, 0x3B, 0x0E); }
Answer destination_full() { return check(key::illegal_request, 0x3B, 0x0D); }

}  // namespace

constinit const CommandEntry Changer::known_commands[] = {
    {operation::test_unit_ready, std::nullopt, "\0\0\0\0\0"sv,
     run_method<Changer, &Changer::test_unit_ready>, passes},
    {operation::request_sense, std::nullopt, "\x01\0\0\xFF\0"sv,
     run_method<Changer, &Changer::request_sense>, passes},
    {operation::initialize_element_status, std::nullopt, "\0\0\0\0\0"sv,
     run_method<Changer, &Changer::initialize_element_status>, conflicts, false, inventory_s},
    {operation::inquiry, std::nullopt, "\x01\xFF\xFF\xFF\0"sv,
     run_method<Changer, &Changer::inquiry>, passes},
    {operation::reserve_6, std::nullopt, "\0\0\0\0\0"sv, run_method<Changer, &Changer::reserve_6>,
     passes},
    {operation::release_6, std::nullopt, "\0\0\0\0\0"sv, run_method<Changer, &Changer::release_6>,
     passes},
    {operation::mode_sense_6, std::nullopt, "\x08\xFF\xFF\xFF\0"sv,
     run_method<Changer, &Changer::mode_sense_6>, reads},
    {operation::open_close_import_export_element, std::nullopt, "\0\xFF\xFF\x1F\0"sv,
     run_method<Changer, &Changer::open_close_import_export>, conflicts, false, move_s},
    {operation::prevent_allow_medium_removal, std::nullopt, "\0\0\0\x03\0"sv,
     run_method<Changer, &Changer::prevent_allow>, conflicts},
    {operation::position_to_element, std::nullopt, "\0\xFF\xFF\xFF\xFF\0\0\x01\0"sv,
     run_method<Changer, &Changer::position_to_element>, conflicts, false, move_s},
    {operation::initialize_element_status_with_range, std::nullopt,
     "\x03\xFF\xFF\0\0\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::initialize_element_status_with_range>, conflicts, false,
     inventory_s},
    {operation::log_sense, std::nullopt, "\0\xFF\xFF\0\xFF\xFF\xFF\xFF\0"sv,
     run_method<Changer, &Changer::log_sense>, passes},
    {operation::mode_sense_10, std::nullopt, "\x08\xFF\xFF\0\0\0\xFF\xFF\0"sv,
     run_method<Changer, &Changer::mode_sense_10>, reads},
    {operation::persistent_reserve_in, 0x00, reserve_in_usage,
     run_method<Changer, &Changer::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x01, reserve_in_usage,
     run_method<Changer, &Changer::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x02, reserve_in_usage,
     run_method<Changer, &Changer::persistent_reserve_in>, passes},
    {operation::persistent_reserve_in, 0x03, reserve_in_usage,
     run_method<Changer, &Changer::persistent_reserve_in>, passes},
    {operation::persistent_reserve_out, 0x00, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x01, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x02, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x03, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x04, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x05, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::persistent_reserve_out, 0x06, reserve_out_usage,
     run_method<Changer, &Changer::persistent_reserve_out>, passes},
    {operation::report_luns, std::nullopt, "\0\xFF\0\0\0\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::report_luns>, passes},
    {operation::maintenance_in, action::report_supported_operation_codes,
     "\x1F\x87\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::report_supported_operation_codes>, reads},
    {operation::move_medium, std::nullopt, "\0\xFF\xFF\xFF\xFF\xFF\xFF\0\0\x01\0"sv,
     run_method<Changer, &Changer::move_medium>, conflicts, false, move_s},
    {operation::exchange_medium, std::nullopt, "\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x03\0"sv,
     run_method<Changer, &Changer::exchange_medium>, conflicts, false, move_s},
    {operation::request_volume_element_address, std::nullopt,
     "\x1F\xFF\xFF\xFF\xFF\0\xFF\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::request_volume_element_address>, reads},
    {operation::send_volume_tag, std::nullopt, "\x0F\xFF\xFF\0\x1F\0\0\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::send_volume_tag>, conflicts},
    {operation::read_element_status, std::nullopt, "\x1F\xFF\xFF\xFF\xFF\x03\xFF\xFF\xFF\0\0"sv,
     run_method<Changer, &Changer::read_element_status>, reads},
};

std::span<const CommandEntry> Changer::command_table() const { return known_commands; }

scsi::InquiryData Changer::inquiry_data() const {
  scsi::InquiryData identity;
  identity.device_type = scsi::device_type::changer;
  identity.vendor = "TIDEMARK";
  identity.product = "SIMULATED CHGR";
  identity.revision = "0001";
  return identity;
}

std::string Changer::serial_number() const { return library_->changer_serial_number(); }

std::uint64_t Changer::world_wide_name() const { return library_->world_wide_name(0); }

Answer Changer::ready() { return good(); }

void Changer::refresh() {
  const auto inventory = library_->inventory();
  if (!inventory) return;
  std::set<std::string> inserted;
  for (const auto& [address, cartridge] : *inventory) {
    if (cartridge.placed_by_operator) inserted.insert(cartridge.barcode);
  }
  // What was there when the changer was switched on is no news.
  const bool is_news = inserted_ && !std::includes(inserted_->begin(), inserted_->end(),
                                                   inserted.begin(), inserted.end());
  if (is_news) add_unit_attention(0x28, 0x01);  // import or export element accessed
  inserted_ = std::move(inserted);
}

bool Changer::is_transport(std::uint16_t address) const {
  return address == 0 || library_->addresses().transport.contains(address);
}

bool Changer::has_element(std::uint16_t address) const {
  const auto& addresses = library_->addresses();
  return addresses.transport.contains(address) || addresses.storage.contains(address) ||
         addresses.import_export.contains(address) || addresses.data_transfer.contains(address);
}

std::optional<Answer> Changer::refuse_to_take(const Inventory& inventory,
                                              std::uint16_t source) const {
  const auto found = inventory.find(source);
  if (found == inventory.end()) return source_empty();
  // The removal bit comes first: while it stands, UNLOAD would not help either.
  if (found->second.removal_prevented) return check(key::illegal_request, 0x53, 0x02);
  const bool must_unload = found->second.loaded && !library_->quirks().start_stop_unit;
  if (must_unload) return check(key::illegal_request, 0x53, 0x01);
  return std::nullopt;
}

void Changer::put(Inventory& inventory, Cartridge cartridge, std::uint16_t source,
                  std::uint16_t destination) const {
  const auto& addresses = library_->addresses();
  if (addresses.storage.contains(source)) cartridge.source_address = source;
  if (addresses.storage.contains(destination)) cartridge.source_address.reset();
  // A drive threads what is put into it by itself; a cleaning cartridge it lets go of when it is
  // done, and no time passes here.
  cartridge.loaded =
      addresses.data_transfer.contains(destination) && !is_cleaning_barcode(cartridge.barcode);
  cartridge.placed_by_operator = false;
  inventory.emplace(destination, std::move(cartridge));
}

Answer Changer::move(Inventory& inventory, std::uint16_t source, std::uint16_t destination) const {
  if (auto refusal = refuse_to_take(inventory, source)) return *refusal;
  if (source == destination) return good();
  if (inventory.contains(destination)) return destination_full();
  if (stops_in_transport_) return pick(inventory, source);
  auto taken = inventory.extract(source);
  put(inventory, std::move(taken.mapped()), source, destination);
  return good();
}

Answer Changer::exchange(Inventory& inventory, std::uint16_t source, std::uint16_t first,
                         std::uint16_t second) const {
  if (auto refusal = refuse_to_take(inventory, source)) return *refusal;
  if (auto refusal = refuse_to_take(inventory, first)) return *refusal;
  if (source == first) return invalid_field_in_cdb();
  // What is in the source makes room for what comes back.
  if (second != source && inventory.contains(second)) return destination_full();
  if (stops_in_transport_) return pick(inventory, source);
  auto coming = inventory.extract(source);
  auto going = inventory.extract(first);
  put(inventory, std::move(coming.mapped()), source, first);
  put(inventory, std::move(going.mapped()), first, second);
  return good();
}

Answer Changer::change_inventory(const std::function<Answer(Inventory&)>& change) {
  Answer answer = internal_failure();
  const bool written = library_->update_inventory([&](Inventory& inventory) {
    auto before = inventory;
    answer = change(inventory);
    if (answer.is_good()) before_last_move_ = std::move(before);
    return answer.is_good();
  });
  return written ? answer : internal_failure();
}

Answer Changer::move_medium(const Request& request) {
  const auto source = scsi::load_be16(request.cdb, 4);
  const auto destination = scsi::load_be16(request.cdb, 6);
  if (!is_transport(scsi::load_be16(request.cdb, 2)) || !has_element(source) ||
      !has_element(destination)) {
    return invalid_element_address();
  }
  if ((request.cdb[10] & 0x01) != 0) return invalid_field_in_cdb();  // INVERT: tapes have one side
  return change_inventory(
      [&](Inventory& inventory) { return move(inventory, source, destination); });
}

Answer Changer::exchange_medium(const Request& request) {
  const auto source = scsi::load_be16(request.cdb, 4);
  const auto first = scsi::load_be16(request.cdb, 6);
  const auto second = scsi::load_be16(request.cdb, 8);
  if (!is_transport(scsi::load_be16(request.cdb, 2)) || !has_element(source) ||
      !has_element(first) || !has_element(second)) {
    return invalid_element_address();
  }
  if ((request.cdb[10] & 0x03) != 0) return invalid_field_in_cdb();
  return change_inventory(
      [&](Inventory& inventory) { return exchange(inventory, source, first, second); });
}

Answer Changer::position_to_element(const Request& request) {
  if (!is_transport(scsi::load_be16(request.cdb, 2)) ||
      !has_element(scsi::load_be16(request.cdb, 4))) {
    return invalid_element_address();
  }
  return (request.cdb[8] & 0x01) != 0 ? invalid_field_in_cdb() : good();
}

Answer Changer::initialize_element_status(const Request& /*request*/) {
  return library_->inventory() ? good() : internal_failure();
}

Answer Changer::initialize_element_status_with_range(const Request& request) {
  const bool has_range = (request.cdb[1] & 0x01) != 0;
  if (has_range && !has_element(scsi::load_be16(request.cdb, 2))) return invalid_element_address();
  return library_->inventory() ? good() : internal_failure();
}

Answer Changer::prevent_allow(const Request& request) {
  const auto prevent = request.cdb[4] & 0x03;
  if (prevent > 1) return invalid_field_in_cdb();
  removal_prevented_ = prevent == 1;
  return good();
}

Answer Changer::open_close_import_export(const Request& request) {
  if (!library_->addresses().import_export.contains(scsi::load_be16(request.cdb, 2))) {
    return invalid_element_address();
  }
  const auto wanted = request.cdb[4] & 0x1F;
  if (wanted > 1) return invalid_field_in_cdb();
  const bool opens = wanted == 0;
  if (opens && removal_prevented_) return check(key::illegal_request, 0x53, 0x02);
  return good();
}

}  // namespace tidemark::simulator
