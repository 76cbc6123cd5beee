// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace tidemark {

/// Reads an object's extended attributes and ACLs as pax records, SCHILY.xattr.* and SCHILY.acl.*.
/// One list call an object; file systems that have none are remembered. One per reader.
class ExtendedAttributeReader {
 public:
  ExtendedAttributeReader();

  /// Objects without a descriptor are found by name in this directory. Where
  /// `own_working_directory`, the thread's working directory is its own and is changed; else /proc
  /// leads there.
  void enter(int directory, bool own_working_directory);

  /// Complete pax records, valid until the next call; empty for most objects.
  std::string_view of_descriptor(int descriptor, dev_t device);
  /// Does not follow a symbolic link.
  std::string_view of_name(const char* name, dev_t device);

  /// Why the last object's attributes could not be read in full; 0 where they were.
  int error_number() const { return error_number_; }

 private:
  struct Object {
    int descriptor;
    const char* name;
  };
  std::string_view read(Object object, dev_t device);
  ssize_t list(Object object);
  ssize_t get(Object object, const char* attribute);
  void add(std::string_view attribute, std::span<const std::uint8_t> value);
  void add_record(std::string_view keyword, std::string_view value);
  bool known_without(dev_t device) const;

  std::unique_ptr<char[]> names_;
  std::unique_ptr<std::uint8_t[]> value_;
  std::string records_;
  std::string folder_;
  std::string name_;
  std::vector<dev_t> without_attributes_;
  int error_number_ = 0;
};

}  // namespace tidemark
