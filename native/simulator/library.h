// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scsi/mode.h"
#include "simulator/inventory.h"
#include "simulator/medium.h"
#include "simulator/quirks.h"

namespace tidemark::simulator {

/// How cartridges come into the drive.
struct Feed {
  /// The drive takes them from the storage elements in order, by itself: there is no changer.
  bool sequential = false;
  /// Behind the last element comes the first.
  bool wraps = false;
};

struct LibraryOptions {
  std::uint16_t drives = 1;
  std::uint16_t storage_elements = 0;
  std::uint16_t import_export_elements = 0;
  /// One per storage element from the first on.
  std::vector<std::string> barcodes;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t early_warning_bytes = 0;
  std::uint64_t buffer_bytes = 0;
  /// Name of the drives' quirks, see Quirks.
  std::string profile = "lto-9";
  /// Those of the barcodes whose cartridges are WORM.
  std::vector<std::string> worm_barcodes;
  /// Cartridges that are nowhere in the library: a person will put them in.
  std::vector<std::string> shelf_barcodes;
  /// Of those cartridges that have another one than `capacity_bytes`.
  std::map<std::string, std::uint64_t> capacities;
  Feed feed;
  /// Six hexadecimal digits in all serial numbers; drawn where it is empty.
  std::string id;
};

/// Element addresses that every simulated library has; they leave room for the maximal counts.
inline constexpr std::uint16_t transport_address = 1;
inline constexpr std::uint16_t first_drive_address = 256;
inline constexpr std::uint16_t first_import_export_address = 768;
inline constexpr std::uint16_t first_storage_address = 4096;
inline constexpr std::uint16_t maximum_drives = first_import_export_address - first_drive_address;
inline constexpr std::uint16_t maximum_import_export_elements =
    first_storage_address - first_import_export_address;
inline constexpr std::uint16_t maximum_storage_elements = 0xFFFF - first_storage_address;

/// A barcode names files and is a word of the inventory: 1 to 32 letters, digits, `-` and `_`.
[[nodiscard]] bool is_barcode(const std::string& text);

struct LibraryError {
  int error_number = 0;
  /// A sentence.
  std::string message;
};

/// A tape library that lives in a folder and outlives the processes that use it:
///
///   library        what it consists of
///   inventory      which cartridge is where; replaced as a whole
///   changer.lock   held while the inventory is changed
///   drive-N.lock   held as long as a process uses drive N
///   drive-N.reservations  its persistent reservations, once there were some
///   drive-N.failed the fault plan under which it failed for good
///   faults.json    faults that are to happen, see FaultPlan
///   media/         the cartridges, see Medium
class Library {
 public:
  /// Makes the folder and everything in it. Nothing is overwritten.
  [[nodiscard]] static std::optional<LibraryError> create(const std::string& folder,
                                                          const LibraryOptions& options);
  /// Null, and `error`, where the folder holds no library.
  [[nodiscard]] static std::shared_ptr<const Library> open(const std::string& folder,
                                                           LibraryError& error);

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const scsi::ElementAddresses& addresses() const { return addresses_; }
  [[nodiscard]] std::uint64_t buffer_bytes() const { return buffer_bytes_; }
  [[nodiscard]] const Feed& feed() const { return feed_; }
  /// Of all its drives.
  [[nodiscard]] const Quirks& quirks() const { return quirks_; }
  [[nodiscard]] std::string drive_serial_number(std::uint16_t drive) const;
  [[nodiscard]] std::string changer_serial_number() const;
  [[nodiscard]] std::string drive_lock_path(std::uint16_t drive) const;
  /// Persistent reservations that outlive the power.
  [[nodiscard]] std::string reservations_path(std::uint16_t drive) const;
  /// What a drive failed under for good, see Drive::fail_hardware.
  [[nodiscard]] std::string failure_path(std::uint16_t drive) const;
  /// An NAA 3h name, locally assigned: unit 0 is the changer, the drives follow.
  [[nodiscard]] std::uint64_t world_wide_name(std::uint32_t unit) const;

  /// As it stands; needs no lock.
  [[nodiscard]] std::optional<Inventory> inventory() const;

  /// Changes the inventory under the changer's lock, which is held for the moment of the change
  /// only. Nothing is written where `change` returns false. False where the inventory cannot be
  /// read or written.
  [[nodiscard]] bool update_inventory(const std::function<bool(Inventory&)>& change) const;

  [[nodiscard]] std::unique_ptr<Medium> open_medium(const std::string& barcode) const;

 private:
  std::string folder_;
  /// Six hexadecimal digits, part of all serial numbers.
  std::string id_;
  std::uint64_t buffer_bytes_ = 0;
  scsi::ElementAddresses addresses_;
  Quirks quirks_;
  Feed feed_;
};

}  // namespace tidemark::simulator
