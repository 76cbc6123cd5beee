// SPDX-License-Identifier: Apache-2.0
#include "simulator/library.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "simulator/text_file.h"
#include "transport/process_lock.h"

namespace tidemark::simulator {
namespace {

constexpr const char* format_line = "tidemark-simulated-library 1";

std::string library_path(const std::string& folder) { return folder + "/library"; }
std::string inventory_path(const std::string& folder) { return folder + "/inventory"; }
std::string lock_path(const std::string& folder) { return folder + "/changer.lock"; }
std::string media_folder(const std::string& folder) { return folder + "/media"; }

/// Decimal, or upper-case hexadecimal, with leading zeros.
std::string padded(std::uint32_t value, std::size_t width, std::uint32_t base = 10) {
  std::string text(width, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value /= base) {
    *digit = "0123456789ABCDEF"[value % base];
  }
  return text;
}

/// Serial numbers must differ between libraries: cartridges are told apart by them.
std::string random_id() {
  std::uint32_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != sizeof value) return {};
  return padded(value, 6, 16);
}

bool contains(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

LibraryError failure(int error_number, const std::string& attempt) {
  return {error_number, attempt + ": " + std::strerror(error_number)};
}

std::optional<std::string> fault_in_feed(const LibraryOptions& options) {
  if (options.feed.wraps && !options.feed.sequential) return "only a sequential feed can wrap";
  if (!options.feed.sequential) return std::nullopt;
  if (options.drives != 1) return "a sequential feed has one drive";
  if (options.storage_elements == 0) return "a sequential feed has storage elements to take from";
  if (find_quirks(options.profile)->start_stop_unit) {
    return "a drive of profile " + options.profile + " has no UNLOAD to begin a feed with";
  }
  return std::nullopt;
}

std::optional<std::string> fault_in_barcodes(const LibraryOptions& options) {
  std::set<std::string> seen;
  for (const auto* barcodes : {&options.barcodes, &options.shelf_barcodes}) {
    for (const auto& barcode : *barcodes) {
      if (!is_barcode(barcode)) {
        return "\"" + barcode + "\" is no barcode: 1 to 32 letters, digits, - and _";
      }
      if (!seen.insert(barcode).second) return "barcode " + barcode + " is given twice";
    }
  }
  for (const auto& barcode : options.worm_barcodes) {
    if (!seen.contains(barcode)) return "there is no cartridge " + barcode + " to be WORM";
  }
  for (const auto& [barcode, bytes] : options.capacities) {
    if (!seen.contains(barcode)) return "there is no cartridge " + barcode + " to have a capacity";
    if (options.early_warning_bytes > bytes) {
      return "early warning begins before the beginning of " + barcode;
    }
  }
  return std::nullopt;
}

bool is_id(const std::string& text) {
  return text.size() == 6 && text.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}

std::optional<std::string> fault_in(const LibraryOptions& options) {
  if (!options.id.empty() && !is_id(options.id)) {
    return "the id of a simulated library is six hexadecimal digits, in capitals";
  }
  if (options.drives < 1 || options.drives > maximum_drives) {
    return "a simulated library has 1 to " + std::to_string(maximum_drives) + " drives";
  }
  if (options.storage_elements > maximum_storage_elements) {
    return "a simulated library has at most " + std::to_string(maximum_storage_elements) +
           " storage elements";
  }
  if (options.import_export_elements > maximum_import_export_elements) {
    return "a simulated library has at most " + std::to_string(maximum_import_export_elements) +
           " import/export elements";
  }
  if (options.barcodes.size() > options.storage_elements) {
    return "there are more barcodes than storage elements";
  }
  if (options.early_warning_bytes > options.capacity_bytes) {
    return "early warning begins before the beginning of the tape";
  }
  if (!find_quirks(options.profile)) {
    return "\"" + options.profile +
           "\" is no profile of a simulated drive: " + std::string(profile_names);
  }
  if (auto fault = fault_in_feed(options)) return fault;
  return fault_in_barcodes(options);
}

/// Cartridges in the order of their serial numbers: those in the library, and those on the shelf.
std::optional<LibraryError> make_cartridges(const std::string& folder, const std::string& id,
                                            const LibraryOptions& options) {
  std::uint32_t index = 0;
  for (const auto* barcodes : {&options.barcodes, &options.shelf_barcodes}) {
    for (const auto& barcode : *barcodes) {
      const auto own = options.capacities.find(barcode);
      const MediumAttributes attributes{
          "TM" + id + padded(index, 6),
          own == options.capacities.end() ? options.capacity_bytes : own->second,
          options.early_warning_bytes,
          false,
          contains(options.worm_barcodes, barcode),
          {}};
      if (const int number = Medium::create(media_folder(folder), barcode, attributes)) {
        return failure(number, "cannot make cartridge " + barcode + " in " + folder);
      }
      ++index;
    }
  }
  return std::nullopt;
}

/// As a person has filled it. A drive that feeds itself has taken the first cartridge already.
Inventory first_inventory(const LibraryOptions& options) {
  Inventory inventory;
  auto address = first_storage_address;
  for (const auto& barcode : options.barcodes) inventory[address++].barcode = barcode;
  if (options.feed.sequential) feed_drive(inventory, first_drive_address, first_storage_address);
  return inventory;
}

std::string library_text(const std::string& id, const LibraryOptions& options) {
  return std::string(format_line) + "\nid " + id + "\ndrives " + std::to_string(options.drives) +
         "\nstorage-elements " + std::to_string(options.storage_elements) +
         "\nimport-export-elements " + std::to_string(options.import_export_elements) +
         "\nbuffer-bytes " + std::to_string(options.buffer_bytes) + "\nprofile " + options.profile +
         (options.feed.sequential ? "\nfeed sequential" : "") +
         (options.feed.wraps ? "\nfeed-wraps yes" : "") + "\n";
}

}  // namespace

bool is_barcode(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

std::optional<LibraryError> Library::create(const std::string& folder,
                                            const LibraryOptions& options) {
  if (const auto fault = fault_in(options)) return LibraryError{EINVAL, *fault};
  std::error_code error;
  if (std::filesystem::exists(library_path(folder), error)) {
    return LibraryError{EEXIST, "there is a simulated library at " + folder + " already"};
  }
  std::filesystem::create_directories(media_folder(folder), error);
  if (error) return failure(error.value(), "cannot make " + media_folder(folder));
  const auto id = options.id.empty() ? random_id() : options.id;
  if (id.empty()) return failure(errno, "cannot draw an id");

  if (auto error_of_cartridge = make_cartridges(folder, id, options)) return error_of_cartridge;
  if (const int number =
          replace_text_file(inventory_path(folder), to_text(first_inventory(options)))) {
    return failure(number, "cannot write " + inventory_path(folder));
  }
  // Last, for it is this file that makes the folder a library.
  if (const int number = replace_text_file(library_path(folder), library_text(id, options))) {
    return failure(number, "cannot write " + library_path(folder));
  }
  return std::nullopt;
}

std::shared_ptr<const Library> Library::open(const std::string& folder, LibraryError& error) {
  const auto text = read_text_file(library_path(folder));
  if (!text) {
    error = {errno, "there is no simulated library at " + folder};
    return nullptr;
  }
  const auto pairs = parse_pairs(*text);
  const auto id = find_text(pairs, "id");
  const auto drives = find_number(pairs, "drives");
  const auto storage = find_number(pairs, "storage-elements");
  const auto import_export = find_number(pairs, "import-export-elements");
  const auto buffer = find_number(pairs, "buffer-bytes");
  // Libraries that were made before there were profiles name none.
  const auto quirks = find_quirks(find_text(pairs, "profile").value_or("lto-9"));
  const bool understood = text->starts_with(format_line) && id && drives && storage &&
                          import_export && buffer && quirks && *drives <= maximum_drives &&
                          *storage <= maximum_storage_elements &&
                          *import_export <= maximum_import_export_elements;
  if (!understood) {
    error = {EINVAL, library_path(folder) + " is not understood"};
    return nullptr;
  }
  auto library = std::make_shared<Library>();
  library->folder_ = folder;
  library->id_ = *id;
  library->buffer_bytes_ = *buffer;
  library->quirks_ = *quirks;
  library->feed_ = {find_text(pairs, "feed") == "sequential",
                    find_text(pairs, "feed-wraps") == "yes"};
  library->addresses_ = {{transport_address, 1},
                         {first_storage_address, static_cast<std::uint16_t>(*storage)},
                         {first_import_export_address, static_cast<std::uint16_t>(*import_export)},
                         {first_drive_address, static_cast<std::uint16_t>(*drives)}};
  return library;
}

std::string Library::drive_serial_number(std::uint16_t drive) const {
  return id_ + "D" + padded(drive, 3);
}

std::string Library::changer_serial_number() const { return id_ + "CHGR"; }

std::string Library::drive_lock_path(std::uint16_t drive) const {
  return folder_ + "/drive-" + std::to_string(drive) + ".lock";
}

std::string Library::reservations_path(std::uint16_t drive) const {
  return folder_ + "/drive-" + std::to_string(drive) + ".reservations";
}

std::string Library::failure_path(std::uint16_t drive) const {
  return folder_ + "/drive-" + std::to_string(drive) + ".failed";
}

std::uint64_t Library::world_wide_name(std::uint32_t unit) const {
  constexpr std::uint64_t locally_assigned = std::uint64_t{0x3} << 60;
  constexpr unsigned unit_bits = 16;
  return locally_assigned | std::strtoull(id_.c_str(), nullptr, 16) << unit_bits | unit;
}

std::optional<Inventory> Library::inventory() const {
  const auto text = read_text_file(inventory_path(folder_));
  if (!text) return std::nullopt;
  return parse_inventory(*text);
}

bool Library::update_inventory(const std::function<bool(Inventory&)>& change) const {
  const auto attempt = ProcessLock::acquire(lock_path(folder_));
  if (!attempt.lock) return false;
  auto inventory = this->inventory();
  if (!inventory) return false;
  const auto before = *inventory;
  if (!change(*inventory) || *inventory == before) return true;
  return replace_text_file(inventory_path(folder_), to_text(*inventory)) == 0;
}

std::unique_ptr<Medium> Library::open_medium(const std::string& barcode) const {
  return Medium::open(media_folder(folder_), barcode);
}

}  // namespace tidemark::simulator
