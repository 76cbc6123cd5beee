// SPDX-License-Identifier: Apache-2.0
#include "addon/digest.h"

#include "addon/convert.h"
#include "stream/xxh3.h"

namespace tidemark {

Napi::Value digest_xxh3_64(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "xxh3_64");
  const auto bytes = check.bytes(info[0], "bytes");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return to_bigint(info.Env(), xxh3_64(bytes));
}

Napi::Value digest_xxh3_128(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "xxh3_128");
  const auto bytes = check.bytes(info[0], "bytes");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return to_buffer(info.Env(), xxh3_128(bytes));
}

}  // namespace tidemark
