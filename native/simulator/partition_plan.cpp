// SPDX-License-Identifier: Apache-2.0
#include "simulator/partition_plan.h"

#include <algorithm>
#include <numeric>

#include "simulator/medium.h"

namespace tidemark::simulator {
namespace {

constexpr std::uint16_t all_that_is_left = 0xFFFF;

std::uint64_t power_of_ten(std::uint8_t exponent) {
  std::uint64_t value = 1;
  for (std::uint8_t i = 0; i < exponent; ++i) value *= 10;
  return value;
}

std::uint64_t unit_bytes(const scsi::MediumPartitions& page) {
  switch (page.unit) {
    case scsi::MediumPartitions::Unit::bytes:
      return 1;
    case scsi::MediumPartitions::Unit::kilobytes:
      return 1000;
    case scsi::MediumPartitions::Unit::megabytes:
      return 1'000'000;
    case scsi::MediumPartitions::Unit::by_exponent:
      break;
  }
  return power_of_ten(page.size_exponent);
}

std::vector<std::uint64_t> equal_parts(std::uint64_t capacity_bytes, std::size_t count) {
  return std::vector<std::uint64_t>(count, capacity_bytes / count);
}

}  // namespace

std::optional<std::vector<std::uint64_t>> plan_partitions(const scsi::MediumPartitions& page,
                                                          std::uint64_t capacity_bytes) {
  const std::size_t count = page.additional + std::size_t{1};
  if (count > maximum_partitions) return std::nullopt;
  // Where the drive chooses, all are alike.
  if (!page.initiator_defined) return equal_parts(capacity_bytes, count);
  if (page.sizes.size() < count) return std::nullopt;
  std::vector<std::uint64_t> sizes;
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_rest = page.sizes[i] == all_that_is_left;
    sizes.push_back(is_rest ? 0 : page.sizes[i] * unit_bytes(page));
    if (!is_rest && sizes.back() == 0) return std::nullopt;
    given += sizes.back();
  }
  const auto rests =
      std::count(page.sizes.begin(), page.sizes.begin() + static_cast<std::ptrdiff_t>(count),
                 all_that_is_left);
  const bool fits = given <= capacity_bytes && rests <= 1 && (rests == 0 || given < capacity_bytes);
  if (!fits) return std::nullopt;
  for (auto& size : sizes) {
    if (size == 0) size = capacity_bytes - given;
  }
  return sizes;
}

scsi::MediumPartitions describe_partitions(const std::vector<std::uint64_t>& partition_bytes) {
  scsi::MediumPartitions page;
  page.maximum_additional = maximum_partitions - 1;
  page.additional = static_cast<std::uint8_t>(partition_bytes.size() - 1);
  page.initiator_defined = true;
  page.on_format_medium = true;
  page.format_recognition = 3;  // format and partitions
  page.unit = scsi::MediumPartitions::Unit::by_exponent;
  // The largest partition must fit 16 bits, and the all ones mean something else.
  const auto largest = *std::max_element(partition_bytes.begin(), partition_bytes.end());
  page.size_exponent = 3;
  while (largest / power_of_ten(page.size_exponent) >= all_that_is_left) page.size_exponent += 3;
  for (const auto bytes : partition_bytes) {
    page.sizes.push_back(static_cast<std::uint16_t>(bytes / power_of_ten(page.size_exponent)));
  }
  return page;
}

}  // namespace tidemark::simulator
