// SPDX-License-Identifier: Apache-2.0
#include "stream/object_restorer.h"

#include <algorithm>

namespace tidemark {
namespace {

bool type_matches(ObjectKind kind, const MemberHeader& header) {
  switch (kind) {
    case ObjectKind::file:
      return header.type == '0' && !header.sparse;
    case ObjectKind::sparse_file:
      return header.type == '0' && header.sparse;
    case ObjectKind::directory:
      return header.type == '5';
    case ObjectKind::symbolic_link:
      return header.type == '2';
    case ObjectKind::hard_link:
      return header.type == '1';
    case ObjectKind::fifo:
      return header.type == '6';
    case ObjectKind::character_device:
      return header.type == '3';
    case ObjectKind::block_device:
      return header.type == '4';
  }
  return false;
}

}  // namespace

void ObjectRestorer::feed(std::uint64_t stream_offset, std::span<const std::uint8_t> bytes) {
  if (stream_offset != position_ && phase_ != Phase::seeking) {
    end_object("the tape was not read to its end");
  }
  position_ = stream_offset;
  while (!bytes.empty()) {
    if (phase_ == Phase::seeking) {
      take_next();
      const std::size_t passed = pass_over(bytes.size());
      bytes = bytes.subspan(passed);
      position_ += passed;
      if (bytes.empty()) return;
      headers_.restart();
      phase_ = Phase::headers;
    }
    if (phase_ == Phase::headers) {
      read_headers(bytes);
    } else {
      const std::size_t taken = std::min<std::uint64_t>(data_left_, bytes.size());
      read_data(bytes.first(taken));
      bytes = bytes.subspan(taken);
    }
  }
}

/// The next object whose headers can still come.
void ObjectRestorer::take_next() {
  while (true) {
    if (!object_) object_ = expected_.next();
    if (!object_ || object_->header_offset >= position_) return;
    end_object("its beginning was not read");
  }
}

/// How many of these bytes lie before the object.
std::size_t ObjectRestorer::pass_over(std::uint64_t bytes) const {
  return object_ ? std::min(object_->header_offset - position_, bytes) : bytes;
}

void ObjectRestorer::read_headers(std::span<const std::uint8_t>& bytes) {
  const std::size_t before = bytes.size();
  const PaxReader::State state = headers_.feed(bytes);
  position_ += before - bytes.size();
  if (state == PaxReader::State::damaged) end_object(headers_.problem());
  if (state == PaxReader::State::complete) begin_object(position_);
}

/// The catalog and the tape must mean the same member.
Problem ObjectRestorer::check_header(std::uint64_t header_end) const {
  const MemberHeader& header = headers_.member();
  if (!type_matches(object_->kind, header))
    return "the tape holds something of another kind in its place";
  const std::uint64_t padded = *padded_to_tar_block(header.archived_bytes);
  if (object_->end_offset < header_end || object_->end_offset - header_end != padded) {
    return "its length on the tape is not what the catalog says";
  }
  return std::nullopt;
}

void ObjectRestorer::begin_object(std::uint64_t header_end) {
  const MemberHeader& header = headers_.member();
  if (auto problem = check_header(header_end)) return end_object(problem);
  if (header.type != '0') return end_object(sink_->create(*object_, header));
  if (auto problem = sink_->begin_file(*object_, header)) return end_object(problem);
  file_.emplace(*object_, header);
  data_left_ = header.archived_bytes;
  phase_ = Phase::data;
  if (data_left_ == 0) end_file();
}

void ObjectRestorer::read_data(std::span<const std::uint8_t> bytes) {
  position_ += bytes.size();
  data_left_ -= bytes.size();
  if (!file_->problem) {
    file_->problem = sink_->write(bytes);
    if (!file_->problem) {
      report_.bytes_restored(bytes.size());
      file_->check.update(bytes);
    }
  }
  if (data_left_ == 0) end_file();
}

/// A file whose digest is wrong keeps what was read of it, metadata included: the report names it.
void ObjectRestorer::end_file() {
  Problem problem = std::move(file_->problem);
  if (!problem) problem = file_->check.finish();
  note(problem, sink_->end_file(headers_.member()));
  report_file(problem);
  end_object(problem);
}

/// Bytes of a file that is damaged anywhere prove nothing: it is not what was backed up.
void ObjectRestorer::report_file(const Problem& problem) {
  report_.bytes_unproved(file_->check.unproved_bytes());
  if (!problem) report_.bytes_proved(file_->check.proved_bytes());
  file_.reset();
}

void ObjectRestorer::end_object(const Problem& problem) {
  if (problem) {
    report_.damaged(object_->path, *problem);
  } else {
    report_.object_restored();
  }
  if (file_) {
    sink_->abandon_file();
    report_file(problem);
  }
  object_.reset();
  phase_ = Phase::seeking;
}

void ObjectRestorer::finish_directories(std::span<const std::uint8_t> packed) {
  while (!packed.empty()) {
    const auto directory = unpack_expected_directory(packed);
    if (!directory) return;
    if (auto problem = sink_->finish_directory(*directory)) {
      report_.damaged(directory->path, std::move(*problem));
    }
  }
}

RestoreSummary ObjectRestorer::finish() {
  if (phase_ != Phase::seeking) end_object("the tape was not read to its end");
  while (object_ || (object_ = expected_.next())) end_object("it was not read");
  return report_.summary();
}

}  // namespace tidemark
