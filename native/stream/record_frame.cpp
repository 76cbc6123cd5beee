// SPDX-License-Identifier: Apache-2.0
#include "stream/record_frame.h"

#include <algorithm>

#include "stream/cbor_writer.h"
#include "stream/record_type.h"

namespace tidemark {
namespace {

/// No record has more than 13 items beside its byte strings' contents.
constexpr std::size_t heads_of_a_record = 16 * CborWriter::largest_head;

void begin(CborWriter& writer, std::uint64_t items, RecordType type) {
  writer.array(items);
  writer.uint(static_cast<std::uint64_t>(type));
}

}  // namespace

void RecordFrameWriter::append(const ContainerOpenRecord& record) {
  std::lock_guard lock(mutex_);
  CborWriter writer(reserve(heads_of_a_record + record.path.size() + Fingerprint::size));
  begin(writer, 6, RecordType::container_open);
  writer.uint(record.container_id);
  writer.uint(record.source_index);
  writer.bytes(record.path);
  writer.bytes(record.fingerprint.bytes);
  writer.uint(record.stream_offset);
  commit(writer.end(), record.stream_offset, record.stream_offset);
}

void RecordFrameWriter::append(const ContainerCloseRecord& record) {
  std::lock_guard lock(mutex_);
  CborWriter writer(
      reserve(heads_of_a_record + record.path.size() + Fingerprint::size + sizeof(Digest128)));
  begin(writer, 10, RecordType::container_close);
  writer.uint(record.container_id);
  writer.uint(record.source_index);
  writer.bytes(record.path);
  writer.uint(record.entries);
  writer.uint(record.exceptions);
  writer.bytes(record.hash);
  writer.uint(record.end_offset);
  writer.bytes(record.fingerprint.bytes);
  writer.boolean(record.unchanged);
  commit(writer.end(), record.end_offset, record.end_offset);
}

void RecordFrameWriter::append(const ObjectOpenRecord& record) {
  std::lock_guard lock(mutex_);
  CborWriter writer(reserve(heads_of_a_record + record.name.size() + Fingerprint::size +
                            record.sparse_map.size()));
  begin(writer, 10, RecordType::object_open);
  writer.uint(record.container_id);
  writer.bytes(record.name);
  writer.uint(static_cast<std::uint64_t>(record.kind));
  writer.bytes(record.fingerprint.bytes);
  writer.uint(record.header_offset);
  writer.uint(record.data_offset);
  writer.uint(record.end_offset);
  writer.uint(record.archived_bytes);
  if (record.sparse_map.empty()) {
    writer.null();
  } else {
    writer.bytes(record.sparse_map);
  }
  // It must be in the catalog before its first byte is written, though it ends much later.
  commit(writer.end(), record.header_offset, record.end_offset);
}

void RecordFrameWriter::append(const ObjectRecord& record) {
  const std::string_view target = record.link_target.value_or(std::string_view());
  std::lock_guard lock(mutex_);
  CborWriter writer(reserve(heads_of_a_record + record.name.size() + Fingerprint::size +
                            sizeof(Digest128) + target.size()));
  begin(writer, 12, RecordType::object);
  writer.uint(record.container_id);
  writer.bytes(record.name);
  writer.uint(static_cast<std::uint64_t>(record.kind));
  writer.bytes(record.fingerprint.bytes);
  writer.uint(record.header_offset);
  writer.uint(record.data_offset);
  writer.uint(record.end_offset);
  writer.uint(static_cast<std::uint64_t>(record.outcome));
  if (record.digest) {
    writer.bytes(*record.digest);
  } else {
    writer.null();
  }
  if (record.link_target) {
    writer.bytes(target);
  } else {
    writer.null();
  }
  writer.uint(static_cast<std::uint64_t>(record.error_number));
  commit(writer.end(), record.end_offset, record.end_offset);
}

void RecordFrameWriter::append(const ExtentRecord& record) {
  std::lock_guard lock(mutex_);
  CborWriter writer(reserve(heads_of_a_record + record.name.size() + sizeof(Digest128)));
  begin(writer, 7, RecordType::extent);
  writer.uint(record.container_id);
  writer.bytes(record.name);
  writer.uint(record.header_offset);
  writer.uint(record.from);
  writer.uint(record.to);
  writer.bytes(record.digest);
  commit(writer.end(), record.stream_end, record.stream_end);
}

void RecordFrameWriter::deliver_due(std::uint64_t stream_offset) {
  std::lock_guard lock(mutex_);
  if (due_offset_ <= stream_offset) hand_over();
}

void RecordFrameWriter::deliver() {
  std::lock_guard lock(mutex_);
  hand_over();
}

void RecordFrameWriter::drop() {
  std::lock_guard lock(mutex_);
  frame_ = {};
  due_offset_ = UINT64_MAX;
}

std::uint8_t* RecordFrameWriter::reserve(std::size_t bytes) {
  if (frame_.bytes != nullptr && frame_.size + bytes > capacity_) hand_over();
  if (frame_.bytes == nullptr) {
    capacity_ = std::max(frame_size, bytes);
    frame_.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  }
  return frame_.bytes.get() + frame_.size;
}

void RecordFrameWriter::commit(const std::uint8_t* end, std::uint64_t due_offset,
                               std::uint64_t end_offset) {
  frame_.size = static_cast<std::size_t>(end - frame_.bytes.get());
  ++frame_.records;
  frame_.maximum_end_offset = std::max(frame_.maximum_end_offset, end_offset);
  due_offset_ = std::min(due_offset_, due_offset);
}

void RecordFrameWriter::hand_over() {
  if (frame_.records == 0) return;
  deliver_(std::move(frame_));
  frame_ = {};
  due_offset_ = UINT64_MAX;
}

}  // namespace tidemark
