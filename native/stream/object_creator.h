// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stream/expected_objects.h"
#include "stream/metadata_writer.h"
#include "stream/pax_reader.h"
#include "stream/problem.h"
#include "stream/target_folder.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Makes objects below the target folder. Nothing that exists is written into: it is replaced or
/// left.
class ObjectCreator {
 public:
  ObjectCreator(TargetFolder folder, bool numeric_owner, bool overwrite);

  /// A new regular file, empty; its metadata comes with `finish_file`.
  [[nodiscard]] Problem create_file(const ExpectedObject& object, UniqueFd& file);
  [[nodiscard]] Problem finish_file(int descriptor, const MemberHeader& header);
  /// Anything else, complete; directories still lack their time and last mode.
  [[nodiscard]] Problem create(const ExpectedObject& object, const MemberHeader& header);
  [[nodiscard]] Problem finish_directory(const ExpectedDirectory& directory);

 private:
  Problem create_directory(const std::string& path, const MemberHeader& header);
  Problem create_link(const TargetFolder::Place& place, const std::string& target);
  Problem create_special(const TargetFolder::Place& place, const MemberHeader& header);
  /// Calls `make`, which returns 0 or -1 and errno; where something is in the way, as `overwrite`
  /// says.
  template <typename Make>
  Problem make_at(const TargetFolder::Place& place, Make make);

  TargetFolder folder_;
  MetadataWriter metadata_;
  const bool overwrite_;
  /// The present file's folder has a default access control list.
  bool inherits_ = false;
};

}  // namespace tidemark
