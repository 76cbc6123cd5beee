// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace tidemark::scsi {

/// Bytes that must not stay in memory: a key, or a parameter list with one. It has one allocation,
/// which never grows or moves, so that no copy is left behind, and overwrites it before it is
/// freed. There is no copying; moving hands the allocation over.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);
  explicit SecretBytes(std::span<const std::uint8_t> bytes);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  /// Overwrites the bytes and frees them.
  void wipe();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const std::uint8_t> view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::span<std::uint8_t> view() { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

/// Zeroes that the compiler may not leave out.
void overwrite(std::span<std::uint8_t> bytes);

}  // namespace tidemark::scsi
