// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stream/owner_names.h"

namespace tidemark {

/// An access control list as text (SCHILY.acl.*: entries `tag:qualifier:permissions[:id]`, apart by
/// commas or newlines) in the form of the extended attributes system.posix_acl_*; nothing where it
/// is malformed or names somebody unknown here.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> encode_acl(std::string_view text,
                                                                  OwnerNames& owners);

}  // namespace tidemark
