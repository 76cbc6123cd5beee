// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scripted_unit.h"
#include "scsi/cdb.h"
#include "scsi/log_page.h"
#include "scsi/position.h"
#include "simulated_units.h"

namespace tidemark::test {

/// A simulated library whose first drive has a cartridge, and a fault plan, which units that are
/// opened from then on follow.
class FaultyUnits {
 public:
  explicit FaultyUnits(const LibraryShape& shape = {}) : units(shape) {
    REQUIRE(succeeded(units.changer()->move_medium(
        {.source = SimulatedUnits::slot_0, .destination = SimulatedUnits::drive_0})));
  }

  /// The text between the brackets of `faults`; without one the plan is removed.
  void plan(const std::optional<std::string>& faults) const {
    const auto path = units.folder() + "/faults.json";
    std::filesystem::remove(path);
    if (faults) std::ofstream(path) << R"({"seed": 7, "faults": [)" << *faults << "]}";
  }
  /// Past its power-on unit attention: one command is behind it.
  [[nodiscard]] std::unique_ptr<ScriptedUnit> open(const std::string& unit = "drive-0") const {
    auto opened = std::make_unique<ScriptedUnit>(units.folder(), unit);
    CHECK(opened->run(scsi::test_unit_ready()) == "6/29/00");
    return opened;
  }
  [[nodiscard]] simulator::Inventory inventory() const {
    simulator::LibraryError error;
    return *simulator::Library::open(units.folder(), error)->inventory();
  }

  SimulatedUnits units;
};

inline std::string write(ScriptedUnit& drive, std::size_t length = 1000, char fill = 'x') {
  return drive.run(scsi::write_6(static_cast<std::uint32_t>(length)),
                   std::vector<std::uint8_t>(length, static_cast<std::uint8_t>(fill)));
}
inline std::string read(ScriptedUnit& drive, std::uint32_t length = 1000) {
  return drive.run(scsi::read_6(length), {}, length);
}
inline std::string synchronise(ScriptedUnit& drive) {
  return drive.run(scsi::write_filemarks_6(0, false));
}
inline scsi::PositionData position_of(ScriptedUnit& drive) {
  REQUIRE(drive.run(scsi::read_position(scsi::PositionForm::extended_form), {}, 32) == "good");
  return *scsi::decode_extended_position(drive.data());
}

/// Numbers of the TapeAlert flags that are set, which takes them away.
inline std::vector<std::uint8_t> tape_alerts(ScriptedUnit& drive) {
  REQUIRE(drive.run(scsi::log_sense(scsi::log_page::tape_alert, 0, 1024), {}, 1024) == "good");
  return scsi::set_tape_alert_flags(scsi::decode_log_page(drive.data())->parameters);
}

inline scsi::DriveStatus status_of(ScriptedUnit& drive) {
  REQUIRE(drive.run(scsi::log_sense(scsi::log_page::device_status, 0, 1024), {}, 1024) == "good");
  return *scsi::decode_drive_status(scsi::decode_log_page(drive.data())->parameters);
}

/// The signal that ended a process which has done this, or 0.
inline int signal_of_process(const std::function<void()>& work) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace tidemark::test
