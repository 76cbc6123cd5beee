// SPDX-License-Identifier: Apache-2.0
#include "simulator/drive_limits.h"

#include <array>

#include "scsi/block_limits.h"
#include "scsi/density.h"
#include "simulator/drive.h"

/// What the drive and its media can do: READ BLOCK LIMITS, REPORT DENSITY SUPPORT.
namespace tidemark::simulator {
namespace {

constexpr std::uint64_t megabyte = 1'000'000;
constexpr std::uint8_t lto_8_density = 0x5E;
constexpr std::uint64_t lto_8_capacity_mb = 12'000'000;
constexpr std::uint64_t lto_9_capacity_mb = 18'000'000;

scsi::DensityDescriptor density(std::uint8_t code, std::uint64_t capacity_mb) {
  const bool is_newest = code == lto_9_density;
  scsi::DensityDescriptor descriptor;
  descriptor.primary = code;
  descriptor.secondary = code;
  descriptor.writable = true;
  descriptor.is_default = is_newest;
  descriptor.bits_per_mm = is_newest ? 21'680 : 20'669;
  descriptor.width = 127;
  descriptor.tracks = is_newest ? 8960 : 6656;
  descriptor.capacity_mb = static_cast<std::uint32_t>(capacity_mb);
  descriptor.organization = "LTO-CVE";
  descriptor.name = is_newest ? "U-924" : "U-832";
  descriptor.description = is_newest ? "Ultrium 9/24T" : "Ultrium 8/32T";
  return descriptor;
}

scsi::MediumTypeDescriptor medium_type(std::uint8_t code, const char* name, bool worm) {
  scsi::MediumTypeDescriptor descriptor;
  descriptor.medium_type = static_cast<std::uint8_t>(code + (worm ? 4 : 0));
  descriptor.densities = {lto_9_density};
  descriptor.width = 127;
  descriptor.length_m = 1035;
  descriptor.organization = "LTO-CVE";
  descriptor.name = name;
  descriptor.description = worm ? "Ultrium 9 WORM" : "Ultrium 9 data";
  return descriptor;
}

constexpr std::uint8_t data_medium = 0x98;

}  // namespace

Answer Drive::read_block_limits(const Request& request) {
  const bool object_identifier = (request.cdb[1] & 0x01) != 0;
  if (object_identifier) {
    const auto bytes = scsi::encode_maximum_object_identifier(UINT64_MAX);
    return data(request, bytes, bytes.size());
  }
  const auto limits = scsi::encode_block_limits({maximum_block_bytes, 1, 0});
  return data(request, limits, limits.size());
}

Answer Drive::report_density_support(const Request& request) {
  const bool current_medium = (request.cdb[1] & 0x01) != 0;
  const bool medium_types = (request.cdb[1] & 0x02) != 0;
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  if (current_medium) {
    if (auto answer = ready(); !answer.is_good()) return answer;
  }
  const bool worm = current_medium && medium_->attributes().worm;
  if (medium_types) {
    std::vector<scsi::MediumTypeDescriptor> types;
    if (!worm) types.push_back(medium_type(data_medium, "U-9 data", false));
    if (worm || !current_medium) types.push_back(medium_type(data_medium, "U-9 WORM", true));
    return data(request, scsi::encode_medium_types(types), allocation_length);
  }
  // The capacity of the cartridge that is in it, which need not be that of a real one.
  std::vector<scsi::DensityDescriptor> densities;
  if (current_medium) {
    densities.push_back(density(lto_9_density, medium_->attributes().capacity_bytes / megabyte));
  } else {
    densities.push_back(density(lto_8_density, lto_8_capacity_mb));
    densities.push_back(density(lto_9_density, lto_9_capacity_mb));
  }
  return data(request, scsi::encode_densities(densities), allocation_length);
}

}  // namespace tidemark::simulator
