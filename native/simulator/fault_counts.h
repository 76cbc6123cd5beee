// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::simulator {

/// How often the faults of a plan have happened that outlive the unit they happened to: the file
/// `faults.happened` of a library. Another plan begins with nothing.
class FaultCounts {
 public:
  FaultCounts() = default;
  FaultCounts(const std::string& folder, std::string_view plan_text);

  /// Nothing has happened in this library.
  static void forget(const std::string& folder);

  /// `fault`: its place in the plan.
  [[nodiscard]] std::uint64_t of(std::string_view unit, std::uint64_t fault) const;
  void add(std::string_view unit, std::uint64_t fault) const;

 private:
  std::string path_;
  std::string plan_;
};

}  // namespace tidemark::simulator
