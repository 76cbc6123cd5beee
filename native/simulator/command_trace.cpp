// SPDX-License-Identifier: Apache-2.0
#include "simulator/command_trace.h"

#include <algorithm>
#include <array>

namespace tidemark::simulator {

CommandTrace::CommandTrace() { digest_.restart(); }

void CommandTrace::begin() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  digest_.restart();
  is_on_ = true;
}

void CommandTrace::digest_piece(scsi::Bytes bytes) {
  std::array<std::uint8_t, 4> length{};
  scsi::store_be32(length, 0, static_cast<std::uint32_t>(bytes.size()));
  digest_.update(length);
  digest_.update(bytes);
}

std::uint32_t CommandTrace::number_of(std::string_view name) {
  const auto known = std::find(names_.begin(), names_.end(), name);
  const auto number = static_cast<std::uint32_t>(known - names_.begin());
  if (known == names_.end()) names_.emplace_back(name);
  return number;
}

void CommandTrace::add(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  auto block = exchange.block;
  if (block) block->volume = names_[number_of(block->volume)];
  entries_.push_back({number_of(exchange.unit), exchange.operation, block});
  const auto* name = reinterpret_cast<const std::uint8_t*>(exchange.unit.data());
  digest_piece({name, exchange.unit.size()});
  digest_piece(exchange.cdb);
  digest_piece(exchange.data_out);
  std::array<std::uint8_t, 3> status{};
  scsi::store_be16(status, 0, exchange.host_status);
  status[2] = exchange.scsi_status;
  digest_piece(status);
  digest_piece(exchange.sense);
}

std::vector<CommandTrace::Entry> CommandTrace::entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> entries;
  entries.reserve(entries_.size());
  for (const auto& each : entries_) {
    entries.push_back({names_[each.unit], each.operation, each.block});
  }
  return entries;
}

Digest128 CommandTrace::digest() const {
  const std::lock_guard lock(mutex_);
  return digest_.digest();
}

}  // namespace tidemark::simulator
