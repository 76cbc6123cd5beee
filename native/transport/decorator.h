// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "transport/transport.h"

namespace tidemark {

/// A transport that adds something to another one.
class TransportDecorator : public Transport {
 public:
  explicit TransportDecorator(std::unique_ptr<Transport> inner) : inner_(std::move(inner)) {}

  void close() override { inner_->close(); }
  [[nodiscard]] std::optional<std::uint32_t> maximum_transfer_bytes() override {
    return inner_->maximum_transfer_bytes();
  }

 protected:
  [[nodiscard]] Transport& inner() { return *inner_; }

 private:
  std::unique_ptr<Transport> inner_;
};

}  // namespace tidemark
