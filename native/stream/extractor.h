// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "device/device_thread.h"
#include "device/tape_drive.h"
#include "stream/block_exchange.h"
#include "stream/block_scan.h"
#include "stream/object_restorer.h"

namespace tidemark {

/// Takes objects from stretches of stream on tapes to a sink: a drive's thread reads blocks, this
/// extractor's own thread parses them and writes files, or compares.
class Extractor {
 public:
  /// Data blocks from the drive's present position on; they are the stream's bytes from an offset
  /// on.
  struct Stretch {
    std::uint64_t stream_offset = 0;
    std::uint64_t blocks = 0;
    std::size_t record_size = 0;
  };
  struct Outcome {
    std::uint64_t blocks_read = 0;
    ReadStop stopped_at = ReadStop::count;
    Result result;
  };

  explicit Extractor(std::unique_ptr<ObjectSink> sink) : restorer_(std::move(sink)) {}
  /// Ends its thread; `abandon` first where a drive's thread may be inside `extract`.
  ~Extractor() { abandon(); }
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;

  /// False where the batch is malformed.
  [[nodiscard]] bool expect(std::span<const std::uint8_t> packed) {
    return restorer_.expect(packed);
  }
  /// On the drive's thread, one call at a time. Returns when what was read has been restored.
  [[nodiscard]] Outcome extract(TapeDrive& drive, const Stretch& stretch);
  /// After everything extracted before; `done` is called on the extractor's thread, or dropped when
  /// it is abandoned.
  void finish_directories(std::vector<std::uint8_t> packed, std::function<void()> done);
  void finish(std::function<void(RestoreSummary)> done);

  [[nodiscard]] const RestoreReport& report() const { return restorer_.report(); }
  /// Lets every thread go, from any thread: the environment goes away.
  void abandon();

 private:
  void restore_blocks();
  void read_blocks(TapeDrive& drive, const Stretch& stretch, Outcome& outcome);

  ObjectRestorer restorer_;
  BlockExchange exchange_;
  /// Last: its jobs use what stands above.
  DeviceThread thread_;
};

}  // namespace tidemark
