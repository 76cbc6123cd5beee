// SPDX-License-Identifier: Apache-2.0
#include "simulator/library.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>

#include "simulator/text_file.h"
#include "temporary_folder.h"

using namespace tidemark;
using namespace tidemark::simulator;

namespace {

LibraryOptions options() {
  LibraryOptions made;
  made.drives = 2;
  made.storage_elements = 3;
  made.barcodes = {"A1", "B2"};
  made.capacity_bytes = 1000;
  made.early_warning_bytes = 100;
  made.buffer_bytes = 64;
  return made;
}

}  // namespace

TEST_CASE("a library is made once") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(Library::create(folder.path() + "/deep/library", options()));
  const auto again = Library::create(folder.path() + "/deep/library", options());
  REQUIRE(again);
  CHECK(again->error_number == EEXIST);
}

TEST_CASE("serial numbers differ between libraries and within them") {
  const test::TemporaryFolder folder;
  LibraryError error;
  REQUIRE_FALSE(Library::create(folder.path() + "/one", options()));
  REQUIRE_FALSE(Library::create(folder.path() + "/two", options()));
  const auto one = Library::open(folder.path() + "/one", error);
  const auto two = Library::open(folder.path() + "/two", error);
  CHECK(one->drive_serial_number(0) != two->drive_serial_number(0));
  CHECK(one->drive_serial_number(0) != one->drive_serial_number(1));
  CHECK(one->open_medium("A1")->attributes().serial_number !=
        one->open_medium("B2")->attributes().serial_number);
  CHECK(one->open_medium("A1")->attributes().capacity_bytes == 1000);
}

TEST_CASE("options that make no library are told in a sentence, and nothing is made") {
  const test::TemporaryFolder folder;
  const auto fault = [&](auto change) {
    auto changed = options();
    change(changed);
    const auto error = Library::create(folder.path() + "/library", changed);
    REQUIRE(error);
    CHECK(error->error_number == EINVAL);
    return error->message;
  };
  CHECK(fault([](auto& each) { each.drives = 0; }) == "a simulated library has 1 to 512 drives");
  CHECK(fault([](auto& each) { each.barcodes = {"A1", "A1"}; }) == "barcode A1 is given twice");
  CHECK(fault([](auto& each) { each.barcodes = {"../x"}; }) ==
        "\"../x\" is no barcode: 1 to 32 letters, digits, - and _");
  CHECK(fault([](auto& each) { each.storage_elements = 1; }) ==
        "there are more barcodes than storage elements");
  CHECK(fault([](auto& each) { each.early_warning_bytes = 1001; }) ==
        "early warning begins before the beginning of the tape");
  LibraryError error;
  CHECK_FALSE(Library::open(folder.path() + "/library", error));
  CHECK(error.error_number == ENOENT);
}

TEST_CASE("the inventory keeps everything that it is told") {
  Inventory inventory;
  inventory[256] = {"LTO001L9", 4096, true, true, false, {}};
  inventory[4097] = {"LTO002L9", std::nullopt, false, false, false, {}};
  inventory[768] = {"LTO003L9", std::nullopt, false, false, true, 0x8310};
  const auto text = to_text(inventory);
  CHECK(text ==
        "256 LTO001L9 source=4096 loaded prevented\n"
        "768 LTO003L9 operator exception=33552\n4097 LTO002L9\n");
  CHECK(parse_inventory(text) == inventory);
  CHECK_FALSE(parse_inventory("256\n"));
  CHECK_FALSE(parse_inventory("x LTO001L9\n"));
  CHECK_FALSE(parse_inventory("256 LTO001L9 surprise\n"));
  CHECK_FALSE(parse_inventory("70000 LTO001L9\n"));
  CHECK_FALSE(parse_inventory("256 LTO001L9 exception=x\n"));
}

TEST_CASE("a change that is called off writes nothing") {
  const test::TemporaryFolder folder;
  LibraryError error;
  REQUIRE_FALSE(Library::create(folder.path(), options()));
  const auto library = Library::open(folder.path(), error);
  CHECK(library->update_inventory([](Inventory& inventory) {
    inventory.clear();
    return false;
  }));
  CHECK(library->inventory()->size() == 2);
}

TEST_CASE("a folder that holds something else is no library") {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() + "/library") << "something else\n";
  LibraryError error;
  CHECK_FALSE(Library::open(folder.path(), error));
  CHECK(error.error_number == EINVAL);
}
