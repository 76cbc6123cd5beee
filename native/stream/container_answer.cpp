// SPDX-License-Identifier: Apache-2.0
#include "stream/container_answer.h"

#include <algorithm>

#include "scsi/bytes.h"

namespace tidemark {
namespace {

constexpr std::size_t hash_offset = 1 + 4;
constexpr std::size_t fingerprint_offset = hash_offset + sizeof(Digest128);
constexpr std::size_t head_size = fingerprint_offset + Fingerprint::size + 4;
constexpr std::size_t name_length_size = 2;

}  // namespace

std::optional<ContainerAnswer> take_container_answer(std::span<const std::uint8_t>& bytes) {
  if (bytes.size() < head_size || bytes[0] > 2) return std::nullopt;
  ContainerAnswer answer;
  answer.verdict = static_cast<ContainerAnswer::Verdict>(bytes[0]);
  answer.entries = scsi::load_be32(bytes, 1);
  std::copy_n(bytes.begin() + hash_offset, answer.hash.size(), answer.hash.begin());
  answer.fingerprint = Fingerprint::from(bytes.subspan(fingerprint_offset, Fingerprint::size));
  const std::uint32_t objects = scsi::load_be32(bytes, head_size - 4);
  bytes = bytes.subspan(head_size);
  std::size_t size = 0;
  for (std::uint32_t i = 0; i < objects; ++i) {
    if (bytes.size() - size < name_length_size) return std::nullopt;
    const std::size_t object = name_length_size + scsi::load_be16(bytes, size) + Fingerprint::size;
    if (bytes.size() - size < object) return std::nullopt;
    size += object;
  }
  answer.complete_objects.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  bytes = bytes.subspan(size);
  return answer;
}

CompleteObjects::CompleteObjects(std::span<const std::uint8_t> packed) {
  while (!packed.empty()) {
    const std::size_t length = scsi::load_be16(packed, 0);
    const auto* name = reinterpret_cast<const char*>(packed.data() + name_length_size);
    objects_.push_back({{name, length}, packed.data() + name_length_size + length});
    packed = packed.subspan(name_length_size + length + Fingerprint::size);
  }
  std::sort(objects_.begin(), objects_.end(),
            [](const Object& a, const Object& b) { return a.name < b.name; });
}

std::optional<Fingerprint> CompleteObjects::find(std::string_view name) const {
  const auto found =
      std::lower_bound(objects_.begin(), objects_.end(), name,
                       [](const Object& a, std::string_view b) { return a.name < b; });
  if (found == objects_.end() || found->name != name) return std::nullopt;
  return Fingerprint::from({found->fingerprint, Fingerprint::size});
}

}  // namespace tidemark
