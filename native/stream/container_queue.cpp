// SPDX-License-Identifier: Apache-2.0
#include "stream/container_queue.h"

#include <algorithm>
#include <iterator>

namespace tidemark {

void ContainerQueue::begin(bool asks, ContainerTask&& first) {
  {
    std::lock_guard lock(mutex_);
    asks_ = asks;
    active_ = true;
    if (asks && !first.continues_member) {
      unasked_.push_back(std::move(first));
      ask_more();
    } else {
      ready_.push_back(std::move(first));
    }
  }
  changed_.notify_all();
}

std::optional<ContainerTask> ContainerQueue::next() {
  ++idle_;
  if (turns_ != nullptr) turns_->rest([this] { return has_next(); });
  std::unique_lock lock(mutex_);
  if (turns_ == nullptr) wait_for_task(lock);
  --idle_;
  // Taking turns may end before this queue is stopped: with the ring.
  if (stopped_ || ready_.empty()) return std::nullopt;
  ContainerTask task = std::move(ready_.back());
  ready_.pop_back();
  ++working_;
  return task;
}

/// Nobody is kept away while fewer work than are allowed: those who are not can all come back.
void ContainerQueue::wait_for_task(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    changed_.wait(lock, [&] { return stopped_ || too_many() || !ready_.empty(); });
    if (stopped_ || !too_many()) return;
    --idle_;
    allowed_changed_.wait(lock, [&] { return stopped_ || !too_many(); });
    ++idle_;
  }
}

void ContainerQueue::allow(std::size_t most_working) {
  {
    std::lock_guard lock(mutex_);
    most_working_ = most_working;
  }
  changed_.notify_all();
  allowed_changed_.notify_all();
}

void ContainerQueue::add(std::vector<ContainerTask>&& tasks) {
  if (tasks.empty()) return;
  {
    std::lock_guard lock(mutex_);
    auto& stack = asks_ ? unasked_ : ready_;
    stack.insert(stack.end(), std::make_move_iterator(tasks.rbegin()),
                 std::make_move_iterator(tasks.rend()));
    ask_more();
  }
  tasks.clear();
  changed_.notify_all();
}

bool ContainerQueue::finish_task() {
  std::lock_guard lock(mutex_);
  --working_;
  if (working_ > 0 || !ready_.empty() || !unasked_.empty() || !asked_.empty()) return false;
  active_ = false;
  return true;
}

bool ContainerQueue::answer(std::uint32_t id, std::span<const std::uint8_t> packed) {
  {
    std::lock_guard lock(mutex_);
    const auto question = asked_.find(id);
    if (question == asked_.end()) return false;
    std::vector<ContainerTask>& tasks = question->second;
    for (ContainerTask& task : tasks) {
      auto answer = take_container_answer(packed);
      if (!answer) return false;
      task.answer = std::move(*answer);
    }
    if (!packed.empty()) return false;
    ready_.insert(ready_.end(), std::make_move_iterator(tasks.rbegin()),
                  std::make_move_iterator(tasks.rend()));
    asked_.erase(question);
    ask_more();
  }
  changed_.notify_all();
  return true;
}

/// As many as are waiting go into one question; while two are on their way the rest collects.
void ContainerQueue::ask_more() {
  while (asked_.size() < most_questions && !unasked_.empty()) {
    const std::size_t count = std::min(unasked_.size(), most_paths);
    const auto from = unasked_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<ContainerTask> tasks(
        std::make_move_iterator(unasked_.rbegin()),
        std::make_move_iterator(unasked_.rbegin() + static_cast<std::ptrdiff_t>(count)));
    unasked_.erase(from, unasked_.end());
    std::vector<std::string> paths;
    paths.reserve(count);
    for (const ContainerTask& task : tasks) {
      paths.push_back((task.asks_again ? std::string(1, '\0') : std::string()) + task.path);
    }
    const std::uint32_t id = next_question_++;
    asked_.emplace(id, std::move(tasks));
    ask_(id, paths);
  }
}

bool ContainerQueue::has_next() const {
  std::lock_guard lock(mutex_);
  return stopped_ || !ready_.empty();
}

bool ContainerQueue::has_waiting() const {
  std::lock_guard lock(mutex_);
  return !ready_.empty();
}

bool ContainerQueue::active() const {
  std::lock_guard lock(mutex_);
  return active_;
}

void ContainerQueue::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  allowed_changed_.notify_all();
}

}  // namespace tidemark
