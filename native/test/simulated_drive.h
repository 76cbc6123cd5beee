// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "device/tape_drive.h"
#include "simulator/library.h"
#include "temporary_folder.h"
#include "transport/simulated.h"

namespace tidemark::test {

/// A drive of a simulated library with one cartridge in it, and a look at that cartridge's medium.
class SimulatedDrive {
 public:
  explicit SimulatedDrive(std::uint64_t capacity_bytes = 64u << 20,
                          std::uint64_t early_warning_bytes = 1u << 20) {
    simulator::LibraryOptions options;
    options.drives = 1;
    options.storage_elements = 1;
    options.barcodes = {"TIDE01L9"};
    options.capacity_bytes = capacity_bytes;
    options.early_warning_bytes = early_warning_bytes;
    options.buffer_bytes = 1u << 20;
    REQUIRE_FALSE(simulator::Library::create(library(), options));
    simulator::LibraryError error;
    const auto opened = simulator::Library::open(library(), error);
    REQUIRE(opened);
    REQUIRE(opened->update_inventory([](simulator::Inventory& inventory) {
      auto moved = inventory.extract(simulator::first_storage_address);
      moved.key() = simulator::first_drive_address;
      inventory.insert(std::move(moved));
      return true;
    }));
    drive = std::make_unique<TapeDrive>(std::make_unique<SimulatedTransport>(library(), "drive-0"),
                                        "drive-0");
    collect_attentions();
    REQUIRE(succeeded(drive->load()));
    collect_attentions();
    REQUIRE(succeeded(drive->set_block_bytes(0)));
  }

  /// Bytes of all blocks on the medium, after a synchronisation.
  std::vector<std::uint8_t> medium() {
    REQUIRE(drive->write_filemarks(0, false).kind == WriteKind::written);
    std::ifstream file(library() + "/media/TIDE01L9.tape", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::unique_ptr<TapeDrive> drive;

 private:
  /// Power on before the load, medium changed behind it.
  void collect_attentions() {
    for (int i = 0; i < 3; ++i) (void)drive->test_unit_ready();
  }
  [[nodiscard]] std::string library() const { return folder_.path() + "/library"; }

  TemporaryFolder folder_;
};

}  // namespace tidemark::test
