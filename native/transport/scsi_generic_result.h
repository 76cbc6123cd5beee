// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scsi/sg.h>

#include <cstdint>
#include <string>

#include "transport/transport.h"

namespace tidemark {

/// The version 3 header for a command (the kernel's scsi/sg.h). `sense` takes the sense data; both
/// must outlive the ioctl.
[[nodiscard]] sg_io_hdr scsi_generic_header(const Command& command,
                                            std::array<std::uint8_t, 252>& sense);

/// What an SG_IO ioctl came to. `error_number` is its errno, 0 where it succeeded; only then does
/// the header hold an answer. `device` is named in messages.
[[nodiscard]] Result scsi_generic_result(const Command& command, const sg_io_hdr& header,
                                         const std::array<std::uint8_t, 252>& sense,
                                         int error_number, const std::string& device);

}  // namespace tidemark
