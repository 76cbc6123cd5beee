// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stream/problem.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// The folder that a restore writes below. Paths are walked component by component from open
/// directories and no symbolic link is followed, so nothing on a tape, and nobody who changes the
/// folder meanwhile, can lead a restore out of it; paths longer than PATH_MAX work too.
class TargetFolder {
 public:
  struct Folder {
    UniqueFd descriptor;
    /// It has a default access control list, which new entries inherit.
    bool has_default_acl = false;
  };
  /// Where an object goes: the open parent directory and its name there.
  struct Place {
    std::shared_ptr<const Folder> folder;
    std::string name;

    [[nodiscard]] int parent() const { return folder->descriptor.get(); }
  };
  enum class MissingFolders { create, refuse };

  /// Opens the folder, which is made if only its last component is missing.
  [[nodiscard]] Problem open(const std::string& path);

  /// `path` is relative; a trailing slash is ignored. An empty one is the target folder itself, as
  /// ".".
  [[nodiscard]] Problem locate(std::string_view path, MissingFolders missing, Place& place);
  /// Its default access control list may have been changed.
  void forget(std::string_view path);

 private:
  struct Remembered {
    std::string path;
    std::shared_ptr<const Folder> folder;
  };

  Problem open_folder(std::string_view path, MissingFolders missing,
                      std::shared_ptr<const Folder>& folder);
  [[nodiscard]] std::shared_ptr<const Folder> remembered(std::string_view path) const;
  void remember(std::string_view path, std::shared_ptr<const Folder> folder);

  std::shared_ptr<const Folder> root_;
  /// Objects come directory by directory, from a few directories at a time.
  std::vector<Remembered> remembered_;
  std::size_t next_victim_ = 0;
};

}  // namespace tidemark
