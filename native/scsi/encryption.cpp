// SPDX-License-Identifier: Apache-2.0
#include "scsi/encryption.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t capabilities_bytes = 20;
constexpr std::size_t algorithm_header_bytes = 4;
constexpr std::size_t algorithm_bytes = 24;
constexpr std::size_t status_bytes = 24;
constexpr std::size_t least_status_bytes = 14;
constexpr std::size_t next_block_bytes = 16;
constexpr std::size_t set_encryption_bytes = 20;
constexpr std::size_t kad_header_bytes = 4;
constexpr std::size_t maximum_page_bytes = 0xFFFF;

/// The page as far as its length goes and it was received; empty where it is another one, or has
/// less than `least` bytes.
Bytes checked_page(Bytes bytes, std::uint16_t page, std::size_t least) {
  if (bytes.size() < header_bytes || load_be16(bytes, 0) != page) return {};
  const auto whole = clip(bytes, 0, header_bytes + load_be16(bytes, 2));
  return whole.size() < least ? Bytes{} : whole;
}

std::vector<std::uint8_t> begin_page(std::uint16_t page, std::size_t bytes) {
  std::vector<std::uint8_t> begun(bytes);
  store_be16(begun, 0, page);
  return begun;
}

std::vector<std::uint8_t> end_page(std::vector<std::uint8_t> bytes) {
  store_be16(bytes, 2, static_cast<std::uint16_t>(bytes.size() - header_bytes));
  return bytes;
}

std::vector<KeyAssociatedData> decode_kad(Bytes rest) {
  std::vector<KeyAssociatedData> list;
  while (rest.size() >= kad_header_bytes) {
    const std::size_t length = kad_header_bytes + load_be16(rest, 2);
    if (length > rest.size()) break;
    const auto value = rest.first(length).subspan(kad_header_bytes);
    list.push_back({rest[0], load_bits(rest, 1, 2, 0), {value.begin(), value.end()}});
    rest = rest.subspan(length);
  }
  return list;
}

/// Stores the descriptors that fit; how many bytes they have. Without room it only counts.
std::size_t store_kad(std::span<const KeyAssociatedData> list, std::size_t room,
                      MutableBytes bytes) {
  std::size_t at = 0;
  for (const auto& each : list) {
    if (at + kad_header_bytes + each.value.size() > room) break;
    store_u8(bytes, at, each.type);
    store_bits(bytes, at + 1, 2, 0, each.authenticated);
    store_be16(bytes, at + 2, static_cast<std::uint16_t>(each.value.size()));
    at += kad_header_bytes;
    if (!bytes.empty()) std::copy(each.value.begin(), each.value.end(), bytes.begin() + at);
    at += each.value.size();
  }
  return at;
}

void append_kad(std::vector<std::uint8_t>& bytes, std::span<const KeyAssociatedData> list) {
  const auto at = bytes.size();
  const auto room = maximum_page_bytes + header_bytes - at;
  bytes.resize(at + store_kad(list, room, {}));
  store_kad(list, room, MutableBytes(bytes).subspan(at));
}

EncryptionAlgorithm decode_algorithm(Bytes descriptor) {
  EncryptionAlgorithm algorithm;
  algorithm.index = load_u8(descriptor, 0);
  algorithm.valid_for_volume = load_bit(descriptor, 4, 7);
  algorithm.supplemental_keys = load_bit(descriptor, 4, 6);
  algorithm.authentication_code = load_bit(descriptor, 4, 5);
  algorithm.distinguishes_blocks = load_bit(descriptor, 4, 4);
  algorithm.decrypt = load_bits(descriptor, 4, 3, 2);
  algorithm.encrypt = load_bits(descriptor, 4, 1, 0);
  algorithm.valid_at_position = load_bits(descriptor, 5, 7, 6);
  algorithm.nonce = load_bits(descriptor, 5, 5, 4);
  algorithm.kad_format_settable = load_bit(descriptor, 5, 3);
  algorithm.reports_encrypted_volume = load_bit(descriptor, 5, 2);
  algorithm.unauthenticated_kad_fixed = load_bit(descriptor, 5, 1);
  algorithm.authenticated_kad_fixed = load_bit(descriptor, 5, 0);
  algorithm.unauthenticated_kad_bytes = load_be16(descriptor, 6);
  algorithm.authenticated_kad_bytes = load_be16(descriptor, 8);
  algorithm.key_bytes = load_be16(descriptor, 10);
  algorithm.decryption_kad = load_bits(descriptor, 12, 7, 6);
  algorithm.external_mode = load_bits(descriptor, 12, 5, 4);
  algorithm.raw_decryption = load_bits(descriptor, 12, 3, 1);
  algorithm.raw_encryption_recorded = load_bit(descriptor, 12, 0);
  algorithm.supplemental_key_count = load_be16(descriptor, 14);
  algorithm.algorithm = load_be32(descriptor, 20);
  return algorithm;
}

