// SPDX-License-Identifier: Apache-2.0
#include "addon/file_lock.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "addon/convert.h"
#include "addon/system_error.h"
#include "transport/process_lock.h"

namespace tidemark {
namespace {

Napi::Error locked_error(Napi::Env env, const std::string& path, pid_t holder) {
  const auto by =
      holder == 0 ? std::string("another process") : "process " + std::to_string(holder);
  auto error = system_error(env, EWOULDBLOCK, path + " is locked by " + by);
  if (holder != 0) error.Set("holder", Napi::Number::New(env, holder));
  return error;
}

}  // namespace

Napi::Value lock_file(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  ArgumentCheck check(env, "lockFile");
  const auto path = check.string(info[0], "path");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto attempt = ProcessLock::try_acquire(path);
  if (!attempt.lock) {
    const auto error =
        attempt.error_number == EWOULDBLOCK
            ? locked_error(env, path, attempt.holder)
            : system_error(env, attempt.error_number,
                           "cannot lock " + path + ": " + std::strerror(attempt.error_number));
    error.ThrowAsJavaScriptException();
    return env.Undefined();
  }
  // The function owns the lock: it goes with the process, the environment, or the last reference to
  // it.
  const auto lock = std::make_shared<std::optional<ProcessLock>>(std::move(attempt.lock));
  auto object = Napi::Object::New(env);
  object.Set("release",
             Napi::Function::New(env, [lock](const Napi::CallbackInfo&) { lock->reset(); }));
  return object;
}

}  // namespace tidemark
