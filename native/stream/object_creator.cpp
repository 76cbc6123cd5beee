// SPDX-License-Identifier: Apache-2.0
#include "stream/object_creator.h"
#include "transport/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace tidemark {
namespace {

constexpr mode_t private_file = 0600;
constexpr mode_t private_folder = 0700;
constexpr const char* exists = "exists";

int open_directory(const TargetFolder::Place& place) {
  return openat(place.parent(), place.name.c_str(),
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

}  // namespace

ObjectCreator::ObjectCreator(TargetFolder folder, bool numeric_owner, bool overwrite)
    : folder_(std::move(folder)), metadata_(numeric_owner), overwrite_(overwrite) {}

template <typename Make>
Problem ObjectCreator::make_at(const TargetFolder::Place& place, Make make) {
  if (make() == 0) return std::nullopt;
  if (errno != EEXIST) return errno_problem("make it", errno);
  if (!overwrite_) return exists;
  if (unlinkat(place.parent(), place.name.c_str(), 0) != 0) {
    return errno_problem("remove what is in its place", errno);
  }
  if (make() == 0) return std::nullopt;
  return errno_problem("make it", errno);
}

Problem ObjectCreator::begin_file(const ExpectedObject& object, const MemberHeader& header) {
  TargetFolder::Place place;
  if (auto problem = folder_.locate(object.path, TargetFolder::MissingFolders::create, place)) {
    return problem;
  }
  inherits_ = place.folder->has_default_acl;
  UniqueFd file;
  auto problem = make_at(place, [&] {
    file = UniqueFd(openat(place.parent(), place.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, private_file));
    return file ? 0 : -1;
  });
  if (!problem) file_.emplace(std::move(file), header);
  return problem;
}

Problem ObjectCreator::write(std::span<const std::uint8_t> bytes) { return file_->write(bytes); }

Problem ObjectCreator::end_file(const MemberHeader& header) {
  Problem problem = file_->finish();
  note(problem, metadata_.write_file(file_->descriptor(), header, inherits_));
  note(problem, file_->close());
  file_.reset();
  return problem;
}

Problem ObjectCreator::create(const ExpectedObject& object, const MemberHeader& header) {
  if (object.kind == ObjectKind::directory) return create_directory(object.path, header);
  TargetFolder::Place place;
  if (auto problem = folder_.locate(object.path, TargetFolder::MissingFolders::create, place)) {
    return problem;
  }
  if (object.kind == ObjectKind::hard_link) {
    // Replacing the target by a link to itself would lose it.
    if (header.link_path == object.path) return "it is a link to itself";
    return create_link(place, header.link_path);
  }
  return create_special(place, header);
}

Problem ObjectCreator::create_directory(const std::string& path, const MemberHeader& header) {
  TargetFolder::Place place;
  if (auto problem = folder_.locate(path, TargetFolder::MissingFolders::create, place)) {
    return problem;
  }
  const auto make = [&] { return mkdirat(place.parent(), place.name.c_str(), private_folder); };
  // One that is there is taken as it is: made for its entries, or restored before, or the user's.
  UniqueFd directory;
  if (make() == 0 || errno == EEXIST) directory = UniqueFd(open_directory(place));
  if (!directory) {
    if (auto problem = make_at(place, make)) return problem;
    directory = UniqueFd(open_directory(place));
    if (!directory) return errno_problem("open it", errno);
  }
  auto problem =
      metadata_.write_open_directory(directory.get(), header, place.folder->has_default_acl);
  folder_.forget(path);
  return problem;
}

Problem ObjectCreator::create_link(const TargetFolder::Place& place, const std::string& target) {
  TargetFolder::Place original;
  if (auto problem = folder_.locate(target, TargetFolder::MissingFolders::refuse, original)) {
    return "the file it is a link to was not restored";
  }
  bool missing = false;
  auto problem = make_at(place, [&] {
    const int made =
        linkat(original.parent(), original.name.c_str(), place.parent(), place.name.c_str(), 0);
    missing = made != 0 && errno == ENOENT;
    return made;
  });
  return missing ? "the file it is a link to was not restored" : problem;
}

Problem ObjectCreator::create_special(const TargetFolder::Place& place,
                                      const MemberHeader& header) {
  const char* name = place.name.c_str();
  const dev_t device = makedev(header.device_major, header.device_minor);
  auto problem = make_at(place, [&] {
    switch (header.type) {
      case '2':
        return symlinkat(header.link_path.c_str(), place.parent(), name);
      case '3':
        return mknodat(place.parent(), name, S_IFCHR | private_file, device);
      case '4':
        return mknodat(place.parent(), name, S_IFBLK | private_file, device);
      default:
        return mkfifoat(place.parent(), name, private_file);
    }
  });
  return problem ? problem : metadata_.write_special(place, header);
}

Problem ObjectCreator::finish_directory(const ExpectedDirectory& directory) {
  TargetFolder::Place place;
  if (auto problem = folder_.locate(directory.path, TargetFolder::MissingFolders::refuse, place)) {
    return problem;
  }
  const UniqueFd opened(open_directory(place));
  if (!opened) return errno_problem("open it", errno);
  return metadata_.finish_directory(opened.get(), directory.fingerprint);
}

}  // namespace tidemark
