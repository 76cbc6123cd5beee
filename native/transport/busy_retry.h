// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "transport/decorator.h"

namespace tidemark {

/// Repeats a command that the device answered with BUSY or TASK SET FULL. Those two statuses say
/// that the command was not executed (SAM-6 5.3.1), so the same CDB may be sent again; nothing else
/// is ever repeated here. After a bound the status is given to the caller.
class BusyRetryTransport : public TransportDecorator {
 public:
  using Wait = std::function<void(std::chrono::milliseconds)>;

  static constexpr std::chrono::milliseconds first_wait{100};
  static constexpr std::chrono::milliseconds longest_wait{5000};
  /// Of all waits of one command together.
  static constexpr std::chrono::milliseconds bound{30'000};

  BusyRetryTransport(std::unique_ptr<Transport> inner, Wait wait)
      : TransportDecorator(std::move(inner)), wait_(std::move(wait)) {}

  Result execute(const Command& command) override;

 private:
  Wait wait_;
};

}  // namespace tidemark
