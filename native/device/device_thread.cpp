// SPDX-License-Identifier: Apache-2.0
#include "device/device_thread.h"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <utility>

namespace tidemark {

struct DeviceThread::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  bool ending = false;
};

DeviceThread::DeviceThread() : queue_(std::make_shared<Queue>()) {
  // The thread inherits the mask, so there is no moment in which it could take a signal.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([queue = queue_] { run(*queue); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

DeviceThread::~DeviceThread() { abandon(); }

bool DeviceThread::post(std::function<void()> job) {
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->ending) return false;
    queue_->jobs.push_back(std::move(job));
  }
  queue_->changed.notify_one();
  return true;
}

void DeviceThread::finish() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->ending = true;
  }
  queue_->changed.notify_one();
  join();
}

void DeviceThread::abandon() {
  std::deque<std::function<void()>> dropped;  // destroyed outside the lock: jobs own things
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->ending = true;
    dropped.swap(queue_->jobs);
  }
  queue_->changed.notify_one();
  join();
}

void DeviceThread::join() {
  if (!thread_.joinable()) return;
  // A thread cannot wait for itself; where a job was the last owner, the queue outlives this
  // object.
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void DeviceThread::run(Queue& queue) {
  std::unique_lock lock(queue.mutex);
  for (;;) {
    queue.changed.wait(lock, [&] { return queue.ending || !queue.jobs.empty(); });
    if (queue.jobs.empty()) return;
    auto job = std::move(queue.jobs.front());
    queue.jobs.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what the job owns goes before the next one begins
    lock.lock();
  }
}

}  // namespace tidemark
