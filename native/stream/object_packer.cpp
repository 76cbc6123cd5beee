// SPDX-License-Identifier: Apache-2.0
#include "stream/object_packer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "stream/member_fill.h"

namespace tidemark {
namespace {

constexpr std::uint64_t block = PaxHeaderBuilder::block;
constexpr off_t most_bytes_kept_open = 1 << 20;

std::uint64_t padded(std::uint64_t bytes) { return (bytes + block - 1) / block * block; }

std::uint64_t size_of(const struct stat& status) {
  return static_cast<std::uint64_t>(status.st_size);
}

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

struct KindOfMode {
  mode_t mode;
  ObjectKind kind;
  char type;
};
constexpr KindOfMode kinds[] = {
    {S_IFREG, ObjectKind::file, '0'},
    {S_IFDIR, ObjectKind::directory, '5'},
    {S_IFLNK, ObjectKind::symbolic_link, '2'},
    {S_IFIFO, ObjectKind::fifo, '6'},
    {S_IFCHR, ObjectKind::character_device, '3'},
    {S_IFBLK, ObjectKind::block_device, '4'},
};

/// Null for sockets, and for what no tar knows.
const KindOfMode* kind_of(mode_t mode) {
  for (const KindOfMode& kind : kinds) {
    if (kind.mode == (mode & S_IFMT)) return &kind;
  }
  return nullptr;
}

ObjectKind kind_for_record(mode_t mode) {
  const KindOfMode* kind = kind_of(mode);
  return kind != nullptr ? kind->kind : ObjectKind::file;
}

bool has_several_names(const struct stat& status) {
  return status.st_nlink > 1 && !S_ISDIR(status.st_mode);
}

ObjectPacker::Result stopped() {
  ObjectPacker::Result result;
  result.stopped = true;
  return result;
}

/// Opened without waiting for a fifo's other end, and without leaving traces where that is
/// permitted: only a file's owner may say O_NOATIME (open(2)).
int open_for_reading(int directory, const char* name) {
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const int descriptor = openat(directory, name, flags | O_NOATIME);
  if (descriptor >= 0 || errno != EPERM) return descriptor;
  return openat(directory, name, flags);
}

}  // namespace

ObjectPacker::ObjectPacker(const PackerStream& stream, RecordFrameWriter& records,
                           PackerCounters& counters, ThreadDescriptors& descriptors)
    : stream_(stream), records_(records), counters_(counters), descriptors_(descriptors) {}

void ObjectPacker::enter(int directory, std::uint64_t container_id, std::string_view path) {
  directory_ = directory;
  container_id_ = container_id;
  path_ = path;
  container_path_length_ = path.size();
  if (directory < 0) return;
  descriptors_.begin_directory(directory);
  attributes_.enter(directory, descriptors_.own_working_directory());
}

ObjectPacker::Result ObjectPacker::pack(const char* name, std::uint8_t type) {
  object_ = {};
  object_.name = name;
  object_.c_name = name;
  path_.resize(container_path_length_);
  path_.append(object_.name);
  if (type == DT_REG && !expects_empty_) {
    if (const int error = open_file()) return absent(error);
  }
  const Result result = pack_object();
  close_file();
  return result;
}

ObjectPacker::Result ObjectPacker::pack_directory_itself() {
  object_ = {};
  object_.c_name = ".";
  object_.is_container = true;
  path_.resize(container_path_length_);
  return pack_object();
}

ObjectPacker::Result ObjectPacker::pack_object() {
  std::unique_lock<std::mutex> link_lock;
  for (;;) {
    // The size in a header is fixed once it is written, so the file is looked at only when its
    // member would begin within the ring.
    if (!stream_.space.wait_start()) return stopped();
    bool again = false;
    if (auto result = look_again(link_lock, again)) return *result;
    if (again) continue;
    if (const int error = describe(link_lock.owns_lock())) return absent(error);
    const auto reservation = stream_.space.reserve(member_.head_bytes, member_.total_bytes);
    if (reservation.outcome == StreamSpace::Outcome::stale) continue;
    if (reservation.outcome == StreamSpace::Outcome::stopped) return stopped();
    return write(reservation, link_lock);
  }
}

/// Looks at the object's status; `again` where something was done about it that made it old.
std::optional<ObjectPacker::Result> ObjectPacker::look_again(
    std::unique_lock<std::mutex>& link_lock, bool& again) {
  if (const int error = look()) return absent(error);
  const struct stat& status = object_.status;
  const bool regular = S_ISREG(status.st_mode);
  if (object_.descriptor >= 0 && !regular) {
    close_file();
    again = true;
    return std::nullopt;
  }
  if (regular) expects_empty_ = status.st_size == 0;
  if (regular && status.st_size > 0 && object_.descriptor < 0) {
    if (const int error = open_file()) return absent(error);
    again = true;
    return std::nullopt;
  }
  if (kind_of(status.st_mode) == nullptr) {
    return record_absence(object_.name, ObjectOutcome::skipped, ObjectKind::file, 0);
  }
  if (has_several_names(status) && !link_lock.owns_lock()) {
    link_lock = stream_.links.lock();
    again = true;
  }
  return std::nullopt;
}

int ObjectPacker::look() {
  const int failed = object_.is_container ? fstat(directory_, &object_.status)
                     : object_.descriptor >= 0
                         ? fstat(object_.descriptor, &object_.status)
                         : fstatat(directory_, object_.c_name, &object_.status,
                                   AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
  return failed == 0 ? 0 : errno;
}

/// No error, and no descriptor, where the name is not that of a regular file any more.
int ObjectPacker::open_file() {
  object_.descriptor = open_for_reading(directory_, object_.c_name);
  if (object_.descriptor >= 0) {
    counters_.files_opened.add(1);
    return 0;
  }
  return errno == ELOOP || errno == ENXIO ? 0 : errno;
}

void ObjectPacker::close_file() {
  if (object_.descriptor < 0) return;
  descriptors_.close_later(object_.descriptor);
  object_.descriptor = -1;
  // Not kept open: a large file that was removed should give its space back now.
  if (object_.status.st_size > most_bytes_kept_open) descriptors_.close_pending();
}

ObjectPacker::Result ObjectPacker::absent(int error_number) {
  close_file();
  const bool vanished = error_number == ENOENT;
  // A file that may not be opened can still be named with what it looks like.
  const bool known = !vanished && !object_.is_container &&
                     fstatat(directory_, object_.c_name, &object_.status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!known && !object_.is_container) object_.status = {};
  return record_absence(object_.name,
                        vanished ? ObjectOutcome::vanished : ObjectOutcome::unreadable,
                        kind_for_record(object_.status.st_mode), error_number);
}

void ObjectPacker::record_removed(std::string_view name) {
  object_ = {};
  record_absence(name, ObjectOutcome::vanished, ObjectKind::file, 0);
}

ObjectPacker::Result ObjectPacker::record_absence(std::string_view name, ObjectOutcome outcome,
                                                  ObjectKind kind, int error_number) {
  ObjectRecord record;
  record.container_id = container_id_;
  record.name = name;
  record.kind = kind;
  record.fingerprint = Fingerprint::of(object_.status);
  record.header_offset = record.data_offset = record.end_offset = stream_.space.position();
  record.outcome = outcome;
  record.error_number = error_number;
  records_.append(record);
  Result result;
  result.outcome = outcome;
  result.fingerprint = record.fingerprint;
  result.header_offset = result.end_offset = record.end_offset;
  return result;
}

/// Builds the member's headers from the object's status. An errno where a link cannot be read.
int ObjectPacker::describe(bool may_be_link) {
  const struct stat& status = object_.status;
  const KindOfMode& kind = *kind_of(status.st_mode);
  path_.resize(container_path_length_);
  path_.append(object_.name);
  if (S_ISDIR(status.st_mode) && !object_.is_container) path_ += '/';
  fingerprint_ = Fingerprint::of(status);
  member_ = {};
  member_.kind = kind.kind;
  MemberDescription description;
  description.path = path_;
  description.type = kind.type;
  description.status = &status;
  member_.target = may_be_link ? stream_.links.find(fingerprint_, path_) : nullptr;
  if (member_.target != nullptr) {
    member_.kind = ObjectKind::hard_link;
    description.type = '1';
    link_target_ = member_.target->path;
    description.link_target = link_target_;
  } else {
    if (S_ISLNK(status.st_mode)) {
      if (const int error = read_link_target()) return error;
      description.link_target = link_target_;
    }
    description.attribute_records =
        object_.descriptor >= 0 ? attributes_.of_descriptor(object_.descriptor, status.st_dev)
                                : attributes_.of_name(object_.c_name, status.st_dev);
    member_.attribute_error = attributes_.error_number();
    if (object_.descriptor >= 0) describe_data(description);
  }
  if (!member_.map) {
    member_.header = headers_.build(description);
    member_.head_bytes = member_.header.size();
  }
  member_.total_bytes = member_.header.size() + padded(member_.archived_bytes);
  return 0;
}

/// A file's data: sparse where that saves a hole, and where headers, map and first data block,
/// which a cut must not divide, fit one record.
void ObjectPacker::describe_data(MemberDescription& description) {
  const struct stat& status = object_.status;
  const std::uint64_t record = stream_.ring.record_size();
  member_.archived_bytes = size_of(status);
  const bool may_be_sparse = static_cast<std::uint64_t>(status.st_blocks) * block < size_of(status);
  if (may_be_sparse) {
    member_.map = find_sparse_map(object_.descriptor, size_of(status), record - record / 4);
  }
  if (member_.map) {
    const SparseMap& map = *member_.map;
    description.sparse = true;
    description.archived_bytes = map.text.size() + map.data_bytes;
    member_.header = headers_.build(description);
    member_.head_bytes = member_.header.size() + map.text.size() + std::min(block, map.data_bytes);
    if (member_.head_bytes <= record) {
      member_.kind = ObjectKind::sparse_file;
      member_.archived_bytes = description.archived_bytes;
      return;
    }
    member_.map.reset();
    description.sparse = false;
  }
  description.archived_bytes = member_.archived_bytes;
}

int ObjectPacker::read_link_target() {
  std::array<char, PATH_MAX> target;
  const ssize_t length = readlinkat(directory_, object_.c_name, target.data(), target.size());
  if (length < 0) return errno;
  link_target_.assign(target.data(), static_cast<std::size_t>(length));
  return 0;
}

ObjectPacker::Result ObjectPacker::write(const StreamSpace::Reservation& reservation,
                                         std::unique_lock<std::mutex>& link_lock) {
  const std::uint64_t start = reservation.start;
  const bool link = member_.target != nullptr;
  if (link_lock.owns_lock()) {
    if (link) {
      ++member_.target->links;
    } else {
      stream_.links.put(fingerprint_, start, path_);
    }
    link_lock.unlock();
  }
  if (stream_.members.wanted(start, start + member_.total_bytes)) index_member(start);
  if (member_.total_bytes > stream_.ring.record_size()) open_record(start);
  ObjectRecord record;
  record.container_id = container_id_;
  record.name = object_.name;
  record.kind = member_.kind;
  record.fingerprint = fingerprint_;
  record.header_offset = start;
  record.data_offset = start + member_.header.size();
  record.end_offset = start + member_.total_bytes;
  if (link || member_.kind == ObjectKind::symbolic_link) {
    record.link_target = link_target_;
  } else if (has_several_names(object_.status)) {
    record.link_target = "";
  }
  MemberFill fill(stream_.ring, start);
  bool going_on = fill.write(member_.header);
  if (going_on && member_.archived_bytes > 0) {
    const DataOutcome data = fill_data(fill, 0, start, record.data_offset);
    record.outcome = data.outcome;
    record.error_number = data.error_number;
    record.digest = data.digest;
    going_on = !data.stopped;
  } else if (member_.kind == ObjectKind::file) {
    record.digest = xxh3_128({});
  }
  if (record.error_number == 0) record.error_number = member_.attribute_error;
  if (!going_on || !fill.zero_until(record.end_offset)) {
    stream_.space.finish_fill();
    return stopped();
  }
  return finish(fill, record, reservation.segment, 0);
}

/// The record is in its frame before the last bytes that it speaks of can be written to a tape.
ObjectPacker::Result ObjectPacker::finish(MemberFill& fill, const ObjectRecord& record,
                                          std::uint64_t segment, std::uint64_t from) {
  records_.append(record);
  fill.publish();
  stream_.space.finish_fill();
  counters_.data_bytes.add(member_.archived_bytes - from);
  Result result;
  result.outcome = record.outcome;
  result.fingerprint = record.fingerprint;
  result.header_offset = record.header_offset;
  result.end_offset = record.end_offset;
  result.segment = segment;
  result.linked = has_several_names(object_.status);
  return result;
}

void ObjectPacker::index_member(std::uint64_t start) {
  IndexedMember indexed;
  indexed.path = path_;
  indexed.header_offset = start;
  indexed.data_offset = start + member_.header.size();
  indexed.end_offset = start + member_.total_bytes;
  indexed.archived_bytes = member_.archived_bytes;
  if (member_.map) {
    indexed.sparse_real_bytes = size_of(object_.status);
    indexed.first_data_end_offset = start + member_.head_bytes;
  }
  stream_.members.add(std::move(indexed));
}

void ObjectPacker::open_record(std::uint64_t start) {
  ObjectOpenRecord record;
  record.container_id = container_id_;
  record.name = object_.name;
  record.kind = member_.kind;
  record.fingerprint = fingerprint_;
  record.header_offset = start;
  record.data_offset = start + member_.header.size();
  record.end_offset = start + member_.total_bytes;
  record.archived_bytes = member_.archived_bytes;
  if (member_.map) record.sparse_map = member_.map->text;
  records_.append(record);
}

ObjectPacker::DataOutcome ObjectPacker::fill_data(MemberFill& fill, std::uint64_t from,
                                                  std::uint64_t header_offset,
                                                  std::uint64_t data_offset) {
  FileReader::Source source;
  source.descriptor = object_.descriptor;
  source.archived_bytes = member_.archived_bytes;
  source.from = from;
  source.map = member_.map ? &*member_.map : nullptr;
  source.extent_bytes = extent_bytes_for(member_.archived_bytes, stream_.extent_bytes);
  extent_.container_id = container_id_;
  extent_.name = object_.name;
  extent_.header_offset = header_offset;
  data_offset_ = data_offset;
  // It captures no more than fits a function without memory of its own: this runs for each file.
  const auto on_extent = [this](std::uint64_t begin, std::uint64_t end, const Digest128& digest) {
    extent_.from = begin;
    extent_.to = end;
    extent_.stream_end = data_offset_ + end;
    extent_.digest = digest;
    records_.append(extent_);
  };
  const FileReader::Result read = files_.read(source, fill, on_extent);
  DataOutcome outcome;
  outcome.stopped = read.stopped;
  outcome.error_number = read.error_number;
  outcome.digest = read.digest;
  if (read.error_number != 0) {
    outcome.outcome = ObjectOutcome::damaged;
  } else if (read.shrunk || (!read.stopped && changed_since_look())) {
    outcome.outcome = ObjectOutcome::changed;
  }
  return outcome;
}

bool ObjectPacker::changed_since_look() const {
  struct stat now;
  if (fstat(object_.descriptor, &now) != 0) return true;
  const struct stat& then = object_.status;
  return now.st_size != then.st_size || !same_time(now.st_mtim, then.st_mtim) ||
         !same_time(now.st_ctim, then.st_ctim);
}

ObjectPacker::Result ObjectPacker::pack_continued(const ContinuedMember& member,
                                                  const StreamSpace::Reservation& reservation) {
  object_ = {};
  object_.name = member.name;
  object_.c_name = member.name.c_str();
  member_ = {};
  member_.kind = member.map ? ObjectKind::sparse_file : ObjectKind::file;
  member_.archived_bytes = member.archived_bytes;
  member_.total_bytes = member.end_offset - member.header_offset;
  member_.map = member.map;
  ObjectRecord record;
  record.container_id = container_id_;
  record.name = object_.name;
  record.kind = member_.kind;
  record.fingerprint = member.fingerprint;
  record.header_offset = member.header_offset;
  record.data_offset = member.data_offset;
  record.end_offset = member.end_offset;
  int error = directory_ < 0 ? ENOENT : open_file();
  if (error == 0 && object_.descriptor >= 0) error = look();
  const bool same = error == 0 && object_.descriptor >= 0 &&
                    Fingerprint::of(object_.status) == member.fingerprint;
  MemberFill fill(stream_.ring, reservation.start);
  const std::uint64_t from = reservation.start - member.data_offset;
  bool going_on = true;
  record.error_number = error;
  record.outcome = error == 0        ? ObjectOutcome::changed
                   : error == ENOENT ? ObjectOutcome::vanished
                                     : ObjectOutcome::unreadable;
  if (same) {
    if (has_several_names(object_.status)) {
      record.link_target = "";
      const auto lock = stream_.links.lock();
      stream_.links.put(member.fingerprint, member.header_offset, path_ + member.name);
    }
    const DataOutcome data = fill_data(fill, from, member.header_offset, member.data_offset);
    going_on = !data.stopped;
    record.outcome = data.outcome;
    record.error_number = data.error_number;
    record.digest = data.digest;
  }
  close_file();
  if (!going_on || !fill.zero_until(member.end_offset)) {
    stream_.space.finish_fill();
    return stopped();
  }
  return finish(fill, record, reservation.segment, from);
}

}  // namespace tidemark
