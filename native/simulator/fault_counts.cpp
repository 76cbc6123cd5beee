// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_counts.h"

#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "simulator/text_file.h"
#include "stream/xxh3.h"
#include "transport/process_lock.h"

namespace tidemark::simulator {
namespace {

std::string path_in(const std::string& folder) { return folder + "/faults.happened"; }

std::string name_of(std::string_view unit, std::uint64_t fault) {
  return std::string(unit) + "-" + std::to_string(fault);
}

}  // namespace

void FaultCounts::forget(const std::string& folder) { ::unlink(path_in(folder).c_str()); }

FaultCounts::FaultCounts(const std::string& folder, std::string_view plan_text)
    : path_(path_in(folder)),
      plan_(std::to_string(
          xxh3_64({reinterpret_cast<const std::uint8_t*>(plan_text.data()), plan_text.size()}))) {}

std::uint64_t FaultCounts::of(std::string_view unit, std::uint64_t fault) const {
  const auto pairs = parse_pairs(read_text_file(path_).value_or(""));
  if (find_text(pairs, "plan") != plan_) return 0;
  return find_number(pairs, name_of(unit, fault)).value_or(0);
}

void FaultCounts::add(std::string_view unit, std::uint64_t fault) const {
  // Units of several processes count in one file.
  const auto attempt = ProcessLock::acquire(path_ + ".lock");
  auto pairs = parse_pairs(read_text_file(path_).value_or(""));
  if (find_text(pairs, "plan") != plan_) pairs = {{"plan", plan_}};
  const auto name = name_of(unit, fault);
  const auto count = find_number(pairs, name).value_or(0) + 1;
  std::erase_if(pairs, [&](const auto& pair) { return pair.first == name; });
  pairs.emplace_back(name, std::to_string(count));
  std::string text;
  for (const auto& [key, value] : pairs) text += key + " " + value + "\n";
  [[maybe_unused]] const int written = replace_text_file(path_, text, Survives::process_end);
}

}  // namespace tidemark::simulator
