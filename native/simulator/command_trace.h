// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"
#include "stream/xxh3.h"

namespace tidemark::simulator {

/// What was sent to the units of a library, and what they said: two runs that did the same have the
/// same trace. Costs nothing until it is begun.
class CommandTrace {
 public:
  /// A block of variable length that a drive has put into partition 0 of its cartridge.
  struct Block {
    std::string_view volume;
    std::uint64_t object = 0;
    std::uint32_t bytes = 0;
    /// False: the drive, or the way to it, has not said so.
    bool is_accepted = false;
  };
  struct Entry {
    std::string_view unit;
    /// A string literal.
    const char* operation = "";
    std::optional<Block> block;
  };
  struct Exchange {
    std::string_view unit;
    const char* operation = "";
    /// Not in the digest: it says nothing that is not in the rest.
    std::optional<Block> block;
    scsi::Bytes cdb;
    scsi::Bytes data_out;
    std::uint16_t host_status = 0;
    std::uint8_t scsi_status = 0;
    scsi::Bytes sense;
  };

  CommandTrace();
  CommandTrace(const CommandTrace&) = delete;
  CommandTrace& operator=(const CommandTrace&) = delete;

  /// Anew: what was traced before is gone.
  void begin();
  [[nodiscard]] bool is_on() const { return is_on_.load(std::memory_order_relaxed); }
  void add(const Exchange& exchange);

  /// In the order in which they ended.
  [[nodiscard]] std::vector<Entry> entries() const;
  [[nodiscard]] Digest128 digest() const;

 private:
  /// The same text for as long as the trace lives, and its number.
  [[nodiscard]] std::uint32_t number_of(std::string_view name);
  /// Lengths go in front, so that no two sequences of exchanges give the same bytes.
  void digest_piece(scsi::Bytes bytes);

  std::atomic<bool> is_on_{false};
  mutable std::mutex mutex_;
  /// A few names of units and volumes, each kept once, where it stays.
  std::deque<std::string> names_;
  struct Numbered {
    std::uint32_t unit = 0;
    const char* operation = "";
    std::optional<Block> block;
  };
  std::vector<Numbered> entries_;
  Xxh3Stream digest_;
};

}  // namespace tidemark::simulator
