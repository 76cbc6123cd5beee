// SPDX-License-Identifier: Apache-2.0
#include "stream/continuation.h"

#include <fcntl.h>
#include <unistd.h>

#include "stream/directory_open.h"
#include "stream/sparse_map.h"
#include "stream/ustar_header.h"
#include "transport/unique_fd.h"

namespace tidemark {

std::optional<Continuation> plan_continuation(const ContinuedObject& object,
                                              std::string_view member_prefix,
                                              std::uint64_t stream_offset) {
  if (!object.container_path.starts_with(member_prefix)) return std::nullopt;
  Continuation continuation;
  continuation.container = object.container_path.substr(member_prefix.size());
  ContinuedMember& member = continuation.member;
  member.name = object.name;
  member.fingerprint = object.fingerprint;
  member.header_offset = object.header_offset;
  member.data_offset = object.data_offset;
  member.end_offset = object.end_offset;
  member.archived_bytes = object.fingerprint.file_size();
  std::uint64_t first_data = object.data_offset;
  if (!object.sparse_map.empty()) {
    member.map = parse_sparse_map(object.sparse_map, object.fingerprint.file_size());
    if (!member.map) return std::nullopt;
    member.archived_bytes = member.map->text.size() + member.map->data_bytes;
    first_data += member.map->text.size();
  }
  const auto padded = padded_to_tar_block(member.archived_bytes);
  const bool fits = padded && object.end_offset >= object.data_offset &&
                    *padded == object.end_offset - object.data_offset;
  if (!fits || stream_offset < first_data || stream_offset >= object.end_offset)
    return std::nullopt;
  return continuation;
}

bool can_continue(const std::string& source_path, const ContinuedObject& object) {
  const std::string prefix = member_prefix_of(source_path);
  if (!object.container_path.starts_with(prefix)) return false;
  const UniqueFd root(open_source_directory(source_path.c_str()));
  if (!root) return false;
  const UniqueFd directory(
      open_directory_beneath(root.get(), object.container_path.substr(prefix.size())));
  if (!directory) return false;
  const UniqueFd file(
      openat(directory.get(), object.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status;
  return file && fstat(file.get(), &status) == 0 && Fingerprint::of(status) == object.fingerprint;
}

}  // namespace tidemark
