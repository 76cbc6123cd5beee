// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tidemark {

/// The text of an access control list as the kernel hands it out in system.posix_acl_access and
/// system.posix_acl_default: entries `tag:qualifier:permissions`, apart by commas, with numeric
/// owners, so that the archive does not depend on this machine's names. Nothing where it is
/// malformed.
[[nodiscard]] std::optional<std::string> decode_acl(std::span<const std::uint8_t> attribute);

}  // namespace tidemark
