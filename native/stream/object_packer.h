// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "stream/extended_attributes.h"
#include "stream/extent_size.h"
#include "stream/file_reader.h"
#include "stream/link_map.h"
#include "stream/member_index.h"
#include "stream/object_record.h"
#include "stream/packer_counters.h"
#include "stream/pax_header.h"
#include "stream/record_frame.h"
#include "stream/ring.h"
#include "stream/stream_space.h"
#include "stream/thread_descriptors.h"

namespace tidemark {

/// What all readers write to.
struct PackerStream {
  Ring& ring;
  StreamSpace& space;
  LinkMap& links;
  MemberIndex& members;
  /// Of objects that are not huge: see extent_bytes_for.
  std::uint64_t extent_bytes = default_extent_bytes;
};

/// The rest of a member that an earlier epoch cut.
struct ContinuedMember {
  std::string name;
  Fingerprint fingerprint;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t end_offset = 0;
  std::uint64_t archived_bytes = 0;
  std::optional<SparseMap> map;
};

/// Puts one object after the other into the stream: its status, its member, its record. One per
/// reader.
class ObjectPacker {
 public:
  struct Result {
    /// The ring was stopped; nothing else counts.
    bool stopped = false;
    ObjectOutcome outcome = ObjectOutcome::ok;
    Fingerprint fingerprint;
    std::uint64_t header_offset = 0;
    std::uint64_t end_offset = 0;
    /// In which the member was reserved; 0 where there is none.
    std::uint64_t segment = 0;
    bool linked = false;
  };

  ObjectPacker(const PackerStream& stream, RecordFrameWriter& records, PackerCounters& counters,
               ThreadDescriptors& descriptors);

  /// The container whose objects follow. `path` is its member path and ends in "/", or is empty.
  void enter(int directory, std::uint64_t container_id, std::string_view path);

  /// The object of this name (NUL-terminated) and type (DT_*).
  Result pack(const char* name, std::uint8_t type);
  /// The container's own directory member, recorded as the entry without a name: the source's root
  /// at its beginning, any directory again at its end.
  Result pack_directory_itself();
  /// Fills what was reserved for the rest of a continued member; zeros where the object has
  /// changed.
  Result pack_continued(const ContinuedMember& member, const StreamSpace::Reservation& reservation);
  /// An object of an earlier pass that is gone.
  void record_removed(std::string_view name);
  /// An object that has no member.
  Result record_absence(std::string_view name, ObjectOutcome outcome, ObjectKind kind,
                        int error_number);

 private:
  struct Object {
    std::string_view name;
    const char* c_name = nullptr;
    int descriptor = -1;
    bool is_container = false;
    struct stat status {};
  };
  struct Member {
    ObjectKind kind = ObjectKind::file;
    std::span<const std::uint8_t> header;
    std::uint64_t head_bytes = 0;
    std::uint64_t archived_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::optional<SparseMap> map;
    LinkMap::Target* target = nullptr;
    int attribute_error = 0;
  };
  struct DataOutcome {
    bool stopped = false;
    ObjectOutcome outcome = ObjectOutcome::ok;
    int error_number = 0;
    std::optional<Digest128> digest;
  };

  Result pack_object();
  std::optional<Result> look_again(std::unique_lock<std::mutex>& link_lock, bool& again);
  int look();
  int open_file();
  void close_file();
  Result absent(int error_number);

  int describe(bool may_be_link);
  void describe_data(MemberDescription& description);
  int read_link_target();

  Result write(const StreamSpace::Reservation& reservation,
               std::unique_lock<std::mutex>& link_lock);
  void index_member(std::uint64_t start);
  void open_record(std::uint64_t start);
  DataOutcome fill_data(MemberFill& fill, std::uint64_t from, std::uint64_t header_offset,
                        std::uint64_t data_offset);
  Result finish(MemberFill& fill, const ObjectRecord& record, std::uint64_t segment,
                std::uint64_t from);
  bool changed_since_look() const;

  const PackerStream stream_;
  RecordFrameWriter& records_;
  PackerCounters& counters_;
  ThreadDescriptors& descriptors_;
  PaxHeaderBuilder headers_;
  ExtendedAttributeReader attributes_;
  FileReader files_;

  int directory_ = -1;
  std::uint64_t container_id_ = 0;
  std::size_t container_path_length_ = 0;
  std::string path_;
  std::string link_target_;
  Object object_;
  Member member_;
  Fingerprint fingerprint_;
  ExtentRecord extent_;
  std::uint64_t data_offset_ = 0;
  /// Files are opened before anything is known of them, but empty ones should not be: the guess is
  /// that a file is like the one before.
  bool expects_empty_ = false;
};

}  // namespace tidemark
