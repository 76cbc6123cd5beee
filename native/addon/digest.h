// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace tidemark {

/// `xxh3_64` and `xxh3_128` of lib/native/binding.ts.
Napi::Value digest_xxh3_64(const Napi::CallbackInfo& info);
Napi::Value digest_xxh3_128(const Napi::CallbackInfo& info);

}  // namespace tidemark
