// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "stream/container_hash.h"

namespace tidemark {

/// Persistent records that have to be looked at one by one, with the number of each among all.
struct LooseRecords {
  /// A CBOR sequence.
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> ordinals;
};

/// A container whose records agree with its close: number and hash of its entries are those that
/// the close has, the directory stood still meanwhile, and nothing is in it but objects that were
/// archived well and that no link is or points at. Whether all of that is on tape is for whoever
/// knows the claims.
struct WholeContainer {
  std::uint64_t container_id = 0;
  /// Of its opening and its close. No record that voids others stands between.
  std::uint32_t first_ordinal = 0;
  std::uint32_t last_ordinal = 0;
  /// All of its members lie between.
  std::uint64_t first_offset = UINT64_MAX;
  std::uint64_t end_offset = 0;
  std::uint32_t objects = 0;
  /// Stream bytes of its members.
  std::uint64_t member_bytes = 0;
  /// The CONTAINER_CLOSE record.
  std::vector<std::uint8_t> close;
  /// The OBJECT records, a CBOR sequence, in the order in which they came.
  std::vector<std::uint8_t> records;
};

/// What the sieve needs of an OBJECT record.
struct SievedObject {
  std::uint64_t container_id = 0;
  std::span<const std::uint8_t> name;
  std::span<const std::uint8_t> fingerprint;
  std::uint64_t header_offset = 0;
  std::uint64_t end_offset = 0;
  std::uint64_t outcome = 0;
  bool has_link_target = false;
};

/// Takes directories that are complete in themselves out of a job's persistent records: most of
/// millions of objects need no look of their own then (design: data path, section 2). What goes in
/// comes out in the order of the journal, but for the objects of a directory: they are held until
/// it is closed.
class RecordSieve {
 public:
  using Step = std::variant<LooseRecords, WholeContainer>;

  /// A frame carries no more (lib/catalog/frame.ts).
  static constexpr std::size_t most_payload_bytes = 64u << 20;

  /// Of the objects of open directories no more is held: a larger one is looked at object by
  /// object.
  static constexpr std::size_t most_held_bytes = 32u << 20;

  /// `payload`: a frame's CBOR sequence. From the first item on that cannot be read it comes out as
  /// it is, without ordinals.
  std::vector<Step> take(std::span<const std::uint8_t> payload);
  /// What is held still. The journal is over.
  std::vector<Step> finish();

 private:
  /// An OBJECT record among the held ones of a container.
  struct HeldObject {
    std::size_t at;
    std::uint32_t name_at;
    std::uint32_t name_size;
    std::uint32_t fingerprint_at;
    std::uint32_t ordinal;
  };
  struct Held {
    WholeContainer container;
    std::vector<HeldObject> objects;
  };
  using Bytes = std::span<const std::uint8_t>;

  void take_object(const SievedObject& object, Bytes record, std::vector<Step>& steps);
  void take_record(Bytes record, std::vector<Step>& steps);
  bool hold(const SievedObject& object, Bytes record);
  bool close(std::uint64_t container_id, Bytes record, std::vector<Step>& steps);
  bool agrees(const Held& held, Bytes close);
  void release(std::uint64_t container_id, std::vector<Step>& steps);
  void release_all(std::vector<Step>& steps);

  std::unordered_map<std::uint64_t, Held> held_;
  std::size_t held_bytes_ = 0;
  ContainerHash hash_;
  /// Of the record in hand.
  std::uint32_t ordinal_ = 0;
};

}  // namespace tidemark