void append_algorithm(std::vector<std::uint8_t>& bytes, const EncryptionAlgorithm& algorithm) {
  const auto at = bytes.size();
  bytes.resize(at + algorithm_bytes);
  const auto descriptor = MutableBytes(bytes).subspan(at);
  store_u8(descriptor, 0, algorithm.index);
  store_be16(descriptor, 2, algorithm_bytes - algorithm_header_bytes);
  store_bit(descriptor, 4, 7, algorithm.valid_for_volume);
  store_bit(descriptor, 4, 6, algorithm.supplemental_keys);
  store_bit(descriptor, 4, 5, algorithm.authentication_code);
  store_bit(descriptor, 4, 4, algorithm.distinguishes_blocks);
  store_bits(descriptor, 4, 3, 2, algorithm.decrypt);
  store_bits(descriptor, 4, 1, 0, algorithm.encrypt);
  store_bits(descriptor, 5, 7, 6, algorithm.valid_at_position);
  store_bits(descriptor, 5, 5, 4, algorithm.nonce);
  store_bit(descriptor, 5, 3, algorithm.kad_format_settable);
  store_bit(descriptor, 5, 2, algorithm.reports_encrypted_volume);
  store_bit(descriptor, 5, 1, algorithm.unauthenticated_kad_fixed);
  store_bit(descriptor, 5, 0, algorithm.authenticated_kad_fixed);
  store_be16(descriptor, 6, algorithm.unauthenticated_kad_bytes);
  store_be16(descriptor, 8, algorithm.authenticated_kad_bytes);
  store_be16(descriptor, 10, algorithm.key_bytes);
  store_bits(descriptor, 12, 7, 6, algorithm.decryption_kad);
  store_bits(descriptor, 12, 5, 4, algorithm.external_mode);
  store_bits(descriptor, 12, 3, 1, algorithm.raw_decryption);
  store_bit(descriptor, 12, 0, algorithm.raw_encryption_recorded);
  store_be16(descriptor, 14, algorithm.supplemental_key_count);
  store_be32(descriptor, 20, algorithm.algorithm);
}

}  // namespace

std::optional<std::vector<std::uint16_t>> decode_encryption_pages(Bytes bytes, std::uint16_t page) {
  bytes = checked_page(bytes, page, header_bytes);
  if (bytes.empty()) return std::nullopt;
  std::vector<std::uint16_t> pages;
  for (auto at = header_bytes; at + 2 <= bytes.size(); at += 2) {
    pages.push_back(load_be16(bytes, at));
  }
  return pages;
}

std::vector<std::uint8_t> encode_encryption_pages(std::uint16_t page,
                                                  std::span<const std::uint16_t> pages) {
  auto bytes = begin_page(page, header_bytes + 2 * pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) store_be16(bytes, header_bytes + 2 * i, pages[i]);
  return end_page(std::move(bytes));
}

