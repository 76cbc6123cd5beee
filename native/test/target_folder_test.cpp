// SPDX-License-Identifier: Apache-2.0
#include "stream/target_folder.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "temporary_folder.h"

using namespace tidemark;

namespace {

using MissingFolders = TargetFolder::MissingFolders;

struct Target {
  test::TemporaryFolder outer;
  TargetFolder folder;
  TargetFolder::Place place;

  Target() { REQUIRE_FALSE(folder.open(path())); }
  std::string path() const { return outer.path() + "/target"; }
};

bool same_folder(int descriptor, const std::string& path) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

TEST_CASE("the target folder is made, but not the folders that lead to it") {
  Target target;
  CHECK(std::filesystem::is_directory(target.path()));
  TargetFolder other;
  CHECK(other.open(target.outer.path() + "/not/there"));
  std::ofstream(target.outer.path() + "/file") << "x";
  CHECK(other.open(target.outer.path() + "/file"));
}

TEST_CASE("a place is the open parent and a name; missing parents are made, for their owner only") {
  Target target;
  REQUIRE_FALSE(target.folder.locate("a/b/c", MissingFolders::create, target.place));
  CHECK(target.place.name == "c");
  CHECK(same_folder(target.place.parent(), target.path() + "/a/b"));
  struct stat made {};
  REQUIRE(stat((target.path() + "/a").c_str(), &made) == 0);
  CHECK((made.st_mode & 07777) == 0700);
  REQUIRE_FALSE(target.folder.locate("a/d/", MissingFolders::create, target.place));
  CHECK(target.place.name == "d");
  CHECK(same_folder(target.place.parent(), target.path() + "/a"));
  REQUIRE_FALSE(target.folder.locate("", MissingFolders::refuse, target.place));
  CHECK(target.place.name == ".");
  CHECK(same_folder(target.place.parent(), target.path()));
}

TEST_CASE("many folders are walked right, whichever are still open") {
  Target target;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string folder = "x" + std::to_string(i % 7) + "/y" + std::to_string(i);
      REQUIRE_FALSE(target.folder.locate(folder + "/z", MissingFolders::create, target.place));
      CHECK(same_folder(target.place.parent(), target.path() + "/" + folder));
    }
  }
}

TEST_CASE("missing folders are not made where they should be there") {
  Target target;
  CHECK(target.folder.locate("a/b", MissingFolders::refuse, target.place));
  CHECK(std::filesystem::is_empty(target.path()));
}

TEST_CASE("paths that are not plain, and symbolic links on the way, are refused") {
  Target target;
  std::filesystem::create_directory_symlink(target.outer.path(), target.path() + "/link");
  for (const std::string path :
       {"/a", "a//b", "a/../b", "..", ".", "./a", "a/.", "a//", "//", "link/x", "link/target/x"}) {
    CAPTURE(path);
    CHECK(target.folder.locate(path, MissingFolders::create, target.place));
  }
  CHECK(target.folder.locate(std::string("a\0b", 3), MissingFolders::create, target.place));
  CHECK(target.folder.locate(std::string(256, 'a'), MissingFolders::create, target.place));
  REQUIRE_FALSE(target.folder.locate("link", MissingFolders::create, target.place));
}
