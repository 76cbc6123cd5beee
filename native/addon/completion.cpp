// SPDX-License-Identifier: Apache-2.0
#include "addon/completion.h"

#include <utility>

#include "addon/convert.h"

namespace tidemark {

/// What crosses to the JavaScript thread.
struct Completion::Settlement {
  Settlement() = default;
  Settlement(const Settlement&) = delete;
  Settlement& operator=(const Settlement&) = delete;
  ~Settlement() {
    // Where it is destroyed before it was delivered the environment is gone, and its references
    // with it.
    if (!delivered) owner.SuppressDestruct();
  }

  napi_deferred deferred = nullptr;
  Napi::ObjectReference owner;
  Maker make;
  std::string error;
  bool delivered = false;
};

void CompletionChannel::install(Napi::Env env) {
  auto channel = std::make_unique<CompletionChannel>();
  constexpr std::size_t unlimited_queue = 0;
  constexpr std::size_t one_thread = 1;  // JavaScript's own; each completion adds itself
  const napi_status made = napi_create_threadsafe_function(
      env, nullptr, nullptr, Napi::String::New(env, "tidemark:completion"), unlimited_queue,
      one_thread, nullptr, nullptr, channel.get(), &CompletionChannel::call, &channel->function_);
  if (made != napi_ok) {
    Napi::Error::New(env, "cannot make a channel to JavaScript").ThrowAsJavaScriptException();
    return;
  }
  napi_unref_threadsafe_function(env, channel->function_);
  // Made before every device, it ends after them: the last answers of their threads still find it.
  napi_add_env_cleanup_hook(env, &CompletionChannel::end_of_environment, channel.get());
  env.SetInstanceData(channel.release());
}

void CompletionChannel::end_of_environment(void* self) {
  auto* channel = static_cast<CompletionChannel*>(self);
  // Rings, packers and writers have been stopped by now, so that work comes to its end. It must do
  // so here: the engine frees the function without asking who may still call it.
  channel->background_.wait();
  napi_release_threadsafe_function(channel->function_, napi_tsfn_abort);
}

CompletionChannel& CompletionChannel::of(Napi::Env env) {
  return *env.GetInstanceData<CompletionChannel>();
}

void CompletionChannel::call(napi_env raw_env, napi_value, void* context, void* data) {
  const std::unique_ptr<Completion::Settlement> settlement(
      static_cast<Completion::Settlement*>(data));
  if (raw_env == nullptr) return;  // the environment is going away
  count_crossing();
  const Napi::Env env(raw_env);
  auto* channel = static_cast<CompletionChannel*>(context);
  if (--channel->waiting_ == 0) napi_unref_threadsafe_function(env, channel->function_);

  settlement->delivered = true;
  if (settlement->deferred == nullptr) return;
  if (settlement->make) {
    napi_resolve_deferred(env, settlement->deferred, settlement->make(env));
  } else {
    napi_reject_deferred(env, settlement->deferred,
                         Napi::Error::New(env, settlement->error).Value());
  }
}

Napi::Promise make_promise(Napi::Env env, napi_deferred& deferred) {
  // Napi::Promise::Deferred hands out an uninitialised value where this fails.
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) {
    deferred = nullptr;
    return Napi::Promise();
  }
  return Napi::Promise(env, promise);
}

std::shared_ptr<Completion> Completion::create(Napi::Env env, Napi::Object owner) {
  auto& channel = CompletionChannel::of(env);
  std::shared_ptr<Completion> completion(new Completion());
  completion->settlement_ = std::make_unique<Settlement>();
  completion->promise_ = make_promise(env, completion->settlement_->deferred);
  if (!owner.IsEmpty()) completion->settlement_->owner = Napi::Persistent(owner);
  completion->function_ = channel.function_;
  napi_acquire_threadsafe_function(channel.function_);
  if (channel.waiting_++ == 0) napi_ref_threadsafe_function(env, channel.function_);
  return completion;
}

Completion::~Completion() { reject("the device was closed before this was done"); }

void Completion::resolve(Maker make) { settle(std::move(make), {}); }

void Completion::reject(std::string message) { settle({}, std::move(message)); }

void Completion::settle(Maker make, std::string error) {
  if (settled_.exchange(true)) return;
  settlement_->make = std::move(make);
  settlement_->error = std::move(error);
  const auto status =
      napi_call_threadsafe_function(function_, settlement_.get(), napi_tsfn_nonblocking);
  if (status == napi_ok) {
    settlement_.release();  // NOLINT: `call` takes it over
    napi_release_threadsafe_function(function_, napi_tsfn_release);
  }
  // napi_closing has given this thread's share of the function back; nobody will ever ask for the
  // value.
}

}  // namespace tidemark
