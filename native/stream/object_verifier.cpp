// SPDX-License-Identifier: Apache-2.0
#include "stream/object_verifier.h"

#include <string_view>

namespace tidemark {
namespace {

constexpr std::uint64_t nanoseconds_of_a_second = 1'000'000'000;
/// What a tar header keeps of a file's mode (POSIX.1-2017, pax, "ustar Interchange Format").
constexpr std::uint32_t permissions = 07777;

/// A directory's member path ends in a slash, the catalog's does not.
std::string_view without_slash(std::string_view path) {
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

Problem compare(const Fingerprint& expected, const MemberHeader& header) {
  if (header.type == '0' && header.real_bytes != expected.file_size()) {
    return "its header has another size than the catalog";
  }
  // As the fingerprint was made: wrapped, for the tape may say any number of seconds.
  const std::uint64_t modified_ns =
      static_cast<std::uint64_t>(header.mtime.seconds) * nanoseconds_of_a_second +
      header.mtime.nanoseconds;
  if (modified_ns != expected.modified_ns()) {
    return "its header has another modification time than the catalog";
  }
  if ((header.mode & permissions) != (expected.mode() & permissions)) {
    return "its header has another mode than the catalog";
  }
  if (header.uid != expected.uid() || header.gid != expected.gid()) {
    return "its header has another owner than the catalog";
  }
  return std::nullopt;
}

Problem compare(const ExpectedObject& object, const MemberHeader& header) {
  if (without_slash(header.path) != object.path) return "its header has another path";
  return object.fingerprint ? compare(*object.fingerprint, header) : std::nullopt;
}

}  // namespace

Problem ObjectVerifier::begin_file(const ExpectedObject& object, const MemberHeader& header) {
  return compare(object, header);
}

Problem ObjectVerifier::write(std::span<const std::uint8_t>) { return std::nullopt; }

Problem ObjectVerifier::end_file(const MemberHeader&) { return std::nullopt; }

Problem ObjectVerifier::create(const ExpectedObject& object, const MemberHeader& header) {
  return compare(object, header);
}

Problem ObjectVerifier::finish_directory(const ExpectedDirectory&) { return std::nullopt; }

}  // namespace tidemark
