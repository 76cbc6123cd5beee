// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace tidemark {

/// The one thread that talks to a device; jobs run in order of posting, one at a time.
///
/// All signals are blocked in it: a handled signal during SG_IO makes the kernel send a WRITE
/// twice, or report EINTR for a block that was written.
class DeviceThread {
 public:
  DeviceThread();
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;

  /// Drops the jobs that have not begun, waits for the one that has.
  /// May run on the device thread itself, where the last owner was a job.
  ~DeviceThread();

  /// False where the thread is ending: the job is dropped.
  bool post(std::function<void()> job);

  /// No more jobs are taken; returns when those that were posted have run and the thread has ended.
  void finish();

  /// No more jobs are taken, those that have not begun are dropped; returns when the one that has
  /// begun has ended, and the thread with it.
  void abandon();

 private:
  struct Queue;
  static void run(Queue& queue);
  void join();

  std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace tidemark
