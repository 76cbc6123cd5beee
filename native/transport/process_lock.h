// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "transport/unique_fd.h"

namespace tidemark {

/// An advisory lock on a file (flock), which the kernel drops when the process dies. The holder's
/// process id stands in the file, for the messages of those who find it locked; the file itself is
/// never removed, as that would let two processes lock two different files of the same name.
class ProcessLock {
 public:
  struct Attempt;

  /// Gives up at once where it is held, also where this process holds it through another
  /// descriptor.
  static Attempt try_acquire(const std::string& path);
  /// Waits.
  static Attempt acquire(const std::string& path);

 private:
  static Attempt open_and_lock(const std::string& path, int operation);
  explicit ProcessLock(UniqueFd descriptor) : descriptor_(std::move(descriptor)) {}

  UniqueFd descriptor_;
};

struct ProcessLock::Attempt {
  std::optional<ProcessLock> lock;
  /// Why there is no lock; EWOULDBLOCK where somebody holds it.
  int error_number = 0;
  /// The holder, as far as it has said so; 0: not known.
  pid_t holder = 0;
};

}  // namespace tidemark
