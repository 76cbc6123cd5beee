// SPDX-License-Identifier: Apache-2.0
#include "transport/timeout_limit.h"

#include <algorithm>

namespace tidemark {

Result TimeoutLimitTransport::execute(const Command& command) {
  auto limited = command;
  limited.timeout_ms =
      command.timeout_ms == 0 ? limit_ms_ : std::min(command.timeout_ms, limit_ms_);
  return inner().execute(limited);
}

}  // namespace tidemark
