// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "scripted_unit.h"
#include "scsi/attribute.h"
#include "simulated_units.h"

using namespace tidemark;
using tidemark::test::ScriptedUnit;
using tidemark::test::TemporaryFolder;

namespace {

constexpr auto unload = [] { return scsi::load_unload({}); };
constexpr auto load = [] { return scsi::load_unload({.load = true}); };

simulator::LibraryOptions three_of_four(bool wraps) {
  simulator::LibraryOptions options;
  options.storage_elements = 4;
  options.barcodes = {"LTO001L9", "LTO002L9", "LTO003L9"};
  options.capacity_bytes = 1 << 20;
  options.early_warning_bytes = 1 << 18;
  options.buffer_bytes = 1 << 16;
  options.feed = {true, wraps};
  return options;
}

/// An autoloader that has three cartridges in four storage elements.
class Autoloader {
 public:
  explicit Autoloader(const simulator::LibraryOptions& options) {
    REQUIRE_FALSE(simulator::Library::create(folder.path(), options));
    drive = std::make_unique<ScriptedUnit>(folder.path(), "drive-0");
    CHECK(ready() == "6/29/00");
  }
  std::string ready() { return drive->run(scsi::test_unit_ready()); }
  [[nodiscard]] simulator::Inventory inventory() const { return *library()->inventory(); }
  [[nodiscard]] std::shared_ptr<const simulator::Library> library() const {
    simulator::LibraryError error;
    return simulator::Library::open(folder.path(), error);
  }
  /// What is in the drive.
  [[nodiscard]] std::string barcode() const {
    const auto all = inventory();
    const auto found = all.find(simulator::first_drive_address);
    return found == all.end() ? "" : found->second.barcode;
  }

  TemporaryFolder folder;
  std::unique_ptr<ScriptedUnit> drive;
};

}  // namespace

TEST_CASE("C12: after UNLOAD the next cartridge comes by itself, until there is none") {
  Autoloader autoloader(three_of_four(false));
  auto& drive = *autoloader.drive;
  CHECK(autoloader.barcode() == "LTO001L9");
  CHECK(drive.run(scsi::write_6(4), {1, 2, 3, 4}) == "good");
  CHECK(drive.run(unload()) == "good");
  CHECK(autoloader.barcode() == "LTO002L9");
  CHECK(autoloader.inventory().at(simulator::first_storage_address).barcode == "LTO001L9");
  CHECK(autoloader.ready() == "6/28/00");
  CHECK(autoloader.ready() == "good");
  CHECK(drive.run(scsi::read_6(4), {}, 4) == "8/00/05");
  CHECK(drive.run(unload()) == "good");
  CHECK(autoloader.ready() == "6/28/00");
  CHECK(autoloader.barcode() == "LTO003L9");
  CHECK(drive.run(unload()) == "good");
  CHECK(autoloader.ready() == "2/3A/00");
  CHECK(autoloader.barcode() == "");
  CHECK(drive.run(unload()) == "good");
  CHECK(autoloader.ready() == "2/3A/00");
  // LOAD begins anew; what the first one had was written out before it went.
  CHECK(drive.run(load()) == "good");
  CHECK(autoloader.barcode() == "LTO001L9");
  CHECK(autoloader.ready() == "6/28/00");
  CHECK(drive.run(scsi::read_6(4), {}, 4) == "good");
  CHECK(drive.data() == std::vector<std::uint8_t>{1, 2, 3, 4});
}

TEST_CASE("a feed that wraps begins again behind its last element, not before it") {
  auto options = three_of_four(true);
  Autoloader with_gap(options);
  for (int i = 0; i < 3; ++i) {
    CHECK(with_gap.drive->run(unload()) == "good");
    CHECK(with_gap.ready() == (i < 2 ? "6/28/00" : "2/3A/00"));
  }
  options.storage_elements = 3;
  Autoloader full(options);
  for (const auto* barcode : {"LTO002L9", "LTO003L9", "LTO001L9", "LTO002L9"}) {
    CHECK(full.drive->run(unload()) == "good");
    CHECK(full.ready() == "6/28/00");
    CHECK(full.barcode() == barcode);
  }
}

