// SPDX-License-Identifier: Apache-2.0
#include "transport/busy_retry.h"

#include <algorithm>

namespace tidemark {
namespace {

bool was_refused_for_now(const Result& result) {
  return result.outcome == Outcome::completed && result.host_status == 0 &&
         result.driver_status == 0 &&
         (result.scsi_status == scsi_status::busy ||
          result.scsi_status == scsi_status::task_set_full);
}

}  // namespace

Result BusyRetryTransport::execute(const Command& command) {
  auto waited = std::chrono::milliseconds::zero();
  auto next = first_wait;
  for (;;) {
    auto result = inner().execute(command);
    if (!was_refused_for_now(result) || waited + next > bound) return result;
    wait_(next);
    waited += next;
    next = std::min(next * 2, longest_wait);
  }
}

}  // namespace tidemark
