// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "transport/decorator.h"

namespace tidemark {

/// Shortens the timeouts of all commands to a limit. For devices that cannot take as long as a tape
/// drive may, and for tests: a command that merely takes its time ends with an unknown outcome.
class TimeoutLimitTransport : public TransportDecorator {
 public:
  TimeoutLimitTransport(std::unique_ptr<Transport> inner, std::uint32_t limit_ms)
      : TransportDecorator(std::move(inner)), limit_ms_(limit_ms) {}

  Result execute(const Command& command) override;

 private:
  std::uint32_t limit_ms_;
};

}  // namespace tidemark
