// SPDX-License-Identifier: Apache-2.0
#include "scsi/supported_operation.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t entry_bytes = 8;
constexpr std::size_t timeouts_bytes = 12;

/// The command timeouts descriptor (SPC-5 6.35.4).
CommandTimeouts decode_timeouts(Bytes descriptor) {
  return {load_u8(descriptor, 3), load_be32(descriptor, 4), load_be32(descriptor, 8)};
}

void append_timeouts(std::vector<std::uint8_t>& bytes, const CommandTimeouts& timeouts) {
  const auto at = bytes.size();
  bytes.resize(at + timeouts_bytes);
  store_be16(bytes, at, timeouts_bytes - 2);
  bytes[at + 3] = timeouts.command_specific;
  store_be32(bytes, at + 4, timeouts.nominal_s);
  store_be32(bytes, at + 8, timeouts.recommended_s);
}

}  // namespace

std::optional<std::vector<SupportedOperation>> decode_supported_operations(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  std::vector<SupportedOperation> operations;
  auto rest = clip(bytes, header_bytes, load_be32(bytes, 0));
  while (rest.size() >= entry_bytes) {
    const bool has_timeouts = load_bit(rest, 5, 1);
    const auto length = entry_bytes + (has_timeouts ? timeouts_bytes : 0);
    if (length > rest.size()) break;
    SupportedOperation operation;
    operation.operation_code = rest[0];
    if (load_bit(rest, 5, 0)) operation.service_action = load_be16(rest, 2);
    operation.cdb_bytes = load_be16(rest, 6);
    if (has_timeouts) operation.timeouts = decode_timeouts(rest.subspan(entry_bytes));
    operations.push_back(operation);
    rest = rest.subspan(length);
  }
  return operations;
}

std::vector<std::uint8_t> encode_supported_operations(
    std::span<const SupportedOperation> operations) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : operations) {
    const auto at = bytes.size();
    bytes.resize(at + entry_bytes);
    bytes[at] = each.operation_code;
    store_be16(bytes, at + 2, each.service_action.value_or(0));
    store_bit(bytes, at + 5, 1, each.timeouts.has_value());
    store_bit(bytes, at + 5, 0, each.service_action.has_value());
    store_be16(bytes, at + 6, each.cdb_bytes);
    if (each.timeouts) append_timeouts(bytes, *each.timeouts);
  }
  store_be32(bytes, 0, static_cast<std::uint32_t>(bytes.size() - header_bytes));
  return bytes;
}

std::optional<OperationSupport> decode_operation_support(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  OperationSupport operation;
  operation.support = static_cast<OperationSupport::Support>(load_bits(bytes, 1, 2, 0));
  const std::size_t cdb_bytes = load_be16(bytes, 2);
  const auto usage = clip(bytes, header_bytes, cdb_bytes);
  operation.usage.assign(usage.begin(), usage.end());
  const auto timeouts = clip(bytes, header_bytes + cdb_bytes, timeouts_bytes);
  if (load_bit(bytes, 1, 7) && timeouts.size() == timeouts_bytes) {
    operation.timeouts = decode_timeouts(timeouts);
  }
  return operation;
}

std::vector<std::uint8_t> encode_operation_support(const OperationSupport& support) {
  const auto cdb_bytes = std::min<std::size_t>(support.usage.size(), UINT16_MAX);
  std::vector<std::uint8_t> bytes(header_bytes + cdb_bytes);
  store_bit(bytes, 1, 7, support.timeouts.has_value());
  store_bits(bytes, 1, 2, 0, static_cast<std::uint8_t>(support.support));
  store_be16(bytes, 2, static_cast<std::uint16_t>(cdb_bytes));
  std::copy_n(support.usage.begin(), cdb_bytes, bytes.begin() + header_bytes);
  if (support.timeouts) append_timeouts(bytes, *support.timeouts);
  return bytes;
}

}  // namespace tidemark::scsi
