// SPDX-License-Identifier: Apache-2.0
#include "stream/container_packer.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "stream/directory_open.h"

namespace tidemark {
namespace {

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool is_directory(const Fingerprint& fingerprint) { return S_ISDIR(fingerprint.mode()); }

}  // namespace

std::string member_prefix_of(std::string_view source_path) {
  while (!source_path.empty() && source_path.front() == '/') source_path.remove_prefix(1);
  while (!source_path.empty() && source_path.back() == '/') source_path.remove_suffix(1);
  return source_path.empty() ? std::string() : std::string(source_path) + '/';
}

ContainerPacker::ContainerPacker(const PackerStream& stream, ContainerQueue& queue,
                                 WalkState& state, RecordFrameWriter& records,
                                 PackerCounters& counters)
    : stream_(stream),
      queue_(queue),
      state_(state),
      records_(records),
      counters_(counters),
      objects_(stream, records, counters, descriptors_) {}

/// On the reader's thread, whose descriptors these are.
ContainerPacker::~ContainerPacker() {
  if (root_ >= 0) close(root_);
}

bool ContainerPacker::work(const std::shared_ptr<SourceWalk>& source, ContainerTask&& task) {
  if (source != source_) use(source);
  task_ = std::move(task);
  container_id_ = 0;
  exceptions_ = 0;
  skipped_ = 0;
  last_segment_ = 0;
  retries_.clear();
  children_.clear();
  hash_.restart();
  const bool going_on = task_.continues_member ? continue_member() : pack();
  close_directory();
  return going_on;
}

void ContainerPacker::use(const std::shared_ptr<SourceWalk>& source) {
  if (root_ >= 0) close(root_);
  source_ = source;
  root_ = open_source_directory(source->path.c_str());
  root_error_ = root_ < 0 ? -root_ : 0;
  struct stat status;
  if (root_ >= 0 && fstat(root_, &status) == 0) root_device_ = status.st_dev;
}

/// The container of the continued member is opened with it, though it is walked later.
bool ContainerPacker::continue_member() {
  Continuation& continuation = *source_->continuation;
  task_.path = continuation.container;
  const int error = open_directory();
  const Fingerprint fingerprint = error == 0 ? Fingerprint::of(opened_) : Fingerprint{};
  open_container(fingerprint);
  const Result result = objects_.pack_continued(continuation.member, continuation.reservation);
  if (result.stopped) return false;
  continuation.complete = result.outcome == ObjectOutcome::ok;
  if (continuation.complete) counters_.objects_continued.add(1);
  children_.emplace_back();
  hand_over_children();
  return true;
}

bool ContainerPacker::pack() {
  int error = open_directory();
  // A mount that the catalog does not know about, found behind a container that was not looked
  // into.
  const bool mount = error == 0 && opened_.st_dev != root_device_ && !source_->cross_mounts;
  if (mount) return true;
  if (error == 0) error = listing_.read(directory_);
  if (error != 0) {
    record_unreadable(error);
    return true;
  }
  // One that is called complete even when its objects were asked for is not believed any more.
  const bool complete =
      task_.answer.verdict == ContainerAnswer::Verdict::complete && !task_.asks_again;
  if (complete && skip_complete()) return true;
  complete_objects_ = CompleteObjects(task_.answer.complete_objects);
  const auto& continuation = source_->continuation;
  const bool continued_here = continuation && continuation->container == task_.path;
  may_be_done_ = continued_here || !complete_objects_.empty();
  open_container(Fingerprint::of(opened_));
  if (!pack_root_member() || !pack_entries() || !retry_changed()) return false;
  record_removed();
  hand_over_children();
  return close_container();
}

int ContainerPacker::open_directory() {
  descriptors_.close_pending();
  if (root_ < 0) return root_error_;
  const int descriptor = open_directory_beneath(root_, task_.path);
  if (descriptor < 0) return -descriptor;
  directory_ = descriptor;
  return fstat(directory_, &opened_) == 0 ? 0 : errno;
}

void ContainerPacker::close_directory() {
  descriptors_.close_pending();
  if (directory_ >= 0) close(directory_);
  directory_ = -1;
}

void ContainerPacker::open_container(const Fingerprint& fingerprint) {
  const std::string path = member_path();
  {
    std::lock_guard lock(state_.mutex);
    state_.current_path = path;
  }
  end_offset_ = stream_.space.position();
  // Opened again by each reader that works on it: frames of two readers may arrive in either order,
  // and an object's record must stand behind its container's.
  container_id_ = state_.next_container_id.fetch_add(1);
  ContainerOpenRecord record;
  record.container_id = container_id_;
  record.source_index = source_->index;
  record.path = path;
  record.fingerprint = fingerprint;
  record.stream_offset = end_offset_;
  records_.append(record);
  objects_.enter(directory_, container_id_, path);
}

/// Recorded as a container of which nothing could be read, with the reason on the entry without a
/// name.
void ContainerPacker::record_unreadable(int error_number) {
  struct stat status {};
  if (directory_ >= 0) {
    status = opened_;
  } else if (root_ >= 0 && !task_.path.empty()) {
    fstatat(root_, task_.path.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  }
  const Fingerprint fingerprint = Fingerprint::of(status);
  open_container(fingerprint);
  const ObjectOutcome outcome =
      error_number == ENOENT ? ObjectOutcome::vanished : ObjectOutcome::unreadable;
  objects_.record_absence({}, outcome, ObjectKind::directory, error_number);
  ContainerCloseRecord record;
  record.container_id = container_id_;
  record.source_index = source_->index;
  const std::string path = member_path();
  record.path = path;
  record.exceptions = 1;
  record.hash = hash_.finish();
  record.end_offset = end_offset_;
  record.fingerprint = fingerprint;
  records_.append(record);
  counters_.objects_unreadable.add(1);
  counters_.containers_written.add(1);
}

/// True where the container is as the catalog has it, or where the catalog has to be asked for its
/// objects. Its sub-directories are containers of their own, and are visited in any case.
bool ContainerPacker::skip_complete() {
  if (source_->trust_catalog) {
    for (const Entry& entry : listing_.entries()) {
      struct stat status;
      const bool directory = entry.type == DT_DIR || (entry.type == DT_UNKNOWN &&
                                                      fstatat(directory_, listing_.c_name(entry),
                                                              &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                                                      S_ISDIR(status.st_mode));
      if (directory)
        children_.push_back(
            {task_.path + std::string(listing_.name(entry)) + '/', 0, {}, false, false});
    }
  } else if (!matches_catalog()) {
    children_.clear();
    children_.push_back({task_.path, task_.member_segment, {}, true, false});
    hand_over_children();
    return true;
  }
  counters_.containers_skipped.add(1);
  // A source's root is an entry of nothing, and counts with its own container.
  counters_.objects_skipped.add(task_.answer.entries + (task_.path.empty() ? 1 : 0));
  hand_over_children();
  return true;
}

bool ContainerPacker::matches_catalog() {
  // The directory's own times and owner are no entry of it, yet they are restored.
  if (!(task_.answer.fingerprint == Fingerprint::of(opened_))) return false;
  for (const Entry& entry : listing_.entries()) {
    struct stat status;
    if (fstatat(directory_, listing_.c_name(entry), &status,
                AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
      return false;
    }
    if (S_ISSOCK(status.st_mode)) continue;
    const Fingerprint fingerprint = Fingerprint::of(status);
    hash_.add(listing_.name(entry), fingerprint);
    add_child(listing_.name(entry), fingerprint, 0);
  }
  const Digest128 hash = hash_.finish();
  return hash_.entries() == task_.answer.entries && hash == task_.answer.hash;
}

/// Whether this is the object that was cut, and has been gone on with.
bool ContainerPacker::is_continued(std::string_view name) const {
  const auto& continuation = source_->continuation;
  return continuation && continuation->complete && continuation->container == task_.path &&
         continuation->member.name == name;
}

/// Whether this very object is on the tape already.
bool ContainerPacker::is_done(std::string_view name, const Fingerprint& fingerprint) const {
  if (is_continued(name)) return source_->continuation->member.fingerprint == fingerprint;
  const auto known = complete_objects_.find(name);
  return known && known->as_entry() == fingerprint.as_entry();
}

/// The root's own member comes first, as the entry without a name, which number and hash leave out;
/// every other directory's is an entry of its parent.
bool ContainerPacker::pack_root_member() {
  if (!task_.path.empty() || source_->member_prefix.empty()) return true;
  const Fingerprint fingerprint = Fingerprint::of(opened_);
  if (is_done({}, fingerprint)) {
    ++skipped_;
    return true;
  }
  const Result result = objects_.pack_directory_itself();
  if (result.stopped) return false;
  if (result.outcome == ObjectOutcome::ok) {
    note_member(result);
    task_.member_segment = result.segment;
  } else {
    count_exception();
  }
  return true;
}

bool ContainerPacker::pack_entries() {
  for (const Entry& entry : listing_.entries()) {
    if (!pack_entry(entry)) return false;
    if (!children_.empty() && queue_.someone_idle()) hand_over_children();
  }
  return true;
}

bool ContainerPacker::pack_entry(const Entry& entry) {
  const std::string_view name = listing_.name(entry);
  struct stat status;
  if (may_be_done_ && fstatat(directory_, listing_.c_name(entry), &status,
                              AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) {
    const Fingerprint fingerprint = Fingerprint::of(status);
    if (is_done(name, fingerprint)) {
      if (!is_continued(name)) ++skipped_;
      hash_.add(name, fingerprint);
      add_child(name, fingerprint, 0);
      return true;
    }
  }
  const Result result = objects_.pack(listing_.c_name(entry), entry.type);
  if (result.stopped) return false;
  take(entry, result);
  return true;
}

void ContainerPacker::take(const Entry& entry, const Result& result) {
  const std::string_view name = listing_.name(entry);
  note_member(result);
  if (result.outcome == ObjectOutcome::ok) {
    hash_.add(name, result.fingerprint);
    add_child(name, result.fingerprint, result.segment);
  } else if (result.outcome == ObjectOutcome::changed) {
    retries_.push_back({&entry, hash_.hold_place(name), result});
  } else if (result.outcome != ObjectOutcome::skipped) {
    count_exception();
  }
}

/// Once, at the end of the directory: what changed while it was read may have come to rest.
bool ContainerPacker::retry_changed() {
  for (const Retry& retry : retries_) {
    if (retry.first.linked) {
      const auto lock = stream_.links.lock();
      if (!stream_.links.withdraw(retry.first.fingerprint, retry.first.header_offset)) {
        count_exception();
        continue;
      }
    }
    const Result result = objects_.pack(listing_.c_name(*retry.entry), retry.entry->type);
    if (result.stopped) return false;
    if (result.segment != 0) {
      last_segment_ = result.segment;
      end_offset_ = std::max(end_offset_, result.end_offset);
    }
    if (result.outcome == ObjectOutcome::ok) {
      hash_.fill_place(retry.place, result.fingerprint);
      add_child(listing_.name(*retry.entry), result.fingerprint, result.segment);
    } else if (result.outcome != ObjectOutcome::skipped) {
      count_exception();
    }
  }
  return true;
}

/// What the catalog has and the directory has no longer: said, so that it is not taken for a part
/// of the job. Both are in the order of their names.
void ContainerPacker::record_removed() {
  auto entry = listing_.entries().begin();
  const auto end = listing_.entries().end();
  for (const auto& known : complete_objects_.objects()) {
    if (known.name.empty()) continue;
    while (entry != end && listing_.name(*entry) < known.name) ++entry;
    const bool still_there = entry != end && listing_.name(*entry) == known.name;
    if (!still_there) objects_.record_removed(known.name);
  }
}

void ContainerPacker::note_member(const Result& result) {
  if (result.segment == 0) return;
  counters_.objects_written.add(1);
  last_segment_ = result.segment;
  end_offset_ = std::max(end_offset_, result.end_offset);
}

/// A mount point is an empty directory, unless the operator asked to cross.
void ContainerPacker::add_child(std::string_view name, const Fingerprint& fingerprint,
                                std::uint64_t segment) {
  if (!is_directory(fingerprint)) return;
  if (fingerprint.device() != root_device_ && !source_->cross_mounts) return;
  ContainerTask child;
  child.path.reserve(task_.path.size() + name.size() + 1);
  child.path.append(task_.path).append(name).append(1, '/');
  child.member_segment = segment;
  children_.push_back(std::move(child));
}

void ContainerPacker::hand_over_children() {
  queue_.add(std::move(children_));
  children_.clear();
}

bool ContainerPacker::close_container() {
  const std::string path = member_path();
  // Extracting entries from a later segment than the directory's member gives the directory a new
  // time, and a directory that was listed before may look otherwise now. The later member is the
  // one that counts.
  const bool in_later_segment = last_segment_ != 0 && last_segment_ != task_.member_segment;
  const bool listed_before = task_.answer.verdict != ContainerAnswer::Verdict::not_listed;
  if ((in_later_segment || listed_before) && !path.empty()) {
    const Result result = objects_.pack_directory_itself();
    if (result.stopped) return false;
    end_offset_ = std::max(end_offset_, result.end_offset);
  }
  struct stat now;
  const bool known = fstat(directory_, &now) == 0;
  ContainerCloseRecord record;
  record.container_id = container_id_;
  record.source_index = source_->index;
  record.path = path;
  record.hash = hash_.finish();
  record.entries = hash_.entries();
  record.exceptions = exceptions_;
  record.end_offset = end_offset_;
  record.fingerprint = Fingerprint::of(known ? now : opened_);
  record.unchanged =
      known && same_time(now.st_mtim, opened_.st_mtim) && same_time(now.st_ctim, opened_.st_ctim);
  records_.append(record);
  counters_.objects_skipped.add(skipped_);
  counters_.objects_unreadable.add(exceptions_);
  const bool partial = skipped_ > 0 || task_.answer.verdict != ContainerAnswer::Verdict::not_listed;
  (partial ? counters_.containers_partial : counters_.containers_written).add(1);
  return true;
}

}  // namespace tidemark
