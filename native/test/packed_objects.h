// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"
#include "stream/expected_objects.h"
#include "stream/xxh3.h"
#include "tar_bytes.h"

namespace tidemark::test {

inline void append_be(std::vector<std::uint8_t>& bytes, std::size_t width, std::uint64_t value) {
  bytes.resize(bytes.size() + width);
  scsi::store_be(bytes, bytes.size() - width, width, value);
}

inline std::vector<std::uint8_t> pack(const ExpectedObject& object) {
  std::vector<std::uint8_t> bytes;
  append_be(bytes, 8, object.header_offset);
  append_be(bytes, 8, object.end_offset);
  append_be(bytes, 1, static_cast<std::uint64_t>(object.kind));
  append_be(bytes, 1, (object.last_digest ? 1u : 0u) | (object.fingerprint ? 2u : 0u));
  const Digest128 digest = object.last_digest.value_or(Digest128{});
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  append_be(bytes, 8, object.last_extent_from);
  append_be(bytes, 2, object.extents.size());
  for (const ExpectedExtent& extent : object.extents) {
    append_be(bytes, 8, extent.from);
    append_be(bytes, 8, extent.to);
    bytes.insert(bytes.end(), extent.digest.begin(), extent.digest.end());
  }
  append_be(bytes, 2, object.path.size());
  append(bytes, object.path);
  if (object.fingerprint) {
    const auto& fingerprint = object.fingerprint->bytes;
    bytes.insert(bytes.end(), fingerprint.begin(), fingerprint.end());
  }
  return bytes;
}

inline Digest128 digest_of(std::string_view text) {
  Xxh3Stream stream;
  stream.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return stream.digest();
}

}  // namespace tidemark::test
