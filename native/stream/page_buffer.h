// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace tidemark {

/// Page-aligned memory: the kernel maps it for a command's data instead of copying it.
class PageBuffer {
 public:
  static constexpr std::size_t alignment = 4096;

  explicit PageBuffer(std::size_t bytes)
      : size_(bytes),
        bytes_(static_cast<std::uint8_t*>(::operator new (bytes, std::align_val_t{alignment}))) {}

  [[nodiscard]] std::span<std::uint8_t> span() const { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const {
      ::operator delete (bytes, std::align_val_t{alignment});
    }
  };
  std::size_t size_;
  std::unique_ptr<std::uint8_t, Free> bytes_;
};

}  // namespace tidemark
