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

void CommandTrace::add(const Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find(units_.begin(), units_.end(), exchange.unit);
  const auto unit = static_cast<std::uint32_t>(known - units_.begin());
  if (known == units_.end()) units_.emplace_back(exchange.unit);
  entries_.push_back({unit, exchange.operation});
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
  for (const auto& each : entries_) entries.push_back({units_[each.unit], each.operation});
  return entries;
}

Digest128 CommandTrace::digest() const {
  const std::lock_guard lock(mutex_);
  return digest_.digest();
}

}  // namespace tidemark::simulator
