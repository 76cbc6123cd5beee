// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "simulator/compression.h"
#include "transport/unique_fd.h"

namespace tidemark::simulator {

/// A block, or a filemark.
struct LogicalObject {
  std::uint32_t length = 0;
  bool filemark = false;
  /// Number of the key that the block is encrypted with, see KeyTable; 0: it is not.
  std::uint32_t key = 0;
  /// Of its length, see compression.h; 0: it is on the tape as it is.
  std::uint8_t parts_saved = 0;

  /// What it takes of the capacity.
  [[nodiscard]] std::uint32_t native_bytes() const {
    return simulator::native_bytes(length, parts_saved);
  }
};

/// One partition of a cartridge's tape, in two files:
///
///   NAME.tape      the bytes of all blocks, one behind the other
///   NAME.objects   8 bytes a logical object, big-endian: u32 length, u32 flags
///
/// Bit 0 of the flags says filemark, bits 1 to 7 are the parts of the block that compression saved,
/// bits 8 to 31 are the number of its key. The bytes of a compressed block are there as the host
/// sent them.
///
/// An object exists when it is in NAME.objects, and it gets there only after its data. A process
/// that is killed at any moment leaves a consistent tape, whose end is what reached it; what lies
/// in NAME.tape behind the last object is the torn end of a write and is cut off when the cartridge
/// is next loaded. A cut of the host's power is not modelled: nothing is synchronised to the disk.
class Partition {
 public:
  /// `path`: that of its files without their suffixes. 0, or errno; nothing is overwritten.
  [[nodiscard]] static int create(const std::string& path);
  /// Null, and errno, where the files cannot be opened.
  [[nodiscard]] static std::unique_ptr<Partition> open(const std::string& path);

  [[nodiscard]] std::uint64_t object_count() const { return objects_.size(); }
  /// `number` < object_count().
  [[nodiscard]] LogicalObject object(std::uint64_t number) const;
  /// Bytes of data in front of this object; `number` <= object_count().
  [[nodiscard]] std::uint64_t bytes_before(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t bytes() const { return bytes_before(objects_.size()); }
  /// What they take of the capacity.
  [[nodiscard]] std::uint64_t native_bytes_before(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t native_bytes() const { return native_bytes_before(objects_.size()); }
  /// Object numbers of all filemarks, ascending.
  [[nodiscard]] const std::vector<std::uint64_t>& filemarks() const { return filemarks_; }

  /// Reads the first `bytes.size()` bytes of a block. 0, or errno.
  [[nodiscard]] int read(std::uint64_t number, scsi::MutableBytes bytes) const;

  /// Everything from this object on is gone. 0, or errno.
  [[nodiscard]] int truncate(std::uint64_t number);

  /// Appends objects; `data` holds the bytes of the blocks among them. 0, or errno: then none was
  /// appended.
  [[nodiscard]] int append(std::span<const LogicalObject> objects, std::span<const iovec> data);

 private:
  struct Entry {
    std::uint64_t offset = 0;
    std::uint64_t native_offset = 0;
    LogicalObject object;
  };

  [[nodiscard]] bool load_objects();
  void remember(const LogicalObject& object);

  UniqueFd tape_;
  UniqueFd index_;
  std::vector<Entry> objects_;
  std::vector<std::uint64_t> filemarks_;
};

}  // namespace tidemark::simulator
