// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "stream/fingerprint.h"
#include "stream/owner_names.h"
#include "stream/pax_reader.h"
#include "stream/problem.h"
#include "stream/target_folder.h"

namespace tidemark {

/// Gives restored objects their owner, extended attributes, access control lists, mode and time.
///
/// Always in this order: a change of owner takes set-user-id bits and security.capability away;
/// attributes cannot be written by an owner whom a list or the mode forbids to write; a list and
/// the mode write the same bits; and the time comes last, for everything else may move it.
class MetadataWriter {
 public:
  explicit MetadataWriter(bool numeric_owner);

  /// A regular file, open for writing. `inherits`: its folder has a default access control list.
  [[nodiscard]] Problem write_file(int descriptor, const MemberHeader& header, bool inherits);
  /// A directory while objects are still to be restored into it: its owner may enter it.
  [[nodiscard]] Problem write_open_directory(int descriptor, const MemberHeader& header,
                                             bool inherits);
  /// A directory when nothing will change in it any more.
  [[nodiscard]] Problem finish_directory(int descriptor, const Fingerprint& fingerprint);
  /// Symbolic links, fifos and devices, which cannot be opened.
  [[nodiscard]] Problem write_special(const TargetFolder::Place& place, const MemberHeader& header);

 private:
  class Attributes;
  Problem write_owner(int descriptor, const MemberHeader& header);
  Problem write_access_list(const Attributes& attributes, const char* name,
                            const std::optional<std::string>& text, bool inherits);
  Problem write_attributes(const Attributes& attributes, const MemberHeader& header);
  [[nodiscard]] bool may_write(const std::string& attribute) const;

  OwnerNames owners_;
  const bool privileged_;
};

}  // namespace tidemark
