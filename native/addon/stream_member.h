// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <napi.h>

#include "stream/member_index.h"

namespace tidemark {

/// `StreamMember` of lib/native/binding.ts; undefined where there is none.
[[nodiscard]] Napi::Value member_to_js(Napi::Env env, const std::optional<IndexedMember>& member);

}  // namespace tidemark