TEST_CASE("a cartridge that may not leave stays, and the next process finds it") {
  Autoloader autoloader(three_of_four(false));
  CHECK(autoloader.drive->run(scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(autoloader.drive->run(unload()) == "5/53/02");
  CHECK(autoloader.barcode() == "LTO001L9");
  CHECK(autoloader.drive->run(scsi::prevent_allow_medium_removal(false)) == "good");
  CHECK(autoloader.drive->run(unload()) == "good");
  autoloader.drive = std::make_unique<ScriptedUnit>(autoloader.folder.path(), "drive-0");
  CHECK(autoloader.ready() == "6/29/00");
  CHECK(autoloader.ready() == "good");
  CHECK(autoloader.barcode() == "LTO002L9");
}

TEST_CASE("a cartridge without a home goes to the first free element, or stays") {
  Autoloader autoloader(three_of_four(false));
  const auto occupy = [&](std::uint16_t offset) {
    REQUIRE(autoloader.library()->update_inventory([&](simulator::Inventory& inventory) {
      auto& cartridge =
          inventory[static_cast<std::uint16_t>(simulator::first_storage_address + offset)];
      cartridge.barcode = "OTHER" + std::to_string(offset);
      return true;
    }));
  };
  occupy(0);
  CHECK(autoloader.drive->run(unload()) == "good");
  CHECK(autoloader.inventory().at(simulator::first_storage_address + 3).barcode == "LTO001L9");
  CHECK(autoloader.ready() == "2/3A/00");
  CHECK(autoloader.drive->run(load()) == "4/53/00");  // OTHER0 has no tape
  CHECK(autoloader.ready() == "6/28/00");
  occupy(0);
  CHECK(autoloader.drive->run(unload()) == "4/53/00");
}

TEST_CASE("a library that feeds itself has no changer and one drive") {
  const Autoloader autoloader(three_of_four(false));
  SimulatedTransport changer(autoloader.folder.path(), "changer");
  const auto result = changer.execute({.cdb = scsi::test_unit_ready()});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.detail == "the simulated library at " + autoloader.folder.path() +
                             " feeds its drive by itself and has no changer");
  const auto fault = [](const auto& change) {
    const TemporaryFolder folder;
    auto options = three_of_four(false);
    change(options);
    const auto error = simulator::Library::create(folder.path(), options);
    return error ? error->message : "";
  };
  CHECK(fault([](auto& options) { options.drives = 2; }) == "a sequential feed has one drive");
  CHECK(fault([](auto& options) { options.profile = "tgt"; }) ==
        "a drive of profile tgt has no UNLOAD to begin a feed with");
  CHECK(fault([](auto& options) {
          options.feed = {false, true};
        }) == "only a sequential feed can wrap");
  CHECK(fault([](auto& options) {
          options.barcodes.clear();
          options.storage_elements = 0;
        }) == "a sequential feed has storage elements to take from");
}

TEST_CASE("cartridges on the shelf, and of other capacities") {
  auto options = three_of_four(false);
  options.shelf_barcodes = {"LTO004L9"};
  options.capacities = {{"LTO004L9", 2 << 20}, {"LTO002L9", 3 << 20}};
  const Autoloader autoloader(options);
  const auto library = autoloader.library();
  CHECK(autoloader.inventory().size() == 3);
  CHECK(library->open_medium("LTO001L9")->capacity_bytes(0) == 1 << 20);
  CHECK(library->open_medium("LTO002L9")->capacity_bytes(0) == 3 << 20);
  CHECK(library->open_medium("LTO004L9")->capacity_bytes(0) == 2 << 20);
  CHECK(library->open_medium("LTO004L9")->attributes().serial_number !=
        library->open_medium("LTO003L9")->attributes().serial_number);
  const auto fault = [&](const auto& change) {
    const TemporaryFolder folder;
    auto changed = options;
    change(changed);
    const auto error = simulator::Library::create(folder.path(), changed);
    return error ? error->message : "";
  };
  CHECK(fault([](auto& changed) { changed.shelf_barcodes = {"LTO001L9"}; }) ==
        "barcode LTO001L9 is given twice");
  CHECK(fault([](auto& changed) {
          changed.capacities = {{"NONE", 1 << 20}};
        }) == "there is no cartridge NONE to have a capacity");
  CHECK(fault([](auto& changed) {
          changed.capacities = {{"LTO001L9", 1000}};
        }) == "early warning begins before the beginning of LTO001L9");
}
