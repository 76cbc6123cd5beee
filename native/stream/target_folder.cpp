// SPDX-License-Identifier: Apache-2.0
#include "stream/target_folder.h"
#include "transport/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

namespace tidemark {
namespace {

constexpr std::size_t most_remembered = 32;
constexpr std::size_t longest_component = 255;
constexpr mode_t private_folder = 0700;

Problem check_component(std::string_view component) {
  if (component.empty() || component == "." || component == "..") {
    return "its path is not a plain relative path";
  }
  if (component.size() > longest_component)
    return "a component of its path is longer than 255 bytes";
  if (component.find('\0') != std::string_view::npos) return "its path contains a zero byte";
  return std::nullopt;
}

Problem check_path(std::string_view path) {
  if (path.ends_with('/')) return check_component({});
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (auto problem = check_component(path.substr(0, end))) return problem;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return std::nullopt;
}

/// One step down; never through a symbolic link.
int open_below(int parent, const std::string& name) {
  constexpr int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int descriptor = openat(parent, name.c_str(), O_RDONLY | flags);
  // A directory that may be searched but not listed is good enough.
  return descriptor < 0 && errno == EACCES ? openat(parent, name.c_str(), O_PATH | flags)
                                           : descriptor;
}

Problem step(int parent, const std::string& name, TargetFolder::MissingFolders missing,
             UniqueFd& folder) {
  int descriptor = open_below(parent, name);
  if (descriptor < 0 && errno == ENOENT && missing == TargetFolder::MissingFolders::create) {
    if (mkdirat(parent, name.c_str(), private_folder) != 0 && errno != EEXIST) {
      return errno_problem("make its parent directory", errno);
    }
    descriptor = open_below(parent, name);
  }
  if (descriptor < 0) return errno_problem("open its parent directory", errno);
  folder = UniqueFd(descriptor);
  return std::nullopt;
}

std::shared_ptr<const TargetFolder::Folder> make_folder(UniqueFd descriptor) {
  const ssize_t acl = fgetxattr(descriptor.get(), "system.posix_acl_default", nullptr, 0);
  return std::make_shared<const TargetFolder::Folder>(
      TargetFolder::Folder{std::move(descriptor), acl > 0});
}

}  // namespace

Problem TargetFolder::open(const std::string& path) {
  if (mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return errno_problem("make the target folder", errno);
  // The user names it: here links are followed.
  UniqueFd descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return errno_problem("open the target folder", errno);
  root_ = make_folder(std::move(descriptor));
  return std::nullopt;
}

Problem TargetFolder::locate(std::string_view path, MissingFolders missing, Place& place) {
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) {
    place = {root_, "."};
    return std::nullopt;
  }
  if (auto problem = check_path(path)) return problem;
  const std::size_t slash = path.rfind('/');
  const bool top = slash == std::string_view::npos;
  place.name = path.substr(top ? 0 : slash + 1);
  return open_folder(path.substr(0, top ? 0 : slash), missing, place.folder);
}

Problem TargetFolder::open_folder(std::string_view path, MissingFolders missing,
                                  std::shared_ptr<const Folder>& folder) {
  // The longest part of the path that is open already; the empty path is the target folder.
  std::string_view known = path;
  std::shared_ptr<const Folder> start = remembered(known);
  while (!start) {
    const std::size_t slash = known.rfind('/');
    known = known.substr(0, slash == std::string_view::npos ? 0 : slash);
    start = remembered(known);
  }
  UniqueFd reached;
  std::string_view rest = path.substr(known.size());
  while (!rest.empty()) {
    if (rest.starts_with('/')) rest.remove_prefix(1);
    const std::string_view component = rest.substr(0, rest.find('/'));
    rest.remove_prefix(component.size());
    const int parent = reached ? reached.get() : start->descriptor.get();
    UniqueFd next;
    if (auto problem = step(parent, std::string(component), missing, next)) return problem;
    reached = std::move(next);
  }
  if (reached) {
    start = make_folder(std::move(reached));
    remember(path, start);
  }
  folder = std::move(start);
  return std::nullopt;
}

std::shared_ptr<const TargetFolder::Folder> TargetFolder::remembered(std::string_view path) const {
  if (path.empty()) return root_;
  for (const Remembered& entry : remembered_) {
    if (entry.path == path) return entry.folder;
  }
  return nullptr;
}

void TargetFolder::remember(std::string_view path, std::shared_ptr<const Folder> folder) {
  Remembered entry{std::string(path), std::move(folder)};
  if (remembered_.size() < most_remembered) {
    remembered_.push_back(std::move(entry));
  } else {
    remembered_[next_victim_++ % most_remembered] = std::move(entry);
  }
}

void TargetFolder::forget(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  std::erase_if(remembered_, [&](const Remembered& entry) { return entry.path == path; });
}

}  // namespace tidemark
