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
#include "stream/file_writer.h"
#include "stream/object_creator.h"
#include "stream/pax_reader.h"
#include "stream/restore_report.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Finds the expected objects in the bytes of a stream and restores them.
///
/// The catalog says where each object's headers begin; whatever else the stream holds is passed
/// over. An object that runs on past the bytes given stays open for the next ones, which must
/// follow directly.
class ObjectRestorer {
 public:
  explicit ObjectRestorer(ObjectCreator creator) : creator_(std::move(creator)) {}

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
    OpenFile(UniqueFd file, const MemberHeader& header, const ExpectedObject& object)
        : writer(std::move(file), header), check(object, header.archived_bytes) {}
    FileWriter writer;
    ExtentCheck check;
    /// The first thing that went wrong; its data is passed over from then on.
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
  void end_object(const Problem& problem);

  ExpectedObjects expected_;
  ObjectCreator creator_;
  RestoreReport report_;
  std::uint64_t position_ = 0;
  Phase phase_ = Phase::seeking;
  std::optional<ExpectedObject> object_;
  PaxReader headers_;
  std::uint64_t data_left_ = 0;
  std::optional<OpenFile> file_;
};

}  // namespace tidemark
