// SPDX-License-Identifier: Apache-2.0
#include "stream/expected_objects.h"

#include <algorithm>

#include "scsi/bytes.h"

namespace tidemark {
namespace {

/// Takes fields from the front of packed bytes; once they do not suffice, every field is zero.
class Unpacker {
 public:
  explicit Unpacker(std::span<const std::uint8_t>& bytes) : bytes_(bytes) {}

  std::uint64_t number(std::size_t width) { return scsi::load_be(take(width), 0, width); }
  Digest128 digest() {
    Digest128 digest{};
    const auto bytes = take(digest.size());
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
  }
  std::string text(std::size_t length) {
    const auto bytes = take(length);
    return {bytes.begin(), bytes.end()};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

 private:
  std::span<const std::uint8_t>& bytes_;
  bool ok_ = true;
};

constexpr std::uint8_t has_digest = 1;
constexpr std::uint8_t has_fingerprint = 2;

bool extents_in_order(const ExpectedObject& object) {
  std::uint64_t behind = 0;
  for (const ExpectedExtent& extent : object.extents) {
    if (extent.from < behind || extent.to <= extent.from) return false;
    behind = extent.to;
  }
  return object.last_extent_from >= behind;
}

}  // namespace

std::optional<ExpectedObject> unpack_expected_object(std::span<const std::uint8_t>& packed) {
  Unpacker fields(packed);
  ExpectedObject object;
  object.header_offset = fields.number(8);
  object.end_offset = fields.number(8);
  const std::uint64_t kind = fields.number(1);
  const std::uint64_t flags = fields.number(1);
  const Digest128 digest = fields.digest();
  if ((flags & has_digest) != 0) object.last_digest = digest;
  object.last_extent_from = fields.number(8);
  const std::uint64_t extents = fields.number(2);
  for (std::uint64_t i = 0; i < extents && fields.ok(); ++i) {
    ExpectedExtent& extent = object.extents.emplace_back();
    extent.from = fields.number(8);
    extent.to = fields.number(8);
    extent.digest = fields.digest();
  }
  object.path = fields.text(fields.number(2));
  if ((flags & has_fingerprint) != 0) {
    const auto fingerprint = fields.take(Fingerprint::size);
    if (fields.ok()) object.fingerprint = Fingerprint::from(fingerprint);
  }
  object.kind = static_cast<ObjectKind>(kind);
  const bool valid = fields.ok() && kind <= static_cast<std::uint64_t>(ObjectKind::sparse_file) &&
                     object.end_offset > object.header_offset && extents_in_order(object);
  return valid ? std::optional(std::move(object)) : std::nullopt;
}

bool ExpectedObjects::append(std::span<const std::uint8_t> packed) {
  for (auto rest = packed; !rest.empty();) {
    if (!unpack_expected_object(rest)) return false;
  }
  if (packed.empty()) return true;
  std::vector<std::uint8_t> batch(packed.begin(), packed.end());
  std::lock_guard lock(mutex_);
  batches_.push_back(std::move(batch));
  return true;
}

std::optional<ExpectedObject> ExpectedObjects::next() {
  std::lock_guard lock(mutex_);
  if (batches_.empty()) return std::nullopt;
  const std::span<const std::uint8_t> batch(batches_.front());
  auto rest = batch.subspan(taken_of_first_);
  auto object = unpack_expected_object(rest);
  taken_of_first_ = batch.size() - rest.size();
  if (rest.empty()) {
    batches_.pop_front();
    taken_of_first_ = 0;
  }
  return object;
}

std::optional<ExpectedDirectory> unpack_expected_directory(std::span<const std::uint8_t>& packed) {
  Unpacker fields(packed);
  ExpectedDirectory directory;
  directory.path = fields.text(fields.number(2));
  const auto fingerprint = fields.take(Fingerprint::size);
  if (!fields.ok()) return std::nullopt;
  directory.fingerprint = Fingerprint::from(fingerprint);
  return directory;
}

}  // namespace tidemark
