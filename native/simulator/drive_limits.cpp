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
scsi::DensityDescriptor density(const Generation& generation, std::uint64_t capacity_mb) {
  scsi::DensityDescriptor descriptor;
  descriptor.primary = generation.density;
  descriptor.secondary = generation.density;
  descriptor.writable = true;
  descriptor.bits_per_mm = generation.bits_per_mm;
  descriptor.width = 127;
  descriptor.tracks = generation.tracks;
  descriptor.capacity_mb = static_cast<std::uint32_t>(capacity_mb);
  descriptor.organization = "LTO-CVE";
  descriptor.name = generation.name;
  descriptor.description = generation.description;
  return descriptor;
}

scsi::MediumTypeDescriptor medium_type(const Generation& generation, bool worm) {
  scsi::MediumTypeDescriptor descriptor;
  descriptor.medium_type = static_cast<std::uint8_t>(generation.data_medium + (worm ? 4 : 0));
  descriptor.densities = {generation.density};
  descriptor.width = 127;
  descriptor.length_m = 1035;
  descriptor.organization = "LTO-CVE";
  descriptor.name = worm ? generation.worm_name : generation.medium_name;
  descriptor.description = worm ? generation.worm_description : generation.medium_description;
  return descriptor;
}

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
  const auto& generation = *quirks_.generation;
  const bool worm = current_medium && medium_->attributes().worm;
  if (medium_types) {
    std::vector<scsi::MediumTypeDescriptor> types;
    if (!worm) types.push_back(medium_type(generation, false));
    if (worm || !current_medium) types.push_back(medium_type(generation, true));
    return data(request, scsi::encode_medium_types(types), allocation_length);
  }
  // The capacity of the cartridge that is in it, which need not be that of a real one.
  std::vector<scsi::DensityDescriptor> densities;
  if (current_medium) {
    densities.push_back(density(generation, medium_->attributes().capacity_bytes / megabyte));
  } else {
    const auto* older = older_generation(generation);
    if (older != nullptr) densities.push_back(density(*older, older->capacity_mb));
    densities.push_back(density(generation, generation.capacity_mb));
  }
  densities.back().is_default = true;
  return data(request, scsi::encode_densities(densities), allocation_length);
}

}  // namespace tidemark::simulator
