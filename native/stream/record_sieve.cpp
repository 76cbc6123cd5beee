// SPDX-License-Identifier: Apache-2.0
#include "stream/record_sieve.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "stream/cbor_reader.h"
#include "stream/container_hash.h"
#include "stream/fingerprint.h"
#include "stream/object_record.h"
#include "stream/record_type.h"

namespace tidemark {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Step = RecordSieve::Step;

struct Close {
  std::uint64_t entries = 0;
  Bytes hash;
  bool unchanged = false;
};

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Type and first number: the container's, in all records that have one.
bool read_start(CborReader& reader, std::uint64_t& type, std::uint64_t& number) {
  std::uint64_t items = 0;
  if (!reader.array(items) || !reader.uint(type)) return false;
  if (!reader.uint(number)) number = UINT64_MAX;
  return true;
}

/// Nearly all records are objects' records, so that these are read in one go. The reader stands
/// behind the record if it is one.
bool read_object(CborReader& reader, SievedObject& object) {
  std::uint64_t items = 0;
  std::uint64_t type = 0;
  std::uint64_t number = 0;
  Bytes bytes;
  if (!reader.array(items) || items != 12 || !reader.uint(type) ||
      type != static_cast<std::uint64_t>(RecordType::object)) {
    return false;
  }
  const bool is_read = reader.uint(object.container_id) && reader.bytes(object.name) &&
                       reader.uint(number) && reader.bytes(object.fingerprint) &&
                       reader.uint(object.header_offset) && reader.uint(number) &&
                       reader.uint(object.end_offset) && reader.uint(object.outcome) &&
                       (reader.null() || reader.bytes(bytes));
  if (!is_read || object.fingerprint.size() != Fingerprint::size) return false;
  object.has_link_target = !reader.null();
  return (!object.has_link_target || reader.bytes(bytes)) && reader.uint(number);
}

std::optional<Close> read_close(Bytes record) {
  CborReader reader(record);
  std::uint64_t items = 0;
  std::uint64_t number = 0;
  Bytes bytes;
  Close close;
  const bool is_read = reader.array(items) && items == 10 && reader.uint(number) &&
                       reader.uint(number) && reader.uint(number) && reader.bytes(bytes) &&
                       reader.uint(close.entries) && reader.uint(number) &&
                       reader.bytes(close.hash) && reader.uint(number) && reader.bytes(bytes) &&
                       reader.boolean(close.unchanged);
  if (!is_read) return std::nullopt;
  return close;
}

/// Nothing else has to be known to say that it is there, as of a link, whose claim hangs on that of
/// its target. A link target stands in the record of anything that is a link or that links may
/// point at.
bool is_plain(const SievedObject& object) {
  return object.outcome == static_cast<std::uint64_t>(ObjectOutcome::ok) && !object.has_link_target;
}

void pass(Bytes record, std::uint32_t ordinal, std::vector<Step>& steps) {
  if (steps.empty() || !std::holds_alternative<LooseRecords>(steps.back())) {
    steps.emplace_back(LooseRecords{});
  }
  auto& loose = std::get<LooseRecords>(steps.back());
  loose.bytes.insert(loose.bytes.end(), record.begin(), record.end());
  loose.ordinals.push_back(ordinal);
}

}  // namespace

std::vector<Step> RecordSieve::take(Bytes payload) {
  std::vector<Step> steps;
  CborReader reader(payload);
  while (!reader.at_end()) {
    const std::size_t at = reader.position();
    const auto record = [&] { return payload.subspan(at, reader.position() - at); };
    SievedObject object;
    if (CborReader attempt = reader; read_object(attempt, object)) {
      reader = attempt;
      take_object(object, record(), steps);
    } else if (reader.skip()) {
      take_record(record(), steps);
    } else {
      steps.emplace_back(
          LooseRecords{{payload.begin() + static_cast<std::ptrdiff_t>(at), payload.end()}, {}});
      break;
    }
    ++ordinal_;
  }
  return steps;
}

std::vector<Step> RecordSieve::finish() {
  std::vector<Step> steps;
  release_all(steps);
  return steps;
}

void RecordSieve::take_object(const SievedObject& object, Bytes record, std::vector<Step>& steps) {
  if (hold(object, record)) return;
  release(object.container_id, steps);
  pass(record, ordinal_, steps);
}

