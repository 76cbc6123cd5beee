// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scsi/tape_mode_page.h"

namespace tidemark::simulator {

/// What MODE SELECT sets. A drive that is switched on has the defaults.
struct DriveSettings {
  bool buffered = true;
  /// 0: variable.
  std::uint32_t block_bytes = 0;
  bool compress = true;
  /// Page 10h/01h.
  bool append_only = false;
  std::uint16_t programmable_early_warning_mb = 0;
  /// Page 0Ah/F0h.
  scsi::ControlDataProtection protection;
  /// Page 11h: how FORMAT MEDIUM is to divide the tape.
  scsi::MediumPartitions partitions;

  bool operator==(const DriveSettings&) const = default;

  /// Bytes that stand behind each block on WRITE, and on READ.
  [[nodiscard]] std::uint32_t protection_bytes_on_write() const {
    return protects() && protection.on_write ? protection.information_bytes : 0;
  }
  [[nodiscard]] std::uint32_t protection_bytes_on_read() const {
    return protects() && protection.on_read ? protection.information_bytes : 0;
  }

 private:
  [[nodiscard]] bool protects() const {
    return protection.method != scsi::ControlDataProtection::Method::none;
  }
};

}  // namespace tidemark::simulator
