// SPDX-License-Identifier: Apache-2.0
#include "device/device_thread.h"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <vector>

using tidemark::DeviceThread;

TEST_CASE("jobs run in order, and finish waits for them") {
  DeviceThread thread;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) CHECK(thread.post([&order, i] { order.push_back(i); }));
  thread.finish();
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK_FALSE(thread.post([] {}));
}

TEST_CASE("all signals are blocked in the thread, and none more in its maker") {
  DeviceThread thread;
  sigset_t seen;
  sigemptyset(&seen);
  thread.post([&] { pthread_sigmask(SIG_SETMASK, nullptr, &seen); });
  thread.finish();
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1}) {
    CHECK(sigismember(&seen, signal) == 1);
  }
  sigset_t mine;
  pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  CHECK(sigismember(&mine, SIGTERM) == 0);
}

TEST_CASE("abandon drops what has not begun and waits for what has") {
  std::atomic<int> ran{0};
  std::promise<void> begun;
  std::promise<void> go_on;
  auto gate = go_on.get_future();
  DeviceThread thread;
  thread.post([&] {
    begun.set_value();
    gate.wait();
    ++ran;
  });
  for (int i = 0; i < 10; ++i) thread.post([&] { ++ran; });
  begun.get_future().wait();
  auto abandoning = std::async(std::launch::async, [&] { thread.abandon(); });
  while (thread.post([] {})) {
  }
  go_on.set_value();
  abandoning.wait();
  CHECK(ran == 1);
}

TEST_CASE("the last owner may be a job") {
  std::promise<void> gone;
  auto thread = std::make_shared<DeviceThread>();
  std::promise<void> alone;
  auto* raw = thread.get();
  raw->post([owner = thread, &gone, released = alone.get_future().share()]() mutable {
    released.wait();
    owner.reset();
    gone.set_value();
  });
  thread.reset();
  alone.set_value();
  gone.get_future().wait();
}
