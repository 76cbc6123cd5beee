// SPDX-License-Identifier: Apache-2.0
#include "stream/extended_attributes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/xattr.h>
#include <unistd.h>

#include "stream/pax_header.h"
#include "stream/posix_acl.h"

namespace tidemark {
namespace {

/// XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h: no file system may have more.
constexpr std::size_t most_bytes = 64u << 10;

constexpr std::string_view access_acl = "system.posix_acl_access";
constexpr std::string_view default_acl = "system.posix_acl_default";

/// GNU tar's encoding: a keyword ends at its first "=".
std::string encode_keyword(std::string_view attribute) {
  std::string keyword = "SCHILY.xattr.";
  for (const char c : attribute) {
    if (c == '=') {
      keyword += "%3D";
    } else if (c == '%') {
      keyword += "%25";
    } else {
      keyword += c;
    }
  }
  return keyword;
}

}  // namespace

/// Left as they are: where objects have no attributes this memory is never touched.
ExtendedAttributeReader::ExtendedAttributeReader()
    : names_(std::make_unique_for_overwrite<char[]>(most_bytes)),
      value_(std::make_unique_for_overwrite<std::uint8_t[]>(most_bytes)) {}

void ExtendedAttributeReader::enter(int directory, bool own_working_directory) {
  folder_.clear();
  if (own_working_directory && fchdir(directory) == 0) return;
  folder_ = "/proc/thread-self/fd/" + std::to_string(directory) + "/";
}

std::string_view ExtendedAttributeReader::of_descriptor(int descriptor, dev_t device) {
  return read({descriptor, nullptr}, device);
}

std::string_view ExtendedAttributeReader::of_name(const char* name, dev_t device) {
  if (folder_.empty()) return read({-1, name}, device);
  name_ = folder_ + name;
  return read({-1, name_.c_str()}, device);
}

std::string_view ExtendedAttributeReader::read(Object object, dev_t device) {
  error_number_ = 0;
  if (known_without(device)) return {};
  const ssize_t listed = list(object);
  if (listed == 0) return {};
  if (listed < 0) {
    if (errno == ENOTSUP) {
      without_attributes_.push_back(device);
    } else {
      error_number_ = errno;
    }
    return {};
  }
  records_.clear();
  for (const char* name = names_.get(); name < names_.get() + listed;) {
    const std::string_view attribute = name;
    const ssize_t length = get(object, name);
    if (length >= 0) {
      add(attribute, {value_.get(), static_cast<std::size_t>(length)});
    } else if (errno != ENODATA) {
      error_number_ = errno;
    }
    name += attribute.size() + 1;
  }
  return records_;
}

ssize_t ExtendedAttributeReader::list(Object object) {
  return object.name != nullptr ? llistxattr(object.name, names_.get(), most_bytes)
                                : flistxattr(object.descriptor, names_.get(), most_bytes);
}

ssize_t ExtendedAttributeReader::get(Object object, const char* attribute) {
  return object.name != nullptr ? lgetxattr(object.name, attribute, value_.get(), most_bytes)
                                : fgetxattr(object.descriptor, attribute, value_.get(), most_bytes);
}

void ExtendedAttributeReader::add(std::string_view attribute, std::span<const std::uint8_t> value) {
  const bool access = attribute == access_acl;
  if (access || attribute == default_acl) {
    if (const auto text = decode_acl(value)) {
      add_record(access ? "SCHILY.acl.access" : "SCHILY.acl.default", *text);
      return;
    }
  }
  add_record(encode_keyword(attribute),
             {reinterpret_cast<const char*>(value.data()), value.size()});
}

void ExtendedAttributeReader::add_record(std::string_view keyword, std::string_view value) {
  const std::size_t length = pax_record(nullptr, keyword, value);
  const std::size_t before = records_.size();
  records_.resize(before + length);
  pax_record(reinterpret_cast<std::uint8_t*>(records_.data()) + before, keyword, value);
}

bool ExtendedAttributeReader::known_without(dev_t device) const {
  return std::find(without_attributes_.begin(), without_attributes_.end(), device) !=
         without_attributes_.end();
}

}  // namespace tidemark
