// SPDX-License-Identifier: Apache-2.0
#include "addon/background_work.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>

namespace tidemark {

struct BackgroundWork::Running {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t count = 0;
};

BackgroundWork::BackgroundWork() : running_(std::make_shared<Running>()) {}

void BackgroundWork::run(std::function<void()> work) {
  {
    const std::lock_guard lock(running_->mutex);
    ++running_->count;
  }
  std::thread([running = running_, work = std::move(work)]() mutable {
    work();
    work = nullptr;  // what it owns goes first: it may complete a promise
    const std::lock_guard lock(running->mutex);
    --running->count;
    running->changed.notify_all();
  }).detach();
}

void BackgroundWork::wait() {
  std::unique_lock lock(running_->mutex);
  running_->changed.wait(lock, [&] { return running_->count == 0; });
}

}  // namespace tidemark
