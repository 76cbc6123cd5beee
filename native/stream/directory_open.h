// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tidemark {

/// Opens a directory below `root` for reading; `path` is relative, of any length, and may end in
/// "/"; empty means `root` itself. Symbolic links are followed nowhere in it, so that what was
/// found in a walk cannot lead out of its source. Returns a descriptor, or an errno negated.
[[nodiscard]] int open_directory_beneath(int root, std::string_view path);

/// A source's root; links are followed here, for the operator named it.
[[nodiscard]] int open_source_directory(const char* path);

}  // namespace tidemark
