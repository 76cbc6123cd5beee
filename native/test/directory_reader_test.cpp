// SPDX-License-Identifier: Apache-2.0
#include "stream/directory_reader.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/directory_open.h"
#include "temporary_folder.h"
#include "transport/unique_fd.h"

namespace tidemark {
namespace {

void touch(const std::string& path) { UniqueFd(open(path.c_str(), O_WRONLY | O_CREAT, 0600)); }

TEST_CASE("entries are sorted by the bytes of their names") {
  const test::TemporaryFolder folder;
  const std::vector<std::string> names{"A",         "a",     "aaaaaaaa", "aaaaaaaab",
                                       "aaaaaaaac", "b\xff", "\xc3\xa4"};
  for (const std::string& name :
       {names[5], names[1], names[6], names[3], names[0], names[4], names[2]}) {
    touch(folder.path() + "/" + name);
  }
  const UniqueFd directory(open_source_directory(folder.path().c_str()));
  REQUIRE(directory);
  DirectoryReader reader;
  REQUIRE(reader.read(directory.get()) == 0);
  std::vector<std::string> found;
  for (const auto& entry : reader.entries()) {
    found.emplace_back(reader.name(entry));
    CHECK(found.back() == reader.c_name(entry));
    CHECK((entry.type == DT_REG || entry.type == DT_UNKNOWN));
  }
  CHECK(found == names);
}

TEST_CASE("an empty directory, and what is none") {
  const test::TemporaryFolder folder;
  DirectoryReader reader;
  const UniqueFd directory(open_source_directory(folder.path().c_str()));
  CHECK(reader.read(directory.get()) == 0);
  CHECK(reader.entries().empty());
  touch(folder.path() + "/file");
  const UniqueFd file(open((folder.path() + "/file").c_str(), O_RDONLY));
  CHECK(reader.read(file.get()) == ENOTDIR);
  CHECK(open_source_directory((folder.path() + "/file").c_str()) == -ENOTDIR);
}

TEST_CASE("directories are opened below the root, and through no link") {
  const test::TemporaryFolder folder;
  const std::string inner = folder.path() + "/inner";
  REQUIRE(mkdir(inner.c_str(), 0700) == 0);
  REQUIRE(mkdir((inner + "/deep").c_str(), 0700) == 0);
  REQUIRE(symlink("inner", (folder.path() + "/link").c_str()) == 0);
  const UniqueFd root(open_source_directory(folder.path().c_str()));
  CHECK(UniqueFd(open_directory_beneath(root.get(), "")));
  CHECK(UniqueFd(open_directory_beneath(root.get(), "inner/")));
  CHECK(UniqueFd(open_directory_beneath(root.get(), "inner/deep/")));
  CHECK(open_directory_beneath(root.get(), "none/") == -ENOENT);
  CHECK(open_directory_beneath(root.get(), "link/") < 0);
  CHECK(open_directory_beneath(root.get(), "link/deep/") < 0);
  CHECK(open_directory_beneath(root.get(), "../") < 0);
}

TEST_CASE("S10: a path may be longer than the kernel takes at a time") {
  const test::TemporaryFolder folder;
  const UniqueFd root(open_source_directory(folder.path().c_str()));
  const std::string component(200, 'd');
  std::string path;
  UniqueFd at(dup(root.get()));
  for (int depth = 0; depth < 30; ++depth) {
    REQUIRE(mkdirat(at.get(), component.c_str(), 0700) == 0);
    at = UniqueFd(openat(at.get(), component.c_str(), O_RDONLY | O_DIRECTORY));
    path += component + '/';
  }
  REQUIRE(path.size() > 6000);
  const UniqueFd deepest(open_directory_beneath(root.get(), path));
  REQUIRE(deepest);
  struct stat expected;
  struct stat found;
  REQUIRE(fstat(at.get(), &expected) == 0);
  REQUIRE(fstat(deepest.get(), &found) == 0);
  CHECK(expected.st_ino == found.st_ino);
}

}  // namespace
}  // namespace tidemark
