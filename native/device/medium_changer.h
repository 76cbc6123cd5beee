// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "device/device.h"
#include "scsi/element_status.h"
#include "scsi/mode.h"

namespace tidemark {

using Elements = std::vector<scsi::Element>;

/// A medium changer. Not thread-safe; it lives on a DeviceThread.
class MediumChanger : public Device {
 public:
  using Device::Device;

  Result initialize_element_status();

  /// All elements, with what practice forces: one type a command, at most 1000 elements an answer,
  /// volume tags and device identifiers never in the same command.
  Response<Elements> elements();

  /// Never repeat one of unknown outcome: read the status of source, destination and transport
  /// first.
  Result move_medium(std::uint16_t source, std::uint16_t destination);

 private:
  Response<scsi::ElementAddresses> element_addresses();
  Response<Elements> read_elements(scsi::ElementType type, const scsi::ElementRange& range,
                                   bool device_identifiers);
  /// Adds drive serial numbers to the data transfer elements among these.
  Result add_drive_serial_numbers(const scsi::ElementRange& drives,
                                  std::vector<scsi::Element>& elements);
};

}  // namespace tidemark
