// SPDX-License-Identifier: Apache-2.0
#include "transport/iscsi.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <thread>
#include <utility>

namespace tidemark {
namespace {

/// A login moves no tape: it is quick, or the target is not there.
constexpr std::uint32_t login_timeout_ms = 30'000;

std::uint32_t random_number() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
    number = static_cast<std::uint32_t>(::getpid());
  }
  return number & 0xFFFFFF;
}

}  // namespace

/// Attends to a session that idles. All signals are blocked in its thread: they are the program's.
class IscsiTransport::Attendant {
 public:
  explicit Attendant(IscsiTransport& transport) : transport_(transport) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Attendant() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, transport_.attention_, [this] { return ending_; })) {
      // Where a command is running it looks after the session itself.
      const std::unique_lock busy(transport_.mutex_, std::try_to_lock);
      if (busy && transport_.session_ && !transport_.session_->attend()) {
        transport_.session_.reset();
      }
    }
  }

  IscsiTransport& transport_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

IscsiTransport::IscsiTransport(IscsiAddress address, IscsiConnector connector,
                               std::chrono::milliseconds attention)
    : address_(std::move(address)),
      connector_(std::move(connector)),
      initiator_session_(random_number()),
      attention_(attention) {}

IscsiTransport::~IscsiTransport() {
  attendant_.reset();
  for (auto* credentials : {&address_.credentials, &address_.target_credentials}) {
    if (*credentials)
      ::explicit_bzero((*credentials)->password.data(), (*credentials)->password.size());
  }
}

void IscsiTransport::close() {
  attendant_.reset();
  if (session_) session_->log_out();
  session_.reset();
}

bool IscsiTransport::reach_session(const Command& command, Result& result) {
  if (session_ && !session_->attend()) session_.reset();
  if (session_) return true;
  const auto timeout =
      command.timeout_ms == 0 ? login_timeout_ms : std::min(command.timeout_ms, login_timeout_ms);
  auto login = connector_(address_, initiator_session_, timeout);
  if (!login.session) {
    result.error_number = login.error_number;
    result.detail = std::move(login.detail);
    return false;
  }
  session_ = std::move(login.session);
  fence_.logged_in();
  if (!attendant_) attendant_ = std::make_unique<Attendant>(*this);
  return true;
}

Result IscsiTransport::execute(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  Result result;
  result.command = command.cdb.name;
  if (reach_session(command, result)) {
    if (auto answer = fence_.answer(command)) return std::move(*answer);
    result = session_->execute(command);
    if (session_->is_lost()) session_.reset();
  }
  result.nexus = fence_.nexus();
  result.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
  return result;
}

}  // namespace tidemark