void RecordSieve::take_record(Bytes record, std::vector<Step>& steps) {
  CborReader reader(record);
  std::uint64_t type = 0;
  std::uint64_t number = 0;
  if (!read_start(reader, type, number)) return pass(record, ordinal_, steps);
  switch (static_cast<RecordType>(type)) {
    case RecordType::container_open: {
      release(number, steps);
      WholeContainer container;
      container.container_id = number;
      container.first_ordinal = ordinal_;
      held_[number] = {std::move(container), {}};
      break;
    }
    case RecordType::container_close:
      if (close(number, record, steps)) return;
      release(number, steps);
      break;
    case RecordType::object:
    case RecordType::object_open:
    case RecordType::extent:
      release(number, steps);
      break;
    case RecordType::truncate:
    case RecordType::volume_lost:
    case RecordType::epoch:
      release_all(steps);
      break;
  }
  pass(record, ordinal_, steps);
}

bool RecordSieve::hold(const SievedObject& object, Bytes record) {
  const auto found = held_.find(object.container_id);
  if (found == held_.end() || held_bytes_ + record.size() > most_held_bytes) return false;
  if (!is_plain(object)) return false;
  auto& [container, objects] = found->second;
  const auto within = [&](Bytes part) {
    return static_cast<std::uint32_t>(part.data() - record.data());
  };
  objects.push_back({container.records.size(), within(object.name),
                     static_cast<std::uint32_t>(object.name.size()), within(object.fingerprint),
                     ordinal_});
  container.records.insert(container.records.end(), record.begin(), record.end());
  container.first_offset = std::min(container.first_offset, object.header_offset);
  container.end_offset = std::max(container.end_offset, object.end_offset);
  container.member_bytes += object.end_offset - object.header_offset;
  held_bytes_ += record.size();
  return true;
}

bool RecordSieve::close(std::uint64_t container_id, Bytes record, std::vector<Step>& steps) {
  const auto found = held_.find(container_id);
  if (found == held_.end() || !agrees(found->second, record)) return false;
  WholeContainer& container = found->second.container;
  container.last_ordinal = ordinal_;
  container.objects = static_cast<std::uint32_t>(found->second.objects.size());
  container.close.assign(record.begin(), record.end());
  held_bytes_ -= container.records.size();
  steps.emplace_back(std::move(container));
  held_.erase(found);
  return true;
}

/// As the disk-based catalog judges a container whose objects come one by one.
bool RecordSieve::agrees(const Held& held, Bytes record) {
  const auto close = read_close(record);
  if (!close || !close->unchanged || held.objects.empty()) return false;
  const std::vector<std::uint8_t>& records = held.container.records;
  const auto name = [&](const HeldObject& object) {
    return text_of({records.data() + object.at + object.name_at, object.name_size});
  };
  std::vector<HeldObject> entries = held.objects;
  const auto before = [&](const HeldObject& a, const HeldObject& b) { return name(a) < name(b); };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) std::ranges::sort(entries, before);
  hash_.restart();
  const HeldObject* last = nullptr;
  for (const HeldObject& entry : entries) {
    if (last != nullptr && name(*last) == name(entry)) return false;
    last = &entry;
    // The directory's own member, which has no name, is no entry of it.
    if (entry.name_size == 0) continue;
    hash_.add(name(entry), Fingerprint::from({records.data() + entry.at + entry.fingerprint_at,
                                              Fingerprint::size}));
  }
  return hash_.entries() == close->entries && std::ranges::equal(hash_.finish(), close->hash);
}

/// From here on the container is looked at record by record.
void RecordSieve::release(std::uint64_t container_id, std::vector<Step>& steps) {
  const auto found = held_.find(container_id);
  if (found == held_.end()) return;
  const auto& [container, objects] = found->second;
  const Bytes records = container.records;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const std::size_t end = i + 1 < objects.size() ? objects[i + 1].at : records.size();
    pass(records.subspan(objects[i].at, end - objects[i].at), objects[i].ordinal, steps);
  }
  held_bytes_ -= records.size();
  held_.erase(found);
}

void RecordSieve::release_all(std::vector<Step>& steps) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, held] : held_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const std::uint64_t id : ids) release(id, steps);
}

}  // namespace tidemark
