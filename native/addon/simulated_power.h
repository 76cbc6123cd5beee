// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

namespace tidemark {

// The functions of these names of lib/native/binding.ts.
Napi::Value cut_simulated_power(const Napi::CallbackInfo& info);
Napi::Value is_simulated_power_cut(const Napi::CallbackInfo& info);
Napi::Value restore_simulated_power(const Napi::CallbackInfo& info);
Napi::Value simulated_time(const Napi::CallbackInfo& info);
Napi::Value pass_simulated_time(const Napi::CallbackInfo& info);
Napi::Value simulated_trace(const Napi::CallbackInfo& info);

}  // namespace tidemark
