// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"
#include "scsi/changer_mode_page.h"
#include "scsi/element_status.h"
#include "scsi/volume_tag.h"

namespace tidemark {

using Elements = std::vector<scsi::Element>;

/// A medium changer (SMC-3). A command that moves a cartridge and whose outcome is unknown is never
/// repeated: read the status of source, destination and transport first.
class MediumChanger : public Device {
 public:
  MediumChanger(std::unique_ptr<Transport> transport, std::string name)
      : Device(std::move(transport), std::move(name), DeviceKind::changer) {}

  Response<scsi::ElementAddresses> element_addresses();
  Response<std::vector<scsi::TransportGeometry>> transport_geometry();
  Response<scsi::ChangerCapabilities> capabilities();

  /// All elements, with what practice forces: one type a command, at most 1000 elements an answer,
  /// volume tags and device identifiers never in the same command.
  Response<Elements> elements();

  Result initialize_element_status();
  Result initialize_element_range(const scsi::ElementStatusRange& range);
  Result move_medium(const scsi::MoveMedium& move);
  Result exchange_medium(const scsi::ExchangeMedium& exchange);
  Result position_to_element(const scsi::PositionToElement& wanted);
  Result open_import_export(std::uint16_t element);
  Result close_import_export(std::uint16_t element);

  /// The elements whose volume tag matches a template with `*` and `?`.
  Response<Elements> find_volume_tag(const std::string& identifier_template);

 private:
  Response<Elements> read_elements(scsi::ElementType type, const scsi::ElementRange& range,
                                   bool device_identifiers);
  /// Adds drive serial numbers to the data transfer elements among these.
  Result add_drive_serial_numbers(const scsi::ElementRange& drives, Elements& elements);
};

}  // namespace tidemark
