// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tidemark {

/// A character device as sysfs knows it.
struct DeviceNode {
  /// `/dev/sg3`; empty where `path` leads to no SCSI device.
  std::string generic;
  /// The same device's non-rewinding tape node, `/dev/nst0`; empty where it is no tape drive, or
  /// the st driver is not there.
  std::string tape;
  int error_number = 0;
  /// Why `generic` is empty.
  std::string detail;
};

/// Finds the nodes of the device that `path` leads to, through `sysfs` (/sys, but for tests) by its
/// major and minor number: links such as /dev/tape/by-id/... need no special treatment. `devices`
/// is /dev, but for tests.
[[nodiscard]] DeviceNode find_device_node(const std::string& path,
                                          const std::string& sysfs = "/sys",
                                          const std::string& devices = "/dev");

/// Why the node cannot be opened, and what would help: the group that owns it, where there is one.
[[nodiscard]] std::string permission_advice(const std::string& node);

}  // namespace tidemark
