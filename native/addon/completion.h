// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <napi.h>

#include "addon/background_work.h"

namespace tidemark {

/// The channel on which native threads hand finished work to one JavaScript environment. It keeps
/// the event loop alive only while a promise waits.
class CompletionChannel {
 public:
  /// Makes the environment's channel; called once, from the module's initialisation.
  static void install(Napi::Env env);
  static CompletionChannel& of(Napi::Env env);

  [[nodiscard]] BackgroundWork& background() { return background_; }

 private:
  friend class Completion;
  static void end_of_environment(void* channel);
  static void call(napi_env env, napi_value function, void* context, void* data);

  napi_threadsafe_function function_ = nullptr;
  std::size_t waiting_ = 0;
  BackgroundWork background_;
};

/// An empty promise, and no deferred, where the environment is being terminated and makes none any
/// more.
[[nodiscard]] Napi::Promise make_promise(Napi::Env env, napi_deferred& deferred);

/// A promise that native code completes, from any thread, at any time: also after its environment
/// is gone, when completing does nothing. Dropped without being completed, it is rejected.
class Completion {
 public:
  using Maker = std::function<Napi::Value(Napi::Env)>;

  /// On the JavaScript thread. `owner` is kept from being collected until the promise is settled.
  static std::shared_ptr<Completion> create(Napi::Env env, Napi::Object owner = Napi::Object());

  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  ~Completion();

  /// On the JavaScript thread.
  [[nodiscard]] Napi::Promise promise() const { return promise_; }

  /// From any thread; the first completion counts. `make` runs on the JavaScript thread.
  void resolve(Maker make);
  /// The promise is rejected with an Error of this message.
  void reject(std::string message);

 private:
  friend class CompletionChannel;
  struct Settlement;
  Completion() = default;
  void settle(Maker make, std::string error);

  Napi::Promise promise_;
  napi_threadsafe_function function_ = nullptr;
  std::unique_ptr<Settlement> settlement_;
  std::atomic<bool> settled_{false};
};

}  // namespace tidemark
