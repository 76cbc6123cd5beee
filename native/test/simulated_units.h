// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "device/medium_changer.h"
#include "device/tape_drive.h"
#include "simulator/library.h"
#include "temporary_folder.h"
#include "transport/simulated.h"

namespace tidemark::test {

/// What tests choose of a simulated library.
struct LibraryShape {
  std::uint64_t capacity_bytes = 1 << 20;
  std::uint64_t early_warning_bytes = 1 << 18;
  std::string profile = "lto-9";
  std::vector<std::string> barcodes{"LTO001L9", "LTO002L9", "LTO003L9"};
  std::vector<std::string> worm_barcodes{};
};

/// A simulated library with two drives and three cartridges, and ways to open its units.
class SimulatedUnits {
 public:
  static constexpr std::uint16_t drive_0 = simulator::first_drive_address;
  static constexpr std::uint16_t drive_1 = simulator::first_drive_address + 1;
  static constexpr std::uint16_t slot_0 = simulator::first_storage_address;

  explicit SimulatedUnits(const LibraryShape& shape = {}) {
    simulator::LibraryOptions options;
    options.drives = 2;
    options.storage_elements = 5;
    options.import_export_elements = 1;
    options.barcodes = shape.barcodes;
    options.worm_barcodes = shape.worm_barcodes;
    options.capacity_bytes = shape.capacity_bytes;
    options.early_warning_bytes = shape.early_warning_bytes;
    options.buffer_bytes = 1 << 16;
    options.profile = shape.profile;
    REQUIRE_FALSE(simulator::Library::create(folder(), options));
  }

  [[nodiscard]] std::string folder() const { return temporary_.path() + "/library"; }

  /// As it is right after it was opened: with its unit attentions.
  [[nodiscard]] std::unique_ptr<TapeDrive> open_drive(const std::string& unit = "drive-0") const {
    return std::make_unique<TapeDrive>(std::make_unique<SimulatedTransport>(folder(), unit), unit);
  }
  [[nodiscard]] std::unique_ptr<MediumChanger> open_changer() const {
    return std::make_unique<MediumChanger>(
        std::make_unique<SimulatedTransport>(folder(), "changer"), "changer");
  }
  /// Past the power-on unit attention.
  [[nodiscard]] std::unique_ptr<MediumChanger> changer() const {
    auto changer = open_changer();
    REQUIRE_FALSE(succeeded(changer->test_unit_ready()));
    REQUIRE(succeeded(changer->test_unit_ready()));
    return changer;
  }
  /// With a cartridge, ready.
  [[nodiscard]] std::unique_ptr<TapeDrive> loaded_drive(std::uint16_t slot = slot_0) const {
    REQUIRE(succeeded(changer()->move_medium({.source = slot, .destination = drive_0})));
    return ready_drive();
  }
  [[nodiscard]] std::unique_ptr<TapeDrive> ready_drive() const {
    auto drive = open_drive();
    REQUIRE_FALSE(succeeded(drive->test_unit_ready()));
    REQUIRE(succeeded(drive->test_unit_ready()));
    return drive;
  }

 private:
  TemporaryFolder temporary_;
};

/// `key/asc/ascq` of a result, as messages have it.
inline std::string sense_of(const Result& result) {
  const auto sense = result.decoded_sense();
  if (!sense) return "none";
  const auto hex = [](std::uint8_t byte) {
    const char* digits = "0123456789ABCDEF";
    return std::string{digits[byte >> 4], digits[byte & 15]};
  };
  return hex(sense->key).substr(1) + "/" + hex(sense->asc) + "/" + hex(sense->ascq);
}

}  // namespace tidemark::test
