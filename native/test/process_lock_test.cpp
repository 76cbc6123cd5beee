// SPDX-License-Identifier: Apache-2.0
#include "transport/process_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "temporary_folder.h"

using namespace tidemark;

TEST_CASE("a lock names its holder, and goes with it") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() + "/lock";
  auto first = ProcessLock::try_acquire(path);
  REQUIRE(first.lock);
  const auto second = ProcessLock::try_acquire(path);
  CHECK_FALSE(second.lock);
  CHECK(second.error_number == EWOULDBLOCK);
  CHECK(second.holder == ::getpid());
  first.lock.reset();
  CHECK(ProcessLock::try_acquire(path).lock);
}

TEST_CASE("a process that dies drops its lock") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() + "/lock";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = ProcessLock::try_acquire(path);
    const char byte = held.lock ? 1 : 0;
    [[maybe_unused]] const auto written = ::write(ready[1], &byte, 1);
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(byte == 1);
  CHECK(ProcessLock::try_acquire(path).holder == child);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(ProcessLock::try_acquire(path).lock);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a lock that cannot be made tells why") {
  const auto attempt = ProcessLock::try_acquire("/nonexistent/folder/lock");
  CHECK_FALSE(attempt.lock);
  CHECK(attempt.error_number == ENOENT);
}
