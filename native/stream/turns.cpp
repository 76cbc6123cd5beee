// SPDX-License-Identifier: Apache-2.0
#include "stream/turns.h"

#include <chrono>
#include <utility>

namespace tidemark {

void Turns::reset() {
  {
    std::lock_guard lock(mutex_);
    turn_ = Turn::open;
    due_ = nullptr;
    messages_ = 0;
    conducted_ = false;
    stopped_ = false;
  }
  changed_.notify_all();
}

void Turns::begin(Condition due) {
  std::lock_guard lock(mutex_);
  due_ = std::move(due);
  conducted_ = true;
  turn_ = Turn::reader;
}

bool Turns::conducted() const {
  std::lock_guard lock(mutex_);
  return conducted_;
}

void Turns::rest(const Condition& may_go_on) {
  std::unique_lock lock(mutex_);
  resting_ = &may_go_on;
  turn_ = Turn::conductor;
  changed_.notify_all();
  changed_.wait(lock, [&] { return stopped_ || turn_ == Turn::reader; });
  resting_ = nullptr;
}

bool Turns::conduct() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return stopped_ || turn_ == Turn::conductor ||
           (turn_ == Turn::open && (due_() || reader_may_go_on()));
  });
  if (stopped_) return false;
  turn_ = Turn::conductor;
  return true;
}

void Turns::pass() {
  {
    std::lock_guard lock(mutex_);
    // Where JavaScript has asked for something meanwhile the conductor begins anew.
    if (stopped_ || due_()) return;
    turn_ = reader_may_go_on() ? Turn::reader : Turn::open;
  }
  changed_.notify_all();
}

void Turns::sent() {
  std::lock_guard lock(mutex_);
  ++messages_;
}

void Turns::processed() {
  {
    std::lock_guard lock(mutex_);
    if (messages_ > 0) --messages_;
  }
  changed_.notify_all();
}

void Turns::wait_processed() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || messages_ == 0; });
}

bool Turns::take(const Condition& wanted, const Condition& let_go, int timeout_ms) {
  std::unique_lock lock(mutex_);
  if (turn_ == Turn::writer && !wanted()) {
    writer_gives_back();
    changed_.notify_all();
  }
  bool taken = false;
  const auto done = [&] {
    taken = (turn_ == Turn::open || turn_ == Turn::writer) && wanted();
    return taken || stopped_ || let_go();
  };
  if (timeout_ms < 0) {
    changed_.wait(lock, done);
  } else {
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), done);
  }
  if (taken) turn_ = Turn::writer;
  return taken;
}

void Turns::give_back() {
  {
    std::lock_guard lock(mutex_);
    if (turn_ == Turn::writer) writer_gives_back();
  }
  changed_.notify_all();
}

void Turns::look_again() {
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void Turns::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace tidemark
