// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "device/device.h"

namespace tidemark {

/// `WithResult<NativeInquiry>` of lib/native/binding.ts.
[[nodiscard]] Napi::Object inquiry_to_js(Napi::Env env, const InquiryOutcome& outcome);

}  // namespace tidemark