std::optional<EncryptionCapabilities> decode_encryption_capabilities(Bytes bytes) {
  bytes = checked_page(bytes, encryption_page::capabilities, 5);
  if (bytes.empty()) return std::nullopt;
  EncryptionCapabilities capabilities;
  capabilities.external_control = load_bits(bytes, 4, 3, 2);
  capabilities.configuration_prevented = load_bits(bytes, 4, 1, 0);
  auto rest = clip(bytes, capabilities_bytes, bytes.size());
  while (rest.size() >= algorithm_bytes) {
    const auto length = algorithm_header_bytes + load_be16(rest, 2);
    // A descriptor that ends before the algorithm's code says nothing that can be used.
    if (length < algorithm_bytes) break;
    capabilities.algorithms.push_back(decode_algorithm(rest));
    rest = rest.subspan(std::min<std::size_t>(length, rest.size()));
  }
  return capabilities;
}

std::vector<std::uint8_t> encode_encryption_capabilities(
    const EncryptionCapabilities& capabilities) {
  auto bytes = begin_page(encryption_page::capabilities, capabilities_bytes);
  store_bits(bytes, 4, 3, 2, capabilities.external_control);
  store_bits(bytes, 4, 1, 0, capabilities.configuration_prevented);
  for (const auto& each : capabilities.algorithms) append_algorithm(bytes, each);
  return end_page(std::move(bytes));
}

std::optional<EncryptionStatus> decode_encryption_status(Bytes bytes) {
  bytes = checked_page(bytes, encryption_page::status, least_status_bytes);
  if (bytes.empty()) return std::nullopt;
  EncryptionStatus status;
  status.nexus_scope = load_bits(bytes, 4, 7, 5);
  status.key_scope = load_bits(bytes, 4, 2, 0);
  status.encryption = static_cast<EncryptionMode>(bytes[5]);
  status.decryption = static_cast<DecryptionMode>(bytes[6]);
  status.algorithm_index = bytes[7];
  status.key_instance_counter = load_be32(bytes, 8);
  status.parameters_control = load_bits(bytes, 12, 6, 4);
  status.volume_has_encrypted_blocks = load_bit(bytes, 12, 3);
  status.check_external_mode = load_bits(bytes, 12, 2, 1);
  status.raw_decryption_disabled = load_bit(bytes, 12, 0);
  status.kad_format = bytes[13];
  status.supplemental_keys = load_be16(bytes, 14);
  status.kad = decode_kad(clip(bytes, status_bytes, bytes.size()));
  return status;
}

std::vector<std::uint8_t> encode_encryption_status(const EncryptionStatus& status) {
  auto bytes = begin_page(encryption_page::status, status_bytes);
  store_bits(bytes, 4, 7, 5, status.nexus_scope);
  store_bits(bytes, 4, 2, 0, status.key_scope);
  bytes[5] = static_cast<std::uint8_t>(status.encryption);
  bytes[6] = static_cast<std::uint8_t>(status.decryption);
  bytes[7] = status.algorithm_index;
  store_be32(bytes, 8, status.key_instance_counter);
  store_bits(bytes, 12, 6, 4, status.parameters_control);
  store_bit(bytes, 12, 3, status.volume_has_encrypted_blocks);
  store_bits(bytes, 12, 2, 1, status.check_external_mode);
  store_bit(bytes, 12, 0, status.raw_decryption_disabled);
  bytes[13] = status.kad_format;
  store_be16(bytes, 14, status.supplemental_keys);
  append_kad(bytes, status.kad);
  return end_page(std::move(bytes));
}

std::optional<NextBlockEncryption> decode_next_block_encryption(Bytes bytes) {
  bytes = checked_page(bytes, encryption_page::next_block_status, next_block_bytes);
  if (bytes.empty()) return std::nullopt;
  NextBlockEncryption status;
  status.object_number = load_be64(bytes, 4);
  status.compression = load_bits(bytes, 12, 7, 4);
  status.state = static_cast<NextBlockEncryption::State>(load_bits(bytes, 12, 3, 0));
  status.algorithm_index = bytes[13];
  status.external_mode = load_bit(bytes, 14, 1);
  status.raw_decryption_disabled = load_bit(bytes, 14, 0);
  status.kad_format = bytes[15];
  status.kad = decode_kad(bytes.subspan(next_block_bytes));
  return status;
}

