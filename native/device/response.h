// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "transport/transport.h"

namespace tidemark {

/// What a command came to, and what its answer held: present where the command did its work and the
/// answer could be decoded.
template <typename T>
struct Response {
  std::optional<T> value;
  Result result;
};

}  // namespace tidemark
