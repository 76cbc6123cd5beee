// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stream/fingerprint.h"
#include "stream/source_walk.h"

namespace tidemark {

/// An object that an earlier epoch cut; the stream begins inside it.
struct ContinuedObject {
  /// Member path of its container, as in CONTAINER_OPEN.
  std::string container_path;
  std::string name;
  Fingerprint fingerprint;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t end_offset = 0;
  /// Of sparse files: as in OBJECT_OPEN.
  std::string sparse_map;
};

/// What the packer needs to go on inside it; nothing where the object cannot be what the record
/// says, or the stream does not stand inside its data. Not reserved yet.
[[nodiscard]] std::optional<Continuation> plan_continuation(const ContinuedObject& object,
                                                            std::string_view member_prefix,
                                                            std::uint64_t stream_offset);

/// Whether the object still looks as it did when it was cut: asked before a segment's head promises
/// its rest.
[[nodiscard]] bool can_continue(const std::string& source_path, const ContinuedObject& object);

}  // namespace tidemark
