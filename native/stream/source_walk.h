// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "stream/object_packer.h"
#include "stream/stream_space.h"

namespace tidemark {

/// Where the stream begins inside an object: it is finished before the walk begins.
struct Continuation {
  /// Relative to the source.
  std::string container;
  ContinuedMember member;
  StreamSpace::Reservation reservation;

  // --- Once finished ---
  bool complete = false;
};

/// One source volume while it is walked.
struct SourceWalk {
  std::uint64_t index = 0;
  /// In the file system.
  std::string path;
  /// In front of all its member paths: the path without "/" at its beginning, and with one at its
  /// end; empty for the root of the file system.
  std::string member_prefix;
  bool cross_mounts = false;
  bool trust_catalog = false;
  /// Changed by the reader that finishes it, before anyone walks.
  std::optional<Continuation> continuation;
};

/// The same for all readers of a packer.
struct WalkState {
  std::atomic<std::uint64_t> next_container_id{0};
  std::mutex mutex;
  /// The container that was begun last.
  std::string current_path;
};

/// The member path of a source's root, with "/" at its end.
[[nodiscard]] std::string member_prefix_of(std::string_view source_path);

}  // namespace tidemark
