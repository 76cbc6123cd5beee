// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "stream/container_answer.h"
#include "stream/container_hash.h"
#include "stream/container_queue.h"
#include "stream/directory_reader.h"
#include "stream/object_packer.h"
#include "stream/source_walk.h"

namespace tidemark {

/// Walks one directory after the other: judges its entries against the catalog, packs what is
/// missing, and closes the container with its hash. One per reader, on the reader's thread.
class ContainerPacker {
 public:
  ContainerPacker(const PackerStream& stream, ContainerQueue& queue, WalkState& state,
                  RecordFrameWriter& records, PackerCounters& counters);
  ~ContainerPacker();
  ContainerPacker(const ContainerPacker&) = delete;
  ContainerPacker& operator=(const ContainerPacker&) = delete;

  /// First thing on the thread.
  void begin() { descriptors_.separate(); }
  /// False once stopped.
  [[nodiscard]] bool work(const std::shared_ptr<SourceWalk>& source, ContainerTask&& task);

 private:
  using Entry = DirectoryReader::Entry;
  using Result = ObjectPacker::Result;

  struct Retry {
    const Entry* entry;
    std::size_t place;
    Result first;
  };

  void use(const std::shared_ptr<SourceWalk>& source);
  bool continue_member();
  bool pack();
  int open_directory();
  void close_directory();
  void open_container(const Fingerprint& fingerprint);
  void record_unreadable(int error_number);
  bool close_container();

  bool skip_complete();
  bool matches_catalog();
  bool is_continued(std::string_view name) const;
  bool is_done(std::string_view name, const Fingerprint& fingerprint) const;

  bool pack_root_member();
  bool pack_entries();
  bool pack_entry(const Entry& entry);
  bool retry_changed();
  void record_removed();
  void take(const Entry& entry, const Result& result);
  void count_exception() { ++exceptions_; }
  void note_member(const Result& result);
  void add_child(std::string_view name, const Fingerprint& fingerprint, std::uint64_t segment);
  void hand_over_children();
  std::string member_path() const { return source_->member_prefix + task_.path; }

  const PackerStream stream_;
  ContainerQueue& queue_;
  WalkState& state_;
  RecordFrameWriter& records_;
  PackerCounters& counters_;
  ThreadDescriptors descriptors_;
  ObjectPacker objects_;
  DirectoryReader listing_;
  ContainerHash hash_;

  std::shared_ptr<SourceWalk> source_;
  int root_ = -1;
  int root_error_ = 0;
  dev_t root_device_ = 0;

  // --- The directory at hand ---
  ContainerTask task_;
  CompleteObjects complete_objects_;
  /// Only then is it worth looking at entries before they are packed.
  bool may_be_done_ = false;
  int directory_ = -1;
  struct stat opened_ {};
  std::uint64_t container_id_ = 0;
  std::uint64_t exceptions_ = 0;
  std::uint64_t end_offset_ = 0;
  std::uint64_t last_segment_ = 0;
  std::uint64_t skipped_ = 0;
  std::vector<Retry> retries_;
  std::vector<ContainerTask> children_;
};

}  // namespace tidemark
