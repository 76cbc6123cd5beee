// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "addon/device_fields.h"
#include "addon/device_method.h"
#include "device/device.h"

namespace tidemark {

/// What drives and changers both understand.
template <typename Port>
void add_common_methods(DeviceMethods<Port>& methods) {
  methods.add("transferLimit", &Device::maximum_transfer_bytes)
      .add("inquiry", &Device::inquiry)
      .add("supportedVitalPages", &Device::supported_vital_pages)
      .add("identification", &Device::identification)
      .add("vitalPage", &Device::vital_page, {"page"})
      .add("testUnitReady", &Device::test_unit_ready)
      .add("requestSense", &Device::request_sense)
      .add("selfTest", &Device::self_test, {"test"})
      .add("preventRemoval", &Device::prevent_removal, {"prevent"})
      .add("logicalUnits", &Device::logical_units)
      .add("supportedOperations", &Device::supported_operations)
      .add("modeSense", &Device::mode_sense, {"wanted"})
      .add("modePages", &Device::mode_pages, {"control"})
      .add("supportedLogPages", &Device::supported_log_pages)
      .add("logPage", &Device::log_page, {"wanted"})
      .add("resetLog", &Device::reset_log, {"page", "subpage"})
      .add("attributeList", &Device::attribute_list, {"partition"})
      .add("attributes", &Device::attributes, {"partition"})
      .add("readAttribute", &Device::read_attribute, {"id"})
      .add("writeAttributes", &Device::write_attributes, {"partition", "attributes"})
      .add("reservationKeys", &Device::reservation_keys)
      .add("reservation", &Device::reservation)
      .add("reservationCapabilities", &Device::reservation_capabilities)
      .add("fullReservationStatus", &Device::full_reservation_status)
      .add("reserveOut", &Device::reserve_out, {"action", "type", "parameters"});
}

}  // namespace tidemark
