// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace tidemark {

/// `lockFile` of lib/native/binding.ts.
Napi::Value lock_file(const Napi::CallbackInfo& info);

}  // namespace tidemark
