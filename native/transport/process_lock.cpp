// SPDX-License-Identifier: Apache-2.0
#include "transport/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace tidemark {
namespace {

pid_t read_holder(int descriptor) {
  std::array<char, 24> text{};
  const auto length = ::pread(descriptor, text.data(), text.size(), 0);
  pid_t holder = 0;
  if (length > 0) std::from_chars(text.data(), text.data() + length, holder);
  return holder;
}

/// The name in the file only serves messages: the lock holds without it.
void write_holder(int descriptor) {
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0) return;
  [[maybe_unused]] const auto written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

}  // namespace

ProcessLock::Attempt ProcessLock::open_and_lock(const std::string& path, int operation) {
  Attempt attempt;
  UniqueFd descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!descriptor) {
    attempt.error_number = errno;
    return attempt;
  }
  int locked;
  do {
    locked = ::flock(descriptor.get(), operation);
  } while (locked != 0 && errno == EINTR);
  if (locked != 0) {
    attempt.error_number = errno;
    if (errno == EWOULDBLOCK) attempt.holder = read_holder(descriptor.get());
    return attempt;
  }
  write_holder(descriptor.get());
  attempt.lock = ProcessLock(std::move(descriptor));
  return attempt;
}

ProcessLock::Attempt ProcessLock::try_acquire(const std::string& path) {
  return open_and_lock(path, LOCK_EX | LOCK_NB);
}

ProcessLock::Attempt ProcessLock::acquire(const std::string& path) {
  return open_and_lock(path, LOCK_EX);
}

}  // namespace tidemark
