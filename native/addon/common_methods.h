// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "addon/device_fields.h"
#include "addon/device_method.h"
#include "device/device.h"

namespace tidemark {

/// What drives and changers both understand.
template <typename Port>
void add_common_methods(DeviceMethods<Port>& methods) {
  methods.add("inquiry", &Device::inquiry).add("testUnitReady", &Device::test_unit_ready);
}

}  // namespace tidemark
