// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_reader.h"

#include <algorithm>

namespace tidemark {
namespace {

/// Whether members of this type have data; others have none whatever their size field says.
bool has_data(char type) { return type == '0' || type == '7'; }

bool has_zero_byte(const std::string& text) { return text.find('\0') != std::string::npos; }

}  // namespace

void PaxReader::restart() {
  block_filled_ = 0;
  data_left_ = 0;
  padded_left_ = 0;
  extended_bytes_ = 0;
  data_.clear();
  attributes_ = {};
  member_ = {};
  problem_.clear();
}

PaxReader::State PaxReader::feed(std::span<const std::uint8_t>& bytes) {
  State state = State::more;
  while (state == State::more && !bytes.empty()) {
    if (padded_left_ > 0) {
      const std::size_t taken = std::min<std::uint64_t>(padded_left_, bytes.size());
      const std::size_t of_data = std::min<std::uint64_t>(data_left_, taken);
      if (keeps_data_) data_.insert(data_.end(), bytes.begin(), bytes.begin() + of_data);
      bytes = bytes.subspan(taken);
      data_left_ -= of_data;
      padded_left_ -= taken;
      if (padded_left_ == 0) state = end_of_extended_header();
    } else {
      const std::size_t taken = std::min(tar_block - block_filled_, bytes.size());
      std::copy_n(bytes.begin(), taken, block_.begin() + block_filled_);
      bytes = bytes.subspan(taken);
      block_filled_ += taken;
      if (block_filled_ == tar_block) state = end_of_block();
    }
  }
  return state;
}

PaxReader::State PaxReader::end_of_block() {
  block_filled_ = 0;
  if (is_zero(block_)) return damaged("zeros stand where its header should be");
  auto header = decode_ustar_header(block_);
  if (!header) return damaged("its header is no valid tar header");
  if (header->type != 'x' && header->type != 'g') return take_member(std::move(*header));
  // Global headers are fillers and segment comments: nothing of them is about the member.
  keeps_data_ = header->type == 'x';
  const std::uint64_t allowed = largest_extended_header - (keeps_data_ ? extended_bytes_ : 0);
  if (header->size > allowed) return damaged("its extended header is too long");
  if (keeps_data_) extended_bytes_ += header->size;
  data_left_ = header->size;
  padded_left_ = *padded_to_tar_block(header->size);
  return State::more;
}

PaxReader::State PaxReader::end_of_extended_header() {
  if (keeps_data_ && !decode_pax_records(data_, attributes_)) {
    return damaged("its extended header is malformed");
  }
  data_.clear();
  return State::more;
}

PaxReader::State PaxReader::take_member(UstarHeader&& header) {
  member_.type = header.type == '7' ? '0' : header.type;
  member_.path = attributes_.path.value_or(std::move(header.path));
  member_.link_path = attributes_.link_path.value_or(std::move(header.link_path));
  member_.mode = header.mode;
  member_.uid = attributes_.uid.value_or(header.uid);
  member_.gid = attributes_.gid.value_or(header.gid);
  member_.user_name = attributes_.user_name.value_or(std::move(header.user_name));
  member_.group_name = attributes_.group_name.value_or(std::move(header.group_name));
  member_.mtime = attributes_.mtime.value_or(FileTime{header.mtime_s, 0});
  member_.device_major = header.device_major;
  member_.device_minor = header.device_minor;
  member_.archived_bytes = has_data(header.type) ? attributes_.size.value_or(header.size) : 0;
  member_.real_bytes = member_.archived_bytes;
  member_.access_acl = std::move(attributes_.access_acl);
  member_.default_acl = std::move(attributes_.default_acl);
  member_.extended_attributes = std::move(attributes_.extended_attributes);
  // The largest 32-bit number means "leave it" to chown.
  if (member_.uid >= UINT32_MAX || member_.gid >= UINT32_MAX)
    return damaged("its owner is out of range");
  if (has_zero_byte(member_.path) || has_zero_byte(member_.link_path)) {
    return damaged("its path contains a zero byte");
  }
  if (!padded_to_tar_block(member_.archived_bytes)) return damaged("its size is out of range");
  if (!take_sparse()) return damaged("its sparse format is unknown");
  return State::complete;
}

/// GNU.sparse 1.0 is the only sparse format that this system writes.
bool PaxReader::take_sparse() {
  if (!attributes_.sparse_major) return !attributes_.sparse_real_size && !attributes_.sparse_name;
  if (member_.type != '0' || *attributes_.sparse_major != 1 || attributes_.sparse_minor != 0 ||
      !attributes_.sparse_real_size || !padded_to_tar_block(*attributes_.sparse_real_size)) {
    return false;
  }
  member_.sparse = true;
  member_.real_bytes = *attributes_.sparse_real_size;
  if (attributes_.sparse_name) member_.path = std::move(*attributes_.sparse_name);
  return true;
}

PaxReader::State PaxReader::damaged(const char* problem) {
  problem_ = problem;
  return State::damaged;
}

}  // namespace tidemark
