// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"
#include "scsi/changer_mode_page.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "simulator/changer.h"

/// Mode and log pages of the changer.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;
namespace code = scsi::mode_page;

scsi::ChangerCapabilities capabilities() {
  static constexpr scsi::ElementTypeSet everywhere{true, true, true, true};
  static constexpr scsi::ElementPaths all_paths{everywhere, everywhere, everywhere, everywhere};
  return {everywhere, all_paths, all_paths};
}

}  // namespace

std::optional<std::vector<std::uint8_t>> Changer::mode_pages(const Request& request) const {
  const auto wanted = request.cdb[2] & 0x3F;
  const auto subpage = request.cdb[3];
  const auto control = static_cast<scsi::ModePageControl>(request.cdb[2] >> 6);
  if (subpage != 0 && subpage != scsi::mode_subpage::all) return std::nullopt;
  std::vector<std::uint8_t> pages;
  const auto add = [&](std::uint8_t page, std::vector<std::uint8_t> bytes) {
    if (wanted != code::all && wanted != page) return;
    // Nothing can be changed.
    if (control == scsi::ModePageControl::changeable) std::fill(bytes.begin() + 2, bytes.end(), 0);
    pages.insert(pages.end(), bytes.begin(), bytes.end());
  };
  add(code::element_address_assignment, scsi::encode_element_addresses(library_->addresses()));
  add(code::transport_geometry, scsi::encode_transport_geometry({{false, 0}}));
  add(code::changer_capabilities, scsi::encode_changer_capabilities(capabilities()));
  if (pages.empty()) return std::nullopt;
  return pages;
}

Answer Changer::mode_sense_6(const Request& request) {
  if (request.cdb[2] >> 6 == 3) return check(key::illegal_request, 0x39, 0x00);
  auto pages = mode_pages(request);
  if (!pages) return invalid_field_in_cdb();
  scsi::ModeParameters parameters;
  parameters.pages = std::move(*pages);
  return data(request, scsi::encode_mode_sense_6(parameters), request.cdb[4]);
}

Answer Changer::mode_sense_10(const Request& request) {
  if (request.cdb[2] >> 6 == 3) return check(key::illegal_request, 0x39, 0x00);
  auto pages = mode_pages(request);
  if (!pages) return invalid_field_in_cdb();
  scsi::ModeParameters parameters;
  parameters.pages = std::move(*pages);
  return data(request, scsi::encode_mode_sense_10(parameters), scsi::load_be16(request.cdb, 7));
}

Answer Changer::log_sense(const Request& request) {
  const auto page = request.cdb[2] & 0x3F;
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  if (request.cdb[3] != 0) return invalid_field_in_cdb();
  if (page == scsi::log_page::supported_pages) {
    static constexpr scsi::LogPageCode codes[] = {{scsi::log_page::supported_pages, 0},
                                                  {scsi::log_page::tape_alert, 0}};
    return data(request, scsi::encode_supported_log_pages(codes, false), allocation_length);
  }
  if (page != scsi::log_page::tape_alert) return invalid_field_in_cdb();
  // A simulated robot has nothing to complain of.
  std::vector<scsi::LogParameter> flags;
  for (std::uint16_t flag = 1; flag <= scsi::tape_alert_flags; ++flag) flags.push_back({flag, {0}});
  return data(request, scsi::encode_log_page(scsi::log_page::tape_alert, flags), allocation_length);
}

}  // namespace tidemark::simulator
