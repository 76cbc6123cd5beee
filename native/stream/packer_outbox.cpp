// SPDX-License-Identifier: Apache-2.0
#include "stream/packer_outbox.h"

#include <utility>

namespace tidemark {

void PackerOutbox::put(PackerEvent&& event) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    events_.push_back(std::move(event));
  }
  changed_.notify_one();
}

void PackerOutbox::deliver() {
  std::lock_guard delivery(delivery_mutex_);
  std::vector<PackerEvent> events;
  {
    std::lock_guard lock(mutex_);
    events.swap(events_);
  }
  for (PackerEvent& event : events) {
    if (turns_ != nullptr) turns_->sent();
    on_event_(std::move(event));
    if (turns_ != nullptr) turns_->wait_processed();
  }
}

bool PackerOutbox::holds_something() const {
  std::lock_guard lock(mutex_);
  return !events_.empty();
}

void PackerOutbox::serve() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || !events_.empty(); });
      if (stopped_) return;
    }
    deliver();
  }
}

void PackerOutbox::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    events_.clear();
  }
  changed_.notify_all();
}

}  // namespace tidemark
