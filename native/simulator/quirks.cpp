// SPDX-License-Identifier: Apache-2.0
#include "simulator/quirks.h"

#include <array>

#include "scsi/cdb.h"
#include "scsi/mode.h"

namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;

constexpr std::uint8_t send_diagnostic = 0x1D;
constexpr std::uint8_t mode_sense_10 = 0x5A;
constexpr std::uint8_t report_luns = 0xA0;
constexpr std::uint8_t maintenance_in = 0xA3;

/// What the tape device of Linux's tgt 1.0.85 knows; it has no LOCATE, LOG SENSE, READ ATTRIBUTE,
/// ERASE, MODE SELECT(10), and no reservations.
constexpr std::array tgt_commands{operation::test_unit_ready,
                                  operation::rewind,
                                  operation::request_sense,
                                  operation::read_block_limits,
                                  operation::read_6,
                                  operation::write_6,
                                  operation::write_filemarks_6,
                                  operation::space_6,
                                  operation::inquiry,
                                  operation::mode_select_6,
                                  operation::mode_sense_6,
                                  operation::load_unload,
                                  send_diagnostic,
                                  operation::prevent_allow_medium_removal,
                                  operation::read_position,
                                  mode_sense_10,
                                  report_luns,
                                  maintenance_in};

constexpr std::array tgt_mode_pages{scsi::mode_page::data_compression,
                                    scsi::mode_page::device_configuration,
                                    scsi::mode_page::medium_configuration};

Quirks tgt() {
  Quirks quirks;
  quirks.profile = "tgt";
  quirks.known_commands = tgt_commands;
  quirks.known_mode_pages = tgt_mode_pages;
  quirks.position = Quirks::Position::none;
  quirks.ignores_sili = true;
  quirks.delivers_the_difference = true;
  quirks.nameless_end_of_data = true;
  quirks.one_fixed_length = true;
  quirks.early_warning_ascq = 0x00;
  quirks.endless_tape = true;
  quirks.writes_through = true;
  quirks.careless_space = true;
  quirks.start_stop_unit = true;
  return quirks;
}

Quirks zeros() {
  Quirks quirks;
  quirks.profile = "zeros";
  quirks.position = Quirks::Position::all_zero;
  quirks.zero_values = true;
  return quirks;
}

Quirks descriptor_sense() {
  Quirks quirks;
  quirks.profile = "descriptor-sense";
  quirks.descriptor_sense = true;
  return quirks;
}

/// What can be added to a profile.
struct Addition {
  std::string_view name;
  void (*add)(Quirks&);
};
constexpr Addition additions[] = {
    {"nameless-early-warning", [](Quirks& quirks) { quirks.early_warning_ascq = 0x00; }},
    {"recovered-early-warning", [](Quirks& quirks) { quirks.recovered_early_warning = true; }},
    {"buffer-survives-end", [](Quirks& quirks) { quirks.buffer_survives_end = true; }},
    {"file-off-by-one", [](Quirks& quirks) { quirks.file_off_by_one = true; }},
    {"empty-buffer", [](Quirks& quirks) { quirks.empty_buffer = true; }},
    {"descriptor-sense", [](Quirks& quirks) { quirks.descriptor_sense = true; }},
    {"no-protection", [](Quirks& quirks) { quirks.no_protection = true; }},
    {"no-configuration-extension",
     [](Quirks& quirks) { quirks.no_configuration_extension = true; }},
    {"compression", [](Quirks& quirks) { quirks.compresses = true; }},
    {"timed",
     [](Quirks& quirks) {
       quirks.speed = TapeSpeed{.slowest_mb_s = quirks.generation->slowest_mb_s,
                                .fastest_mb_s = quirks.generation->fastest_mb_s};
     }},
};

std::optional<Quirks> find_profile(std::string_view name) {
  for (const auto& quirks : {tgt(), zeros(), descriptor_sense()}) {
    if (quirks.profile == name) return quirks;
  }
  const auto* generation = find_generation(name);
  if (generation == nullptr) return std::nullopt;
  Quirks quirks;
  quirks.profile = generation->profile;
  quirks.generation = generation;
  return quirks;
}

bool add(Quirks& quirks, std::string_view name) {
  for (const auto& each : additions) {
    if (each.name != name) continue;
    each.add(quirks);
    return true;
  }
  return false;
}

}  // namespace

std::optional<Quirks> find_quirks(std::string_view profile) {
  auto plus = profile.find('+');
  auto quirks = find_profile(profile.substr(0, plus));
  while (quirks && plus != std::string_view::npos) {
    profile.remove_prefix(plus + 1);
    plus = profile.find('+');
    if (!add(*quirks, profile.substr(0, plus))) return std::nullopt;
  }
  return quirks;
}

}  // namespace tidemark::simulator
