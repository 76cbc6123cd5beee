// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stream/fingerprint.h"
#include "stream/object_record.h"
#include "stream/xxh3.h"

namespace tidemark {

/// Archived data [from, to) of an object, and its XXH3-128.
struct ExpectedExtent {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  Digest128 digest{};
};

/// One object that a restore or a verification wants, as the catalog knows it.
struct ExpectedObject {
  /// Stream offsets of its first header byte, and behind its padding.
  std::uint64_t header_offset = 0;
  std::uint64_t end_offset = 0;
  ObjectKind kind = ObjectKind::file;
  /// In order, apart; all before the last extent. Data between them, and before the last one, has
  /// no digest: it could not be read back when a resume cut the object there.
  std::vector<ExpectedExtent> extents;
  std::uint64_t last_extent_from = 0;
  /// Of the archived data from `last_extent_from` to the end.
  std::optional<Digest128> last_digest;
  /// Below the target folder.
  std::string path;
  /// Where its header is to be compared with it.
  std::optional<Fingerprint> fingerprint;
};

/// The packed form: u64 header offset, u64 end offset, u8 kind, u8 flags (bit 0: has a digest, bit
/// 1: has a fingerprint), 16 bytes digest, u64 start of the last extent, u16 number of extents,
/// each u64 from, u64 to, 16 bytes digest; u16 length, path; the fingerprint, where there is one,
/// 52 bytes. Integers are big-endian.
///
/// Takes one object from the front; nothing where the bytes are malformed.
[[nodiscard]] std::optional<ExpectedObject> unpack_expected_object(
    std::span<const std::uint8_t>& packed);

/// Queue of packed batches, filled by one thread and drained by another; they stay packed until
/// needed.
class ExpectedObjects {
 public:
  /// Adds a batch. False, and nothing added, where it is malformed.
  [[nodiscard]] bool append(std::span<const std::uint8_t> packed);
  std::optional<ExpectedObject> next();

 private:
  std::mutex mutex_;
  std::deque<std::vector<std::uint8_t>> batches_;
  std::size_t taken_of_first_ = 0;
};

/// u16 length, path, 52 bytes fingerprint: a directory whose owner, mode and time are set at last.
struct ExpectedDirectory {
  std::string path;
  Fingerprint fingerprint;
};
[[nodiscard]] std::optional<ExpectedDirectory> unpack_expected_directory(
    std::span<const std::uint8_t>& packed);

}  // namespace tidemark
