// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scsi/bytes.h"
#include "transport/unique_fd.h"

namespace tidemark::simulator {

/// What a cartridge says of itself: its auxiliary memory and its write-protect switch.
struct MediumAttributes {
  std::string serial_number;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t early_warning_bytes = 0;
  bool write_protected = false;
  /// Write once, read many: what was written stays.
  bool worm = false;
};

/// A block, or a filemark.
struct LogicalObject {
  std::uint32_t length = 0;
  bool filemark = false;
};

/// One cartridge's tape, in three files of the folder `media`:
///
///   BARCODE.tape        the bytes of all blocks, one behind the other
///   BARCODE.objects     8 bytes a logical object, big-endian: u32 length, u32 flags (1: filemark)
///   BARCODE.attributes  lines of key and value
///
/// An object exists when it is in BARCODE.objects, and it gets there only after its data. A process
/// that is killed at any moment leaves a consistent tape, whose end is what reached it; what lies
/// in BARCODE.tape behind the last object is the torn end of a write and is cut off when the
/// cartridge is next loaded. A cut of the host's power is not modelled: nothing is synchronised to
/// the disk.
class Medium {
 public:
  [[nodiscard]] static int create(const std::string& folder, const std::string& barcode,
                                  const MediumAttributes& attributes);
  /// Null, and errno, where the files cannot be opened.
  [[nodiscard]] static std::unique_ptr<Medium> open(const std::string& folder,
                                                    const std::string& barcode);

  [[nodiscard]] const MediumAttributes& attributes() const { return attributes_; }
  [[nodiscard]] std::uint64_t object_count() const { return objects_.size(); }
  /// `number` < object_count().
  [[nodiscard]] LogicalObject object(std::uint64_t number) const;
  /// Bytes of data in front of this object; `number` <= object_count().
  [[nodiscard]] std::uint64_t bytes_before(std::uint64_t number) const;
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
    LogicalObject object;
  };

  [[nodiscard]] bool load_objects();
  void remember(const LogicalObject& object);
  [[nodiscard]] std::uint64_t end_of_data() const { return bytes_before(objects_.size()); }

  UniqueFd tape_;
  UniqueFd index_;
  MediumAttributes attributes_;
  std::vector<Entry> objects_;
  std::vector<std::uint64_t> filemarks_;
};

}  // namespace tidemark::simulator
