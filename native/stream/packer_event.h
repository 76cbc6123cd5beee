// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "stream/record_frame.h"

namespace tidemark {

struct PackerSummary {
  std::uint64_t objects_written = 0;
  std::uint64_t objects_skipped = 0;
  std::uint64_t objects_continued = 0;
  std::uint64_t objects_unreadable = 0;
  std::uint64_t containers_written = 0;
  std::uint64_t containers_partial = 0;
  std::uint64_t containers_skipped = 0;
  std::uint64_t data_bytes = 0;
  std::uint64_t files_opened = 0;
};

/// Asks about containers by their member paths; one that is asked for the second time, for the
/// objects of it that are complete, begins with a NUL.
struct QuestionEvent {
  std::uint32_t id = 0;
  std::vector<std::string> paths;
};

/// Reservations stand still, every member before the offset is filled, all frames were delivered.
struct BarrierEvent {
  std::uint64_t stream_offset = 0;
};

struct SourceDoneEvent {
  PackerSummary summary;
};

using PackerEvent = std::variant<RecordFrame, QuestionEvent, BarrierEvent, SourceDoneEvent>;

}  // namespace tidemark
