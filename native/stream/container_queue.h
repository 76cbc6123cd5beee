// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stream/container_answer.h"
#include "stream/turns.h"

namespace tidemark {

/// One directory to be walked.
struct ContainerTask {
  /// Relative to the source: empty for its root, else it ends in "/".
  std::string path;
  /// The segment in which its directory member was reserved; 0 where it was not written by this
  /// walk.
  std::uint64_t member_segment = 0;
  ContainerAnswer answer;
  /// The catalog called it complete and it is not: asked again, for the objects that are.
  bool asks_again = false;
  /// Not a walk: the rest of a continued member, before everything else.
  bool continues_member = false;
};

/// The directories of a source that are found and not yet walked: a stack, so that a tree's depth
/// and not its width is waiting. At a resume each one is asked about first.
class ContainerQueue {
 public:
  /// Posts a question about containers; paths are relative to the source, one that is asked for the
  /// second time begins with a NUL.
  using Ask = std::function<void(std::uint32_t id, const std::vector<std::string>& paths)>;

  /// `turns`: of the ring, where its packer takes turns.
  explicit ContainerQueue(Ask ask, Turns* turns = nullptr) : ask_(std::move(ask)), turns_(turns) {}

  /// A source begins with this task.
  void begin(bool asks, ContainerTask&& first);
  /// The next task, which is then being worked on; nothing once stopped. Waits.
  std::optional<ContainerTask> next();
  /// Children found; the first one will be walked first.
  void add(std::vector<ContainerTask>&& tasks);
  /// True, once, where nothing is left of the source.
  [[nodiscard]] bool finish_task();
  /// False where nobody asked this, or it is no answer to it.
  [[nodiscard]] bool answer(std::uint32_t id, std::span<const std::uint8_t> packed);
  /// At most so many work at a time; the others stay away until they are allowed again. Without
  /// this, all do.
  void allow(std::size_t most_working);
  /// Directories are waiting for somebody to walk them.
  bool has_waiting() const;
  /// Of those who are allowed to work.
  bool someone_idle() const { return idle_.load(std::memory_order_relaxed) > 0; }
  bool active() const;
  void stop();

 private:
  void ask_more();
  bool has_next() const;
  bool too_many() const { return working_ >= most_working_; }
  void wait_for_task(std::unique_lock<std::mutex>& lock);

  static constexpr std::size_t most_paths = 256;
  static constexpr std::size_t most_questions = 2;

  Ask ask_;
  Turns* turns_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Those who are kept away wait here: nothing that is found wakes them up.
  std::condition_variable allowed_changed_;
  std::vector<ContainerTask> ready_;
  std::vector<ContainerTask> unasked_;
  std::map<std::uint32_t, std::vector<ContainerTask>> asked_;
  std::uint32_t next_question_ = 1;
  std::size_t working_ = 0;
  std::size_t most_working_ = SIZE_MAX;
  std::atomic<std::size_t> idle_{0};
  bool asks_ = false;
  bool active_ = false;
  bool stopped_ = false;
};

}  // namespace tidemark
