// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <napi.h>

namespace tidemark {

/// An Error with the `code` that Node.js gives this errno, such as ENOENT, and the `errno` itself.
[[nodiscard]] Napi::Error system_error(Napi::Env env, int error_number, const std::string& message);

}  // namespace tidemark
