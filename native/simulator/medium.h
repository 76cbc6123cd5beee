// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/key_table.h"
#include "simulator/medium_memory.h"
#include "simulator/partition.h"

namespace tidemark::simulator {

/// What a cartridge is, and how its tape is divided.
struct MediumAttributes {
  std::string serial_number;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t early_warning_bytes = 0;
  /// The switch on the cartridge.
  bool write_protected = false;
  /// Write once, read many: what was written stays.
  bool worm = false;
  /// Bytes of each partition; empty: one, which has everything.
  std::vector<std::uint64_t> partition_bytes;
};

/// A cleaning cartridge is known by its barcode, as every library does it.
[[nodiscard]] bool is_cleaning_barcode(const std::string& barcode);

inline constexpr std::size_t maximum_partitions = 4;

/// One cartridge, in files of the folder `media`:
///
///   BARCODE.attributes  what it is: lines of key and value
///   BARCODE.memory      what its memory chip holds, see MediumMemory
///   BARCODE.keys        keys of encrypted blocks, see KeyTable
///   BARCODE.tape, BARCODE.objects                partition 0, see Partition
///   BARCODE.pN.tape, BARCODE.pN.objects          partition N
///
/// Files that are not there yet are those of a cartridge on which nothing of the kind happened.
class Medium {
 public:
  [[nodiscard]] static int create(const std::string& folder, const std::string& barcode,
                                  const MediumAttributes& attributes);
  /// Null, and errno, where the files cannot be opened or are not understood.
  [[nodiscard]] static std::unique_ptr<Medium> open(const std::string& folder,
                                                    const std::string& barcode);

  [[nodiscard]] const MediumAttributes& attributes() const { return attributes_; }
  [[nodiscard]] std::uint8_t partition_count() const {
    return static_cast<std::uint8_t>(partitions_.size());
  }
  /// `number` < partition_count().
  [[nodiscard]] Partition& partition(std::uint8_t number) { return *partitions_[number]; }
  [[nodiscard]] const Partition& partition(std::uint8_t number) const {
    return *partitions_[number];
  }
  [[nodiscard]] std::uint64_t capacity_bytes(std::uint8_t partition) const;
  /// Where early warning begins, counted from the beginning of the partition.
  [[nodiscard]] std::uint64_t early_warning_at(std::uint8_t partition) const;

  /// Everything on the tape is gone, and it has these partitions. 0, or errno.
  [[nodiscard]] int format(const std::vector<std::uint64_t>& partition_bytes);

  [[nodiscard]] MediumMemory& memory() { return memory_; }
  [[nodiscard]] const MediumMemory& memory() const { return memory_; }
  /// 0, or errno.
  [[nodiscard]] int save_memory() const;

  [[nodiscard]] const KeyTable& keys() const { return keys_; }
  /// The number to mark blocks of this key with; nothing, and errno, where it cannot be kept.
  [[nodiscard]] std::optional<std::uint32_t> number_of_key(const BlockKey& key);

 private:
  [[nodiscard]] std::string partition_path(std::size_t number) const;
  [[nodiscard]] bool load_texts();
  [[nodiscard]] bool open_partitions();

  /// Without suffix.
  std::string path_;
  MediumAttributes attributes_;
  MediumMemory memory_;
  KeyTable keys_;
  std::vector<std::unique_ptr<Partition>> partitions_;
};

}  // namespace tidemark::simulator
