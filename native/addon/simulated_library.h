// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace tidemark {

/// `createSimulatedLibrary` of lib/native/binding.ts.
Napi::Value create_simulated_library(const Napi::CallbackInfo& info);

/// `planSimulatedFaults`.
Napi::Value plan_simulated_faults(const Napi::CallbackInfo& info);

}  // namespace tidemark
