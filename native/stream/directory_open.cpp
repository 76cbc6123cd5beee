// SPDX-License-Identifier: Apache-2.0
#include "stream/directory_open.h"

#include <cerrno>
#include <climits>
#include <string>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tidemark {
namespace {

constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
/// A rename elsewhere in the tree makes the kernel's check of a path inconclusive; it asks to try
/// again.
constexpr int most_attempts = 8;

int resolve(int root, const char* path, int extra_flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | extra_flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long descriptor = -1;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (descriptor >= 0 || errno != EAGAIN) break;
  }
  // Kernels before 5.6, and sandboxes that do not know the call.
  if (descriptor < 0 && (errno == ENOSYS || (errno == EPERM && extra_flags == 0))) {
    descriptor = openat(root, path, flags | extra_flags);
  }
  return descriptor >= 0 ? static_cast<int>(descriptor) : -errno;
}

/// Only a directory's owner may say O_NOATIME (open(2)).
int open_piece(int root, const char* path) {
  const int descriptor = resolve(root, path, O_NOATIME);
  return descriptor == -EPERM ? resolve(root, path, 0) : descriptor;
}

}  // namespace

int open_directory_beneath(int root, std::string_view path) {
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return open_piece(root, ".");
  int from = root;
  for (;;) {
    // The kernel takes at most PATH_MAX bytes at a time.
    const bool rest_fits = path.size() < PATH_MAX;
    const std::size_t end = rest_fits ? path.size() : path.rfind('/', PATH_MAX - 1);
    if (end == std::string_view::npos) return -ENAMETOOLONG;
    const int descriptor = open_piece(from, std::string(path.substr(0, end)).c_str());
    if (from != root) close(from);
    if (descriptor < 0 || rest_fits) return descriptor;
    from = descriptor;
    path.remove_prefix(end + 1);
  }
}

int open_source_directory(const char* path) {
  const int descriptor = open(path, (flags & ~O_NOFOLLOW) | O_NOATIME);
  if (descriptor >= 0) return descriptor;
  if (errno != EPERM) return -errno;
  const int again = open(path, flags & ~O_NOFOLLOW);
  return again >= 0 ? again : -errno;
}

}  // namespace tidemark
