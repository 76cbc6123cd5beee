// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace tidemark {

/// Lets a packer and a tape writer work one after the other instead of at the same time, so that
/// what JavaScript hears and what the drive is told come in the same order in each run: the
/// simulation's mode (design: data path, section 1).
///
/// The packer's reader has the turn until it rests: the ring is full, a barrier stands, there is
/// no work. Its conductor then tells JavaScript what happened, one message after the other, each
/// only when the one before has been processed. Only then the turn is open: the writer takes it
/// where it has something to do, and keeps it, between its runs too, until it waits for records
/// that are not there. A call of JavaScript's that lets the reader go on gives it the open turn.
///
/// Conditions are asked under a lock of this class. They may take locks of their own; nobody who
/// holds one of those may come here.
class Turns {
 public:
  using Condition = std::function<bool()>;

  /// Nobody takes turns yet, or any more: the turn is open, and a writer may take it.
  void reset();
  /// A packer begins; `due` says whether its conductor has something to do. Its reader has the
  /// turn.
  void begin(Condition due);
  [[nodiscard]] bool conducted() const;

  // --- The packer's reader ---
  /// Gives the turn away; comes back with it when `may_go_on` has come true, or stopped.
  void rest(const Condition& may_go_on);

  // --- The packer's conductor ---
  /// Waits until the reader rests and there is something to do. False once stopped.
  [[nodiscard]] bool conduct();
  /// All was done: the reader goes on, or the turn is open.
  void pass();

  // --- Whoever tells JavaScript, one message at a time ---
  void sent();
  /// JavaScript has processed what was sent last. From any thread.
  void processed();
  void wait_processed();

  // --- The writer ---
  /// Gives the turn away unless it is `wanted`, and comes back with it when it is. False, and
  /// without it, where `let_go`, or stopped, or the time was up. A negative timeout waits for ever.
  bool take(const Condition& wanted, const Condition& let_go, int timeout_ms = -1);
  void give_back();

  // --- Anyone ---
  /// A condition may have changed.
  void look_again();
  /// Everyone comes back, and nobody waits again.
  void stop();

 private:
  enum class Turn { open, reader, conductor, writer };

  bool reader_may_go_on() const { return resting_ != nullptr && (*resting_)(); }
  void writer_gives_back() { turn_ = conducted_ ? Turn::conductor : Turn::open; }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Turn turn_ = Turn::open;
  Condition due_;
  /// What the reader waits for while it rests.
  const Condition* resting_ = nullptr;
  std::size_t messages_ = 0;
  bool conducted_ = false;
  bool stopped_ = false;
};

}  // namespace tidemark
