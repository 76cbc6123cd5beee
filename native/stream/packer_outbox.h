// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "stream/packer_event.h"
#include "stream/turns.h"

namespace tidemark {

/// Events on their way out of a packer, in order. Readers only put them in: their threads have
/// descriptors of their own (ThreadDescriptors), so that an event loop's wake-up descriptor means
/// nothing there.
class PackerOutbox {
 public:
  using OnEvent = std::function<void(PackerEvent&&)>;

  /// `turns`: each event waits until the one before was processed.
  PackerOutbox(OnEvent on_event, Turns* turns) : on_event_(std::move(on_event)), turns_(turns) {}

  void put(PackerEvent&& event);
  bool holds_something() const;
  /// All that was put in is told before this returns. Not from a reader's thread.
  void deliver();
  /// Delivers until stopped, on a thread of its own.
  void serve();
  /// What is not told yet is thrown away.
  void stop();

 private:
  const OnEvent on_event_;
  Turns* const turns_;
  /// Held while events are told; taken before the other one.
  std::mutex delivery_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PackerEvent> events_;
  bool stopped_ = false;
};

}  // namespace tidemark
