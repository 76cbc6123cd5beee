// SPDX-License-Identifier: Apache-2.0
#include "simulator/partition.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tidemark::simulator {
namespace {

constexpr std::size_t index_entry_bytes = 8;
constexpr std::uint32_t filemark_flag = 1;
constexpr std::uint32_t saved_shift = 1;
constexpr std::uint32_t saved_mask = compression_parts - 1;
constexpr std::uint32_t key_shift = 8;

/// 0, or errno. Advances over what was written.
int write_all_at(int descriptor, std::uint64_t offset, std::vector<iovec> pieces) {
  std::size_t first = 0;
  while (first < pieces.size()) {
    const auto count = static_cast<int>(pieces.size() - first);
    const auto result =
        ::pwritev(descriptor, pieces.data() + first, count, static_cast<off_t>(offset));
    if (result < 0 && errno == EINTR) continue;
    if (result < 0) return errno;
    if (result == 0) return EIO;
    auto written = static_cast<std::size_t>(result);
    offset += written;
    while (first < pieces.size() && written >= pieces[first].iov_len) {
      written -= pieces[first].iov_len;
      ++first;
    }
    if (first < pieces.size()) {
      pieces[first].iov_base = static_cast<std::uint8_t*>(pieces[first].iov_base) + written;
      pieces[first].iov_len -= written;
    }
  }
  return 0;
}

int read_all_at(int descriptor, std::uint64_t offset, scsi::MutableBytes bytes) {
  while (!bytes.empty()) {
    const auto result = ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (result < 0 && errno == EINTR) continue;
    if (result < 0) return errno;
    if (result == 0) return EIO;
    offset += static_cast<std::uint64_t>(result);
    bytes = bytes.subspan(static_cast<std::size_t>(result));
  }
  return 0;
}

std::uint64_t size_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

int Partition::create(const std::string& path) {
  for (const char* suffix : {".tape", ".objects"}) {
    const UniqueFd descriptor(
        ::open((path + suffix).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!descriptor) return errno;
  }
  return 0;
}

std::unique_ptr<Partition> Partition::open(const std::string& path) {
  auto partition = std::make_unique<Partition>();
  partition->tape_ = UniqueFd(::open((path + ".tape").c_str(), O_RDWR | O_CLOEXEC));
  if (!partition->tape_) return nullptr;
  partition->index_ = UniqueFd(::open((path + ".objects").c_str(), O_RDWR | O_CLOEXEC));
  if (!partition->index_ || !partition->load_objects()) return nullptr;
  return partition;
}

bool Partition::load_objects() {
  // Entries that were written in part, or whose data is not there, never became objects.
  std::vector<std::uint8_t> bytes(size_of(index_.get()) / index_entry_bytes * index_entry_bytes);
  if (read_all_at(index_.get(), 0, bytes) != 0) return false;
  const auto data_bytes = size_of(tape_.get());
  for (std::size_t at = 0; at < bytes.size(); at += index_entry_bytes) {
    const auto flags = scsi::load_be32(bytes, at + 4);
    const LogicalObject object{scsi::load_be32(bytes, at), (flags & filemark_flag) != 0,
                               flags >> key_shift,
                               static_cast<std::uint8_t>(flags >> saved_shift & saved_mask)};
    if (object.length > data_bytes - this->bytes()) break;
    remember(object);
  }
  return truncate(objects_.size()) == 0;
}

void Partition::remember(const LogicalObject& object) {
  if (object.filemark) filemarks_.push_back(objects_.size());
  objects_.push_back({bytes(), native_bytes(), object});
}

LogicalObject Partition::object(std::uint64_t number) const { return objects_[number].object; }

std::uint64_t Partition::bytes_before(std::uint64_t number) const {
  if (number < objects_.size()) return objects_[number].offset;
  return objects_.empty() ? 0 : objects_.back().offset + objects_.back().object.length;
}

std::uint64_t Partition::native_bytes_before(std::uint64_t number) const {
  if (number < objects_.size()) return objects_[number].native_offset;
  return objects_.empty() ? 0
                          : objects_.back().native_offset + objects_.back().object.native_bytes();
}

int Partition::read(std::uint64_t number, scsi::MutableBytes bytes) const {
  return read_all_at(tape_.get(), bytes_before(number), bytes);
}

int Partition::truncate(std::uint64_t number) {
  // Objects go before their data, so that there is no moment in which one has none.
  if (::ftruncate(index_.get(), static_cast<off_t>(number * index_entry_bytes)) != 0) return errno;
  const auto end = bytes_before(number);
  objects_.resize(std::min<std::size_t>(objects_.size(), number));
  filemarks_.erase(std::lower_bound(filemarks_.begin(), filemarks_.end(), number),
                   filemarks_.end());
  return ::ftruncate(tape_.get(), static_cast<off_t>(end)) == 0 ? 0 : errno;
}

int Partition::append(std::span<const LogicalObject> objects, std::span<const iovec> data) {
  if (const int error = write_all_at(tape_.get(), bytes(), {data.begin(), data.end()})) {
    return error;
  }
  std::vector<std::uint8_t> entries(objects.size() * index_entry_bytes);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    scsi::store_be32(entries, i * index_entry_bytes, objects[i].length);
    scsi::store_be32(entries, i * index_entry_bytes + 4,
                     (objects[i].filemark ? filemark_flag : 0) |
                         static_cast<std::uint32_t>(objects[i].parts_saved) << saved_shift |
                         objects[i].key << key_shift);
  }
  const iovec piece{entries.data(), entries.size()};
  if (const int error = write_all_at(index_.get(), objects_.size() * index_entry_bytes, {piece})) {
    return error;
  }
  for (const auto& object : objects) remember(object);
  return 0;
}

}  // namespace tidemark::simulator
