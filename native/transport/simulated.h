// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "simulator/logical_unit.h"
#include "transport/transport.h"

namespace tidemark {

/// The way to a unit of a simulated library in a folder. The library is opened with the first
/// command, and again with the next one where that failed: it may be created in between.
class SimulatedTransport : public Transport {
 public:
  /// `unit`: `changer`, or `drive-0`, `drive-1` ...; see is_unit.
  SimulatedTransport(std::string folder, std::string unit);

  [[nodiscard]] static bool is_unit(const std::string& unit);

  Result execute(const Command& command) override;

 private:
  /// False, and the reason in `result`, where the command cannot be sent.
  [[nodiscard]] bool reach_unit(const Command& command, Result& result);
  [[nodiscard]] bool open_unit(Result& result);

  std::string folder_;
  std::string unit_name_;
  std::unique_ptr<simulator::LogicalUnit> unit_;
  bool acquired_ = false;
};

}  // namespace tidemark
