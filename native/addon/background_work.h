// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

namespace tidemark {

/// Work that takes long and belongs to no device: each piece has a thread of its own. Before the
/// environment ends it is waited for, because it still needs the environment's channel at its end.
class BackgroundWork {
 public:
  BackgroundWork();

  void run(std::function<void()> work);
  /// Returns when all that was begun has ended. Whoever calls it has seen to it that it ends.
  void wait();

 private:
  struct Running;
  std::shared_ptr<Running> running_;
};

}  // namespace tidemark
