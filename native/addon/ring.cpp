// SPDX-License-Identifier: Apache-2.0
#include "addon/ring.h"

#include <climits>
#include <cstring>
#include <string>

#include "addon/convert.h"
#include "addon/system_error.h"
#include "stream/pax_header.h"
#include "stream/ring_drain.h"

namespace tidemark {
namespace {

/// Smaller records could not hold the headers that begin a segment (tape format: R >= 16 KiB).
constexpr std::int64_t smallest_record = 16 << 10;
constexpr std::int64_t largest_record = 16 << 20;
constexpr std::int64_t largest_ring = 64ll << 30;

}  // namespace

Napi::Function RingObject::define(Napi::Env env) {
  return DefineClass(env, "Ring",
                     {InstanceMethod<&RingObject::filled_bytes>("filledBytes"),
                      InstanceMethod<&RingObject::close>("close")});
}

RingObject::RingObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Ring");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  const std::int64_t record_size = check.integer(
      options.Get("recordSizeBytes"), "options.recordSizeBytes", smallest_record, largest_record);
  const std::int64_t capacity = check.integer(options.Get("capacityBytes"), "options.capacityBytes",
                                              2 * record_size, largest_ring);
  if (check.ok() && record_size % static_cast<std::int64_t>(PaxHeaderBuilder::block) != 0) {
    check.fail("options.recordSizeBytes", "a multiple of 512");
  }
  const Napi::Value turns = options.Get("takesTurns");
  const bool takes_turns = !turns.IsUndefined() && check.boolean(turns, "options.takesTurns");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  ring_ = std::make_shared<Ring>(static_cast<std::size_t>(record_size),
                                 static_cast<std::size_t>(capacity), takes_turns);
  if (const int error = ring_->error_number()) {
    const std::string message = "cannot get " + std::to_string(ring_->capacity()) +
                                " bytes of memory for a ring: " + std::strerror(error);
    system_error(env, error, message).ThrowAsJavaScriptException();
    return;
  }
  auto self = info.This().As<Napi::Object>();
  self.TypeTag(tag_of<RingObject>());
  // Values, not accessors: unlike methods, the engine lets those be called on any object.
  self.DefineProperties(
      {Napi::PropertyDescriptor::Value(
           "recordSizeBytes", Napi::Number::New(env, ring_->record_size()), napi_enumerable),
       Napi::PropertyDescriptor::Value("capacityBytes", Napi::Number::New(env, ring_->capacity()),
                                       napi_enumerable)});
  env_ = env;
  napi_add_env_cleanup_hook(env_, &RingObject::end_of_environment, this);
}

RingObject::~RingObject() {
  if (env_ != nullptr) napi_remove_env_cleanup_hook(env_, &RingObject::end_of_environment, this);
}

/// Whoever waits for records would wait for ever.
void RingObject::end_of_environment(void* self) {
  auto* object = static_cast<RingObject*>(self);
  object->env_ = nullptr;
  object->ring_->stop();
}

Napi::Value RingObject::filled_bytes(const Napi::CallbackInfo& info) {
  return to_bigint(info.Env(), ring_->filled_bytes());
}

/// The memory goes with the last packer or writer that uses it.
void RingObject::close(const Napi::CallbackInfo&) { ring_->stop(); }

Napi::Value drain_ring_to_descriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "drainRing");
  const auto* object = unwrap<RingObject>(info[0]);
  if (object == nullptr) check.fail("ring", "a Ring");
  const auto descriptor = static_cast<int>(check.integer(info[1], "fd", 0, INT_MAX));
  const std::uint64_t limit = info[2].IsUndefined() ? Ring::no_end : check.bigint(info[2], "limit");
  if (!check.ok()) return rejected(env, check.error());
  auto completion = Completion::create(env, info[0].As<Napi::Object>());
  const Napi::Promise promise = completion->promise();
  CompletionChannel::of(env).background().run(
      [ring = object->ring(), descriptor, limit, completion] {
        const RingDrain drain = drain_ring(*ring, descriptor, limit);
        if (drain.error_number != 0) {
          completion->reject(std::string("cannot write what the ring holds: ") +
                             std::strerror(drain.error_number));
          return;
        }
        completion->resolve([bytes = drain.bytes](Napi::Env here) -> Napi::Value {
          auto result = Napi::Object::New(here);
          result.Set("bytes", to_bigint(here, bytes));
          return result;
        });
      });
  return promise;
}

}  // namespace tidemark