std::vector<std::uint8_t> encode_next_block_encryption(const NextBlockEncryption& status) {
  auto bytes = begin_page(encryption_page::next_block_status, next_block_bytes);
  store_be64(bytes, 4, status.object_number);
  store_bits(bytes, 12, 7, 4, status.compression);
  store_bits(bytes, 12, 3, 0, static_cast<std::uint8_t>(status.state));
  bytes[13] = status.algorithm_index;
  store_bit(bytes, 14, 1, status.external_mode);
  store_bit(bytes, 14, 0, status.raw_decryption_disabled);
  bytes[15] = status.kad_format;
  append_kad(bytes, status.kad);
  return end_page(std::move(bytes));
}

std::optional<SetDataEncryption> decode_set_data_encryption(Bytes list) {
  list = checked_page(list, encryption_page::set_data_encryption, set_encryption_bytes);
  if (list.empty()) return std::nullopt;
  const auto key = clip(list, set_encryption_bytes, load_be16(list, 18));
  if (key.size() != load_be16(list, 18)) return std::nullopt;
  SetDataEncryption parameters;
  parameters.scope = static_cast<EncryptionScope>(load_bits(list, 4, 7, 5));
  parameters.lock = load_bit(list, 4, 0);
  parameters.check_external_mode = load_bits(list, 5, 7, 6);
  parameters.raw_decryption_control = load_bits(list, 5, 5, 4);
  parameters.supplemental_key = load_bit(list, 5, 3);
  parameters.clear_on_demount = load_bit(list, 5, 2);
  parameters.clear_on_reservation_preempt = load_bit(list, 5, 1);
  parameters.clear_on_reservation_loss = load_bit(list, 5, 0);
  parameters.encryption = static_cast<EncryptionMode>(list[6]);
  parameters.decryption = static_cast<DecryptionMode>(list[7]);
  parameters.algorithm_index = list[8];
  parameters.key_format = list[9];
  parameters.kad_format = list[10];
  parameters.key = SecretBytes(key);
  parameters.kad = decode_kad(clip(list, set_encryption_bytes + key.size(), list.size()));
  return parameters;
}

SecretBytes encode_set_data_encryption(const SetDataEncryption& parameters) {
  const auto key = parameters.key.view();
  const auto kad_offset = set_encryption_bytes + key.size();
  if (kad_offset > maximum_page_bytes + header_bytes) return {};
  const auto room = maximum_page_bytes + header_bytes - kad_offset;
  SecretBytes secret(kad_offset + store_kad(parameters.kad, room, {}));
  const auto list = secret.view();
  store_be16(list, 0, encryption_page::set_data_encryption);
  store_be16(list, 2, static_cast<std::uint16_t>(list.size() - header_bytes));
  store_bits(list, 4, 7, 5, static_cast<std::uint8_t>(parameters.scope));
  store_bit(list, 4, 0, parameters.lock);
  store_bits(list, 5, 7, 6, parameters.check_external_mode);
  store_bits(list, 5, 5, 4, parameters.raw_decryption_control);
  store_bit(list, 5, 3, parameters.supplemental_key);
  store_bit(list, 5, 2, parameters.clear_on_demount);
  store_bit(list, 5, 1, parameters.clear_on_reservation_preempt);
  store_bit(list, 5, 0, parameters.clear_on_reservation_loss);
  list[6] = static_cast<std::uint8_t>(parameters.encryption);
  list[7] = static_cast<std::uint8_t>(parameters.decryption);
  list[8] = parameters.algorithm_index;
  list[9] = parameters.key_format;
  list[10] = parameters.kad_format;
  store_be16(list, 18, static_cast<std::uint16_t>(key.size()));
  std::copy(key.begin(), key.end(), list.begin() + set_encryption_bytes);
  store_kad(parameters.kad, room, list.subspan(kad_offset));
  return secret;
}

}  // namespace tidemark::scsi
