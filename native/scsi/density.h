// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"

/// Data of REPORT DENSITY SUPPORT (SSC-5 7.8).
namespace tidemark::scsi {

struct DensityDescriptor {
  std::uint8_t primary = 0;
  std::uint8_t secondary = 0;
  /// WRTOK.
  bool writable = false;
  /// DUP: another descriptor has the same primary code.
  bool duplicate = false;
  /// DEFLT.
  bool is_default = false;
  /// 24 bits.
  std::uint32_t bits_per_mm = 0;
  /// In units of 0.1 mm.
  std::uint16_t width = 0;
  std::uint16_t tracks = 0;
  /// Megabytes (10^6).
  std::uint32_t capacity_mb = 0;
  std::string organization;
  std::string name;
  std::string description;

  bool operator==(const DensityDescriptor&) const = default;
};
/// MEDIUM TYPE = 0. Walked by the descriptor length where DLV says that it is valid.
[[nodiscard]] std::optional<std::vector<DensityDescriptor>> decode_densities(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_densities(
    std::span<const DensityDescriptor> densities);

struct MediumTypeDescriptor {
  std::uint8_t medium_type = 0;
  /// Primary density codes, nine at most.
  std::vector<std::uint8_t> densities;
  /// In units of 0.1 mm.
  std::uint16_t width = 0;
  /// Metres.
  std::uint16_t length_m = 0;
  std::string organization;
  std::string name;
  std::string description;

  bool operator==(const MediumTypeDescriptor&) const = default;
};
/// MEDIUM TYPE = 1.
[[nodiscard]] std::optional<std::vector<MediumTypeDescriptor>> decode_medium_types(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_medium_types(
    std::span<const MediumTypeDescriptor> types);

}  // namespace tidemark::scsi
