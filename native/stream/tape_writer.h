// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "device/tape_drive.h"
#include "stream/ledger.h"
#include "stream/ring.h"
#include "stream/wait_clock.h"
#include "stream/write_gate.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tidemark {

/// Streams records from the ring to a drive (design: data path, section 1).
//
/// No record is written before its XXH3-64 is in the temporary catalog (durability, section 2:
/// block digests are the only ground for adopting a block): the writer looks ahead over full
/// records, announces their digests in batches, and writes what has been acknowledged. Two batches
/// are on the way at a time, so that the drive does not wait for JavaScript.
//
/// Where the ring takes turns (Turns) nothing may depend on time: all that is full is announced, in
/// one batch at a time, and nothing is written while JavaScript has one in hand.
///
/// A failed or uncertain WRITE ends the run; nothing is ever repeated here.
class TapeWriter {
 public:
  enum class Reason { limit, checkpoint, cut, early_warning, failed, position_lost };

  struct Run {
    Reason reason = Reason::cut;
    /// Everything before it was accepted.
    std::uint64_t stream_offset = 0;
    std::uint64_t blocks_written = 0;
    /// Of this run alone.
    ByteCounts counts;
    /// XXH3-64 of the last record accepted in this run.
    std::optional<std::uint64_t> last_digest;
    /// The answer that ended the run, where one did.
    std::optional<Result> result;
  };

  struct Progress {
    std::uint64_t stream_offset;
    /// Since the writer was made.
    ByteCounts counts;
    /// Records that are not there yet are waited for.
    std::uint64_t waiting_for_ring_us;
    /// In WRITE commands.
    std::uint64_t waiting_for_drive_us;
    /// Since the ring was made: readers wait for room in it.
    std::uint64_t ring_full_us;
  };

  /// Takes XXH3-64 digests, 8 bytes each, big-endian, of the records from a stream offset on. False
  /// where nobody is there any more to acknowledge them.
  using BlocksHandler = std::function<bool(std::uint64_t, std::vector<std::uint8_t>)>;

  TapeWriter(std::shared_ptr<Ring> ring, std::uint64_t stream_offset, BlocksHandler on_blocks);
  ~TapeWriter();
  TapeWriter(const TapeWriter&) = delete;
  TapeWriter& operator=(const TapeWriter&) = delete;

  /// What the next `run` shall do; limits and requests to stop count from here on.
  void begin(std::uint64_t limit, std::uint64_t checkpoint_bytes);
  /// Writes until there is a reason to stop. On the device's thread; one run at a time.
  Run run(TapeDrive& drive);

  // --- From any thread. Limits are cut to whole records, and only go down within a run. ---
  void lower_limit(std::uint64_t stream_offset);
  void request_stop(WriteGate::StopRequest request) { gate_.request_stop(request); }
  [[nodiscard]] bool acknowledge(std::uint64_t stream_offset) {
    return gate_.acknowledge(stream_offset);
  }
  void abandon() { gate_.abandon(); }
  Progress progress() const;

 private:
  /// Where the ring takes turns no time is told: it would be another in each run.
  WaitClock* clock(WaitClock& clock) const { return ring_->turns() == nullptr ? &clock : nullptr; }
  std::optional<Reason> reason_to_stop(const WriteGate::Orders& orders) const;
  std::uint64_t stop_offset(const WriteGate::Orders& orders) const;
  void announce_ahead(const WriteGate::Orders& orders, std::uint64_t minimum_records);
  void announce(std::uint64_t records);
  void refill(const WriteGate::Orders& orders);
  void take_turn(Turns& turns);
  std::optional<Reason> write_record(TapeDrive& drive, Run& run);
  void record_accepted(Run& run);

  std::shared_ptr<Ring> ring_;
  BlocksHandler on_blocks_;
  WriteGate gate_;
  Ledger ledger_;
  const std::uint64_t record_size_;
  const std::uint64_t batch_records_;
  const std::uint64_t smallest_batch_;
  const std::size_t batches_on_the_way_;

  // The device's thread alone.
  std::uint64_t position_;
  std::uint64_t announced_;
  std::uint64_t full_until_;
  std::uint64_t checkpoint_bytes_ = 0;
  std::uint64_t checkpoint_offset_ = 0;
  std::deque<std::uint64_t> digests_;     // of records announced and not yet written
  std::deque<std::uint64_t> batch_ends_;  // of batches not yet wholly written

  std::atomic<std::uint64_t> written_until_;
  WaitClock waiting_for_ring_;
  WaitClock waiting_for_drive_;
};

}  // namespace tidemark
