// SPDX-License-Identifier: Apache-2.0
#include "scsi/secret_bytes.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace tidemark::scsi {

void overwrite(std::span<std::uint8_t> bytes) {
  volatile std::uint8_t* out = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = 0;
  // The freeing that follows must not be moved before the stores.
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

SecretBytes::SecretBytes(std::size_t size)
    : bytes_(std::make_unique<std::uint8_t[]>(size)), size_(size) {}

SecretBytes::SecretBytes(std::span<const std::uint8_t> bytes) : SecretBytes(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretBytes::~SecretBytes() { wipe(); }

void SecretBytes::wipe() {
  overwrite(view());
  bytes_.reset();
  size_ = 0;
}

}  // namespace tidemark::scsi
