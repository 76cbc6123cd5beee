// SPDX-License-Identifier: Apache-2.0
#include "stream/metadata_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>

#include "scsi/bytes.h"
#include "stream/acl_text.h"
#include "transport/unique_fd.h"

namespace tidemark {
namespace {

constexpr const char* access_acl_attribute = "system.posix_acl_access";
constexpr const char* default_acl_attribute = "system.posix_acl_default";
constexpr mode_t mode_bits = 07777;
constexpr mode_t owner_may_enter = 0700;
constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

/// There is no setxattrat(): what has no descriptor for it is named through /proc.
std::string path_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

std::array<timespec, 2> modified_at(const FileTime& time) {
  return {timespec{0, UTIME_OMIT},
          timespec{static_cast<time_t>(time.seconds), static_cast<long>(time.nanoseconds)}};
}

FileTime time_of(std::int64_t nanoseconds) {
  std::int64_t seconds = nanoseconds / nanoseconds_a_second;
  std::int64_t rest = nanoseconds % nanoseconds_a_second;
  if (rest < 0) {
    rest += nanoseconds_a_second;
    --seconds;
  }
  return {seconds, static_cast<std::uint32_t>(rest)};
}

Problem write_mode(int descriptor, mode_t mode) {
  if (fchmod(descriptor, mode & mode_bits) == 0) return std::nullopt;
  return errno_problem("set its mode", errno);
}

Problem write_time(int descriptor, const FileTime& time) {
  if (futimens(descriptor, modified_at(time).data()) == 0) return std::nullopt;
  return errno_problem("set its time", errno);
}

}  // namespace

/// Where attributes are written: an open file, or a name that is not followed.
class MetadataWriter::Attributes {
 public:
  explicit Attributes(int descriptor) : descriptor_(descriptor) {}
  explicit Attributes(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] int set(const char* name, const void* value, std::size_t bytes) const {
    return descriptor_ >= 0 ? fsetxattr(descriptor_, name, value, bytes, 0)
                            : lsetxattr(path_.c_str(), name, value, bytes, 0);
  }
  [[nodiscard]] int remove(const char* name) const {
    return descriptor_ >= 0 ? fremovexattr(descriptor_, name) : lremovexattr(path_.c_str(), name);
  }

 private:
  int descriptor_ = -1;
  std::string path_;
};

MetadataWriter::MetadataWriter(bool numeric_owner)
    : owners_(numeric_owner), privileged_(geteuid() == 0) {}

Problem MetadataWriter::write_file(int descriptor, const MemberHeader& header, bool inherits) {
  const Attributes attributes(descriptor);
  Problem problem = write_owner(descriptor, header);
  note(problem, write_attributes(attributes, header));
  note(problem, write_access_list(attributes, access_acl_attribute, header.access_acl, inherits));
  note(problem, write_mode(descriptor, header.mode));
  note(problem, write_time(descriptor, header.mtime));
  return problem;
}

Problem MetadataWriter::write_open_directory(int descriptor, const MemberHeader& header,
                                             bool inherits) {
  const Attributes attributes(descriptor);
  Problem problem = write_owner(descriptor, header);
  note(problem, write_attributes(attributes, header));
  note(problem, write_access_list(attributes, access_acl_attribute, header.access_acl, inherits));
  note(problem, write_access_list(attributes, default_acl_attribute, header.default_acl, inherits));
  note(problem, write_mode(descriptor, header.mode | owner_may_enter));
  return problem;
}

Problem MetadataWriter::finish_directory(int descriptor, const Fingerprint& fingerprint) {
  const std::span<const std::uint8_t> bytes(fingerprint.bytes);
  const auto mtime_ns = static_cast<std::int64_t>(scsi::load_be64(bytes, 24));
  Problem problem;
  if (privileged_ && fchown(descriptor, owners_.user(scsi::load_be32(bytes, 44)),
                            owners_.group(scsi::load_be32(bytes, 48))) != 0) {
    problem = errno_problem("set its owner", errno);
  }
  note(problem, write_mode(descriptor, fingerprint.mode()));
  note(problem, write_time(descriptor, time_of(mtime_ns)));
  return problem;
}

Problem MetadataWriter::write_special(const TargetFolder::Place& place,
                                      const MemberHeader& header) {
  const UniqueFd handle(
      openat(place.parent(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!handle) return errno_problem("open it", errno);
  const Attributes attributes(path_of(place.parent()) + "/" + place.name);
  Problem problem = write_owner(handle.get(), header);
  note(problem, write_attributes(attributes, header));
  if (header.type != '2') {
    const bool inherits = place.folder->has_default_acl;
    note(problem, write_access_list(attributes, access_acl_attribute, header.access_acl, inherits));
  }
  // fchmod() refuses such a handle; the link in /proc leads to the same inode.
  if (header.type != '2' && chmod(path_of(handle.get()).c_str(), header.mode & mode_bits) != 0) {
    note(problem, errno_problem("set its mode", errno));
  }
  if (utimensat(place.parent(), place.name.c_str(), modified_at(header.mtime).data(),
                AT_SYMLINK_NOFOLLOW) != 0) {
    note(problem, errno_problem("set its time", errno));
  }
  return problem;
}

Problem MetadataWriter::write_owner(int descriptor, const MemberHeader& header) {
  if (!privileged_) return std::nullopt;
  const uid_t user = owners_.user(header.user_name, header.uid);
  const gid_t group = owners_.group(header.group_name, header.gid);
  if (fchownat(descriptor, "", user, group, AT_EMPTY_PATH) == 0) return std::nullopt;
  return errno_problem("set its owner", errno);
}

Problem MetadataWriter::write_access_list(const Attributes& attributes, const char* name,
                                          const std::optional<std::string>& text, bool inherits) {
  if (!text) {
    // It has none, but its folder gave it one.
    if (!inherits || attributes.remove(name) == 0 || errno == ENODATA) return std::nullopt;
    return errno_problem("remove an inherited access control list", errno);
  }
  const auto encoded = encode_acl(*text, owners_);
  if (!encoded) return "its access control list cannot be understood";
  if (attributes.set(name, encoded->data(), encoded->size()) == 0) return std::nullopt;
  return errno_problem("set its access control list", errno);
}

Problem MetadataWriter::write_attributes(const Attributes& attributes, const MemberHeader& header) {
  Problem problem;
  for (const auto& [name, value] : header.extended_attributes) {
    if (!may_write(name) || attributes.set(name.c_str(), value.data(), value.size()) == 0) continue;
    note(problem, errno_problem("set its extended attribute " + name, errno));
  }
  return problem;
}

/// Access control lists come as text, by names; and only root may write the namespaces of the
/// system, as only root may set an owner.
bool MetadataWriter::may_write(const std::string& attribute) const {
  if (attribute == access_acl_attribute || attribute == default_acl_attribute) return false;
  return privileged_ || attribute.starts_with("user.");
}

}  // namespace tidemark
