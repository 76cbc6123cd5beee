// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "stream/file_writer.h"
#include "stream/metadata_writer.h"
#include "stream/object_sink.h"
#include "stream/target_folder.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Makes objects below the target folder. Nothing that exists is written into: it is replaced or
/// left.
class ObjectCreator : public ObjectSink {
 public:
  ObjectCreator(TargetFolder folder, bool numeric_owner, bool overwrite);

  [[nodiscard]] Problem begin_file(const ExpectedObject& object,
                                   const MemberHeader& header) override;
  [[nodiscard]] Problem write(std::span<const std::uint8_t> bytes) override;
  /// Whatever was wrong with its data, the file gets its metadata.
  [[nodiscard]] Problem end_file(const MemberHeader& header) override;
  void abandon_file() override { file_.reset(); }
  [[nodiscard]] Problem create(const ExpectedObject& object, const MemberHeader& header) override;
  [[nodiscard]] Problem finish_directory(const ExpectedDirectory& directory) override;

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
  std::optional<FileWriter> file_;
  /// The present file's folder has a default access control list.
  bool inherits_ = false;
};

}  // namespace tidemark
