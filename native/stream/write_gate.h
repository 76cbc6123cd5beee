// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace tidemark {

/// What a writer is told from outside while it runs: how far it may write (the stream offset up to
/// which block digests are in the temporary catalog), how far it shall write, and when to stop.
class WriteGate {
 public:
  enum class StopRequest { checkpoint, cut };
  static constexpr std::uint64_t no_limit = UINT64_MAX;

  struct Orders {
    std::uint64_t limit = no_limit;
    std::uint64_t acknowledged = 0;
    std::optional<StopRequest> stop;
    bool abandoned = false;
  };

  explicit WriteGate(std::uint64_t stream_offset);

  /// Called where an order changes while the writer may be waiting elsewhere. Set before use.
  void on_change(std::function<void()> wake) { wake_ = std::move(wake); }

  /// A run begins: its limit, and no request to stop yet.
  void begin(std::uint64_t limit);
  /// Limits only go down within a run.
  void lower_limit(std::uint64_t stream_offset);
  /// The first request of a run counts, except that a cut overrides a checkpoint.
  void request_stop(StopRequest request);
  /// The writer ends now and for good: its environment goes away.
  void abandon();

  /// The writer has handed out the digests of all records before this offset.
  void announced(std::uint64_t stream_offset);
  /// False, and nothing changed, where more is acknowledged than was announced.
  [[nodiscard]] bool acknowledge(std::uint64_t stream_offset);

  Orders orders() const;
  /// Waits until more than this is acknowledged, or any other order has come.
  Orders wait_for_acknowledgement(std::uint64_t beyond);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Orders orders_;
  std::uint64_t announced_;
  std::function<void()> wake_;
};

}  // namespace tidemark
