// SPDX-License-Identifier: Apache-2.0
#include "stream/thread_descriptors.h"

#include <algorithm>

#include <sched.h>
#include <unistd.h>

#include <linux/close_range.h>

namespace tidemark {
namespace {

constexpr int first_after_standard_streams = 3;
/// How many files are left open until they are closed with one call.
constexpr int most_pending = 32;

}  // namespace

void ThreadDescriptors::separate() {
  // Of the process's descriptors nothing may stay open here: a tape drive or a lock would outlive
  // its owner.
  own_table_ = close_range(first_after_standard_streams, ~0u, CLOSE_RANGE_UNSHARE) == 0;
  own_working_directory_ = unshare(CLONE_FS) == 0;
}

void ThreadDescriptors::begin_directory(int directory) {
  floor_ = std::max(directory + 1, first_after_standard_streams);
}

void ThreadDescriptors::close_later(int descriptor) {
  if (!own_table_ || descriptor < floor_) {
    close(descriptor);
    return;
  }
  if (++pending_ >= most_pending) close_pending();
}

void ThreadDescriptors::close_pending() {
  if (pending_ == 0) return;
  close_range(static_cast<unsigned>(floor_), ~0u, 0);
  pending_ = 0;
}

}  // namespace tidemark
