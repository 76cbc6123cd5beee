// SPDX-License-Identifier: Apache-2.0
#include "stream/link_map.h"

#include "scsi/bytes.h"

namespace tidemark {
namespace {

constexpr std::size_t count_size = 4;
constexpr std::size_t head_size = Fingerprint::size + 8 + 2;

}  // namespace

bool LinkMap::load(std::span<const std::uint8_t> packed) {
  std::lock_guard lock(mutex_);
  targets_.clear();
  if (packed.size() < count_size) return packed.empty();
  const std::uint32_t count = scsi::load_be32(packed, 0);
  packed = packed.subspan(count_size);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (packed.size() < head_size) return false;
    const std::size_t length = scsi::load_be16(packed, head_size - 2);
    if (packed.size() - head_size < length) return false;
    const auto* path = reinterpret_cast<const char*>(packed.data() + head_size);
    put(Fingerprint::from(packed), scsi::load_be64(packed, Fingerprint::size), {path, length});
    packed = packed.subspan(head_size + length);
  }
  return packed.empty();
}

void LinkMap::clear() {
  std::lock_guard lock(mutex_);
  targets_.clear();
}

LinkMap::Target* LinkMap::find(const Fingerprint& fingerprint, std::string_view path) {
  const auto found = targets_.find({fingerprint.device(), fingerprint.inode()});
  if (found == targets_.end()) return nullptr;
  Target& target = found->second;
  return target.fingerprint == fingerprint && target.path != path ? &target : nullptr;
}

void LinkMap::put(const Fingerprint& fingerprint, std::uint64_t header_offset,
                  std::string_view path) {
  targets_[{fingerprint.device(), fingerprint.inode()}] = {fingerprint, header_offset,
                                                           std::string(path), 0};
}

bool LinkMap::withdraw(const Fingerprint& fingerprint, std::uint64_t header_offset) {
  const auto found = targets_.find({fingerprint.device(), fingerprint.inode()});
  if (found == targets_.end() || found->second.header_offset != header_offset) return true;
  if (found->second.links > 0) return false;
  targets_.erase(found);
  return true;
}

}  // namespace tidemark
