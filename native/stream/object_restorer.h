// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "stream/expected_objects.h"
#include "stream/extent_check.h"
#include "stream/object_sink.h"
#include "stream/pax_reader.h"
#include "stream/restore_report.h"

namespace tidemark {

/// Finds the expected objects in the bytes of a stream, compares their data with its digests and
/// hands them to a sink: one that restores them, or one that only looks at them.
///
/// The catalog says where each object's headers begin; whatever else the stream holds is passed
/// over. An object that runs on past the bytes given stays open for the next ones, which must
/// follow directly.
class ObjectRestorer {
 public:
  explicit ObjectRestorer(std::unique_ptr<ObjectSink> sink) : sink_(std::move(sink)) {}

  /// From any thread; before the bytes that hold the objects.
  [[nodiscard]] bool expect(std::span<const std::uint8_t> packed) {
    return expected_.append(packed);
  }
  [[nodiscard]] const RestoreReport& report() const { return report_; }

  // --- One thread ---
  void feed(std::uint64_t stream_offset, std::span<const std::uint8_t> bytes);
  /// Packed directories, deepest first.
  void finish_directories(std::span<const std::uint8_t> packed);
  /// What is open or has not been met is damaged.
  [[nodiscard]] RestoreSummary finish();

 private:
  struct OpenFile {
    OpenFile(const ExpectedObject& object, const MemberHeader& header)
        : check(object, header.archived_bytes) {}
    ExtentCheck check;
    /// The first thing that went wrong with taking its data; it is passed over from then on.
    Problem problem;
  };
  enum class Phase { seeking, headers, data };

  void take_next();
  std::size_t pass_over(std::uint64_t bytes) const;
  void read_headers(std::span<const std::uint8_t>& bytes);
  [[nodiscard]] Problem check_header(std::uint64_t header_end) const;
  void begin_object(std::uint64_t header_end);
  void read_data(std::span<const std::uint8_t> bytes);
  void end_file();
  /// Its bytes; it is open no more.
  void report_file(const Problem& problem);
  void end_object(const Problem& problem);

  ExpectedObjects expected_;
  std::unique_ptr<ObjectSink> sink_;
  RestoreReport report_;
  std::uint64_t position_ = 0;
  Phase phase_ = Phase::seeking;
  std::optional<ExpectedObject> object_;
  PaxReader headers_;
  std::uint64_t data_left_ = 0;
  std::optional<OpenFile> file_;
};

}  // namespace tidemark
