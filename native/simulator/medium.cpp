// SPDX-License-Identifier: Apache-2.0
#include "simulator/medium.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "simulator/text_file.h"

namespace tidemark::simulator {
namespace {

constexpr std::string_view cleaning_prefix = "CLN";

std::string attributes_text(const MediumAttributes& attributes) {
  auto text = "serial-number " + attributes.serial_number + "\ncapacity-bytes " +
              std::to_string(attributes.capacity_bytes) + "\nearly-warning-bytes " +
              std::to_string(attributes.early_warning_bytes) + "\nwrite-protected " +
              (attributes.write_protected ? "yes" : "no") + "\nworm " +
              (attributes.worm ? "yes" : "no") + "\n";
  for (const auto bytes : attributes.partition_bytes) {
    text += "partition-bytes " + std::to_string(bytes) + "\n";
  }
  return text;
}

/// Nothing where a partition's size is no number, or there are too many.
std::optional<MediumAttributes> parse_attributes(const std::string& text) {
  const auto pairs = parse_pairs(text);
  MediumAttributes attributes{find_text(pairs, "serial-number").value_or(""),
                              find_number(pairs, "capacity-bytes").value_or(0),
                              find_number(pairs, "early-warning-bytes").value_or(0),
                              find_text(pairs, "write-protected") == "yes",
                              find_text(pairs, "worm") == "yes",
                              {}};
  for (const auto& [name, value] : pairs) {
    if (name != "partition-bytes") continue;
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    attributes.partition_bytes.push_back(bytes);
  }
  if (attributes.partition_bytes.size() > maximum_partitions) return std::nullopt;
  return attributes;
}

}  // namespace

bool is_cleaning_barcode(const std::string& barcode) {
  return barcode.starts_with(cleaning_prefix);
}

int Medium::create(const std::string& folder, const std::string& barcode,
                   const MediumAttributes& attributes) {
  const auto path = folder + "/" + barcode;
  if (const int error = Partition::create(path)) return error;
  return replace_text_file(path + ".attributes", attributes_text(attributes));
}

std::string Medium::partition_path(std::size_t number) const {
  return number == 0 ? path_ : path_ + ".p" + std::to_string(number);
}

bool Medium::load_texts() {
  const auto attributes = read_text_file(path_ + ".attributes");
  if (!attributes) return false;
  const auto parsed = parse_attributes(*attributes);
  const auto memory = parse_medium_memory(read_text_file(path_ + ".memory").value_or(""));
  auto keys = KeyTable::parse(read_text_file(path_ + ".keys").value_or(""));
  if (!parsed || !memory || !keys) {
    errno = EINVAL;
    return false;
  }
  attributes_ = *parsed;
  memory_ = *memory;
  keys_ = std::move(*keys);
  return true;
}

bool Medium::open_partitions() {
  partitions_.clear();
  const auto count = std::max<std::size_t>(attributes_.partition_bytes.size(), 1);
  for (std::size_t number = 0; number < count; ++number) {
    const auto path = partition_path(number);
    auto partition = Partition::open(path);
    // The process that formatted the tape may have been killed before it came to this one.
    if (!partition && errno == ENOENT && number > 0) {
      const int error = Partition::create(path);
      partition = error == 0 || error == EEXIST ? Partition::open(path) : nullptr;
    }
    if (!partition) return false;
    partitions_.push_back(std::move(partition));
  }
  return true;
}

std::unique_ptr<Medium> Medium::open(const std::string& folder, const std::string& barcode) {
  auto medium = std::make_unique<Medium>();
  medium->path_ = folder + "/" + barcode;
  if (!medium->load_texts() || !medium->open_partitions()) return nullptr;
  return medium;
}

std::uint64_t Medium::capacity_bytes(std::uint8_t partition) const {
  return attributes_.partition_bytes.empty() ? attributes_.capacity_bytes
                                             : attributes_.partition_bytes[partition];
}

std::uint64_t Medium::early_warning_at(std::uint8_t partition) const {
  const auto capacity = capacity_bytes(partition);
  // A small partition is not all warning.
  const auto longest = attributes_.partition_bytes.empty() ? capacity : capacity / 2;
  return capacity - std::min(longest, attributes_.early_warning_bytes);
}

int Medium::format(const std::vector<std::uint64_t>& partition_bytes) {
  for (auto& partition : partitions_) {
    if (const int error = partition->truncate(0)) return error;
  }
  auto formatted = attributes_;
  formatted.partition_bytes = partition_bytes;
  if (const int error = replace_text_file(path_ + ".attributes", attributes_text(formatted),
                                          Survives::process_end)) {
    return error;
  }
  attributes_ = formatted;
  if (!open_partitions()) return errno;
  for (auto number = partitions_.size(); number < maximum_partitions; ++number) {
    ::unlink((partition_path(number) + ".objects").c_str());
    ::unlink((partition_path(number) + ".tape").c_str());
  }
  return 0;
}

int Medium::save_memory() const {
  return replace_text_file(path_ + ".memory", to_text(memory_), Survives::process_end);
}

std::optional<std::uint32_t> Medium::number_of_key(const BlockKey& key) {
  const auto known = keys_.size();
  const auto number = keys_.number_of(key);
  if (keys_.size() == known) return number;
  const int error = replace_text_file(path_ + ".keys", keys_.to_text(), Survives::process_end);
  if (error == 0) return number;
  errno = error;
  return std::nullopt;
}

}  // namespace tidemark::simulator
