// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/transport.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// The way to a device of this computer: SG_IO on /dev/sg*. It is opened with the first command,
/// and again with the next one where that failed or the device was gone.
///
/// The sg node is used even where a tape node is given: SG_IO on /dev/nst* needs a capability for
/// every command, on /dev/sg* the permission to read and write the node is enough.
class ScsiGenericTransport : public Transport {
 public:
  struct Options {
    /// Hold the drive's tape node while open: another program's open of it then ends with EBUSY.
    /// sg and st do not exclude each other, so this keeps off only those who use st.
    bool exclusive = false;
  };

  /// `path`: /dev/sg*, /dev/st*, /dev/nst*, or a link to one.
  ScsiGenericTransport(std::string path, Options options);

  Result execute(const Command& command) override;
  void close() override;
  [[nodiscard]] std::optional<std::uint32_t> maximum_transfer_bytes() override;

 private:
  struct Failure {
    int error_number = 0;
    std::string detail;
  };
  std::optional<Failure> open();
  std::optional<Failure> open_fence(const std::string& node);
  /// Nothing where the device takes so many bytes at once.
  std::optional<Failure> check_length(std::size_t bytes);
  void probe_limits();

  std::string path_;
  Options options_;
  UniqueFd device_;
  UniqueFd fence_;
  /// As the kernel gave it; 0: not told.
  std::uint32_t maximum_bytes_ = 0;
  std::uint32_t reserved_bytes_ = 0;
};

}  // namespace tidemark
