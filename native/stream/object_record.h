// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stream/fingerprint.h"
#include "stream/xxh3.h"

namespace tidemark {

enum class ObjectKind : std::uint8_t {
  file = 0,
  directory = 1,
  symbolic_link = 2,
  hard_link = 3,
  fifo = 4,
  character_device = 5,
  block_device = 6,
  sparse_file = 7,
};

enum class ObjectOutcome : std::uint8_t {
  ok = 0,
  /// It changed while it was read (faults S1, S2, S3).
  changed = 1,
  vanished = 2,
  unreadable = 3,
  /// A read error inside; the rest is zeros (fault S5).
  damaged = 4,
  /// A socket: nothing of it can be archived.
  skipped = 5,
};

/// One OBJECT record. The views are valid only while the record is being written.
struct ObjectRecord {
  std::uint64_t container_id = 0;
  std::string_view name;
  ObjectKind kind = ObjectKind::file;
  Fingerprint fingerprint;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t end_offset = 0;
  ObjectOutcome outcome = ObjectOutcome::ok;
  /// Of the archived data of the last extent; none where the member has no data section at all.
  std::optional<Digest128> digest;
  /// Of links; empty where the object itself is one that links may point at.
  std::optional<std::string_view> link_target;
  int error_number = 0;
};

/// One OBJECT_OPEN record: what a cut inside the object needs to be continued.
struct ObjectOpenRecord {
  std::uint64_t container_id = 0;
  std::string_view name;
  ObjectKind kind = ObjectKind::file;
  Fingerprint fingerprint;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t end_offset = 0;
  std::uint64_t archived_bytes = 0;
  /// Empty for what is not a sparse file.
  std::string_view sparse_map;
};

struct ExtentRecord {
  std::uint64_t container_id = 0;
  std::string_view name;
  std::uint64_t header_offset = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  /// Where the extent's bytes end in the stream.
  std::uint64_t stream_end = 0;
  Digest128 digest{};
};

struct ContainerOpenRecord {
  std::uint64_t container_id = 0;
  std::uint64_t source_index = 0;
  std::string_view path;
  Fingerprint fingerprint;
  std::uint64_t stream_offset = 0;
};

struct ContainerCloseRecord {
  std::uint64_t container_id = 0;
  std::uint64_t source_index = 0;
  std::string_view path;
  std::uint64_t entries = 0;
  std::uint64_t exceptions = 0;
  Digest128 hash{};
  std::uint64_t end_offset = 0;
  Fingerprint fingerprint;
  bool unchanged = false;
};

}  // namespace tidemark
