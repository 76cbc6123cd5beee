// SPDX-License-Identifier: Apache-2.0
#include "addon/packer.h"

#include <climits>
#include <string>
#include <utility>

#include "addon/convert.h"
#include "addon/ring.h"
#include "addon/stream_member.h"

namespace tidemark {
namespace {

constexpr std::int64_t most_readers = 64;

/// Where nobody says how many, it depends on the source.
void set_readers(ArgumentCheck& check, const Napi::Value& value, PackerOptions& options) {
  if (value.IsUndefined()) {
    options.readers = 2;
    options.most_readers = most_readers;
    return;
  }
  options.readers = options.most_readers =
      static_cast<std::uint32_t>(check.integer(value, "options.readers", 1, most_readers));
}

std::string to_string(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

Napi::Buffer<char> to_js(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

ContinuedObject continued_object(ArgumentCheck& check, const Napi::Value& value) {
  ContinuedObject object;
  const Napi::Object options = check.object(value, "continued");
  if (!check.ok()) return object;
  object.container_path = check.path(options.Get("containerPath"), "continued.containerPath");
  object.name = check.path(options.Get("name"), "continued.name");
  const auto fingerprint = check.bytes(options.Get("fingerprint"), "continued.fingerprint");
  if (fingerprint.size() == Fingerprint::size) {
    object.fingerprint = Fingerprint::from(fingerprint);
  } else {
    check.fail("continued.fingerprint", "52 bytes");
  }
  if (object.name.empty() || object.name.find('/') != std::string::npos) {
    check.fail("continued.name", "the name of an entry");
  }
  object.header_offset = check.bigint(options.Get("headerOffset"), "continued.headerOffset");
  object.data_offset = check.bigint(options.Get("dataOffset"), "continued.dataOffset");
  object.end_offset = check.bigint(options.Get("endOffset"), "continued.endOffset");
  const Napi::Value map = options.Get("sparseMap");
  if (!map.IsUndefined()) {
    const auto bytes = check.bytes(map, "continued.sparseMap");
    if (check.ok()) object.sparse_map = to_string(bytes);
  }
  return object;
}

PackerSource packer_source(ArgumentCheck& check, const Napi::Value& value) {
  PackerSource source;
  const Napi::Object options = check.object(value, "source");
  if (!check.ok()) return source;
  source.index =
      static_cast<std::uint64_t>(check.integer(options.Get("index"), "source.index", 0, INT_MAX));
  source.path = check.path(options.Get("path"), "source.path");
  source.cross_mounts = check.boolean(options.Get("crossMounts"), "source.crossMounts");
  source.asks = check.boolean(options.Get("asks"), "source.asks");
  source.trust_catalog = check.boolean(options.Get("trustCatalog"), "source.trustCatalog");
  const Napi::Value links = options.Get("linkTargets");
  if (!links.IsUndefined()) {
    const auto packed = check.bytes(links, "source.linkTargets");
    if (check.ok()) source.link_targets.assign(packed.begin(), packed.end());
  }
  const Napi::Value continued = options.Get("continued");
  if (!continued.IsUndefined()) source.continued = continued_object(check, continued);
  return source;
}

}  // namespace

Napi::Function PackerObject::define(Napi::Env env) {
  return DefineClass(env, "Packer",
                     {InstanceMethod<&PackerObject::start>("start"),
                      InstanceMethod<&PackerObject::answer>("answer"),
                      InstanceMethod<&PackerObject::request_barrier>("requestBarrier"),
                      InstanceMethod<&PackerObject::release>("release"),
                      InstanceMethod<&PackerObject::flush>("flush"),
                      InstanceMethod<&PackerObject::member_at>("memberAt"),
                      InstanceMethod<&PackerObject::progress>("progress"),
                      InstanceMethod<&PackerObject::stop>("stop")});
}

PackerObject::PackerObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Packer");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  const auto* ring = unwrap<RingObject>(options.Get("ring"));
  if (ring == nullptr) check.fail("options.ring", "a Ring");
  PackerOptions native;
  set_readers(check, options.Get("readers"), native);
  native.stream_offset = check.bigint(options.Get("streamOffset"), "options.streamOffset");
  native.first_container_id =
      check.bigint(options.Get("firstContainerId"), "options.firstContainerId");
  native.segment_bytes = check.bigint(options.Get("segmentBytes"), "options.segmentBytes");
  const Napi::Value extent = options.Get("extentBytes");
  if (!extent.IsUndefined()) native.extent_bytes = check.bigint(extent, "options.extentBytes");
  const Napi::Function on_event = check.function(options.Get("onEvent"), "options.onEvent");
  if (check.ok() && native.stream_offset % ring->ring()->record_size() != 0) {
    check.fail("options.streamOffset", "a multiple of the ring's record size");
  }
  if (check.ok() && native.segment_bytes == 0) check.fail("options.segmentBytes", "more than 0");
  if (check.ok() && native.extent_bytes == 0) check.fail("options.extentBytes", "more than 0");
  if (check.ok() && ring->ring()->turns() != nullptr && native.most_readers != 1) {
    check.fail("options.readers", "1, for the ring takes turns");
  }
  if (check.ok() && !ring->ring()->take()) {
    check.fail("options.ring", "a Ring without another packer that has not been stopped");
  }
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  channel_ = PackerChannel::open(env, on_event);
  if (!channel_) {
    ring->ring()->give_back();
    Napi::Error::New(env, "Packer: cannot make a channel to JavaScript")
        .ThrowAsJavaScriptException();
    return;
  }
  takes_turns_ = ring->ring()->turns() != nullptr;
  if (takes_turns_) {
    channel_->tell_processed([taken = ring->ring()] { taken->turns()->processed(); });
  }
  packer_ = std::make_shared<Packer>(
      ring->ring(), native,
      [channel = channel_](PackerEvent&& event) { channel->post(std::move(event)); });
  env_ = env;
  napi_add_env_cleanup_hook(env_, &PackerObject::end_of_environment, this);
}

PackerObject::~PackerObject() {
  if (env_ != nullptr) napi_remove_env_cleanup_hook(env_, &PackerObject::end_of_environment, this);
  end();
}

void PackerObject::end() {
  if (channel_) channel_->close();
  if (packer_) packer_->stop();
}

void PackerObject::end_of_environment(void* self) {
  auto* object = static_cast<PackerObject*>(self);
  object->env_ = nullptr;
  object->end();
}

void PackerObject::start(const Napi::CallbackInfo& info) {
  count_crossing();
  ArgumentCheck check(info.Env(), "Packer.start");
  PackerSource source = packer_source(check, info[0]);
  if (!check.ok()) return check.error().ThrowAsJavaScriptException();
  if (const char* problem = packer_->start(std::move(source))) {
    const std::string message = std::string("Packer.start: ") + problem;
    return Napi::Error::New(info.Env(), message).ThrowAsJavaScriptException();
  }
  channel_->source_begins(info.Env());
}

void PackerObject::answer(const Napi::CallbackInfo& info) {
  count_crossing();
  ArgumentCheck check(info.Env(), "Packer.answer");
  const auto id = static_cast<std::uint32_t>(check.integer(info[0], "id", 0, UINT32_MAX));
  const auto packed = check.bytes(info[1], "packedAnswers");
  if (check.ok() && !packer_->answer(id, packed)) {
    check.fail("packedAnswers", "one packed answer for each path of an open question");
  }
  if (!check.ok()) check.error().ThrowAsJavaScriptException();
}

void PackerObject::request_barrier(const Napi::CallbackInfo&) {
  count_crossing();
  packer_->request_barrier();
}

void PackerObject::release(const Napi::CallbackInfo& info) {
  count_crossing();
  if (packer_->release()) return;
  Napi::Error::New(info.Env(), "Packer.release: no barrier stands").ThrowAsJavaScriptException();
}

Napi::Value PackerObject::flush(const Napi::CallbackInfo& info) {
  count_crossing();
  auto completion = Completion::create(info.Env(), info.This().As<Napi::Object>());
  const Napi::Promise promise = completion->promise();
  const auto deliver = [packer = packer_, channel = channel_, completion] {
    packer->deliver_records();
    // Behind the frames' events in the same queue.
    channel->post_task([completion] {
      completion->resolve([](Napi::Env here) -> Napi::Value { return here.Undefined(); });
    });
  };
  if (takes_turns_) {
    // It waits until each event has been processed, which is done here.
    CompletionChannel::of(info.Env()).background().run(deliver);
  } else {
    deliver();
  }
  return promise;
}

Napi::Value PackerObject::member_at(const Napi::CallbackInfo& info) {
  count_crossing();
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Packer.memberAt");
  const std::uint64_t stream_offset = check.bigint(info[0], "streamOffset");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return member_to_js(env, packer_->member_at(stream_offset));
}

Napi::Value PackerObject::progress(const Napi::CallbackInfo& info) {
  count_crossing();
  const Napi::Env env = info.Env();
  const PackerProgress progress = packer_->progress();
  auto object = Napi::Object::New(env);
  object.Set("bytesReserved", to_bigint(env, progress.bytes_reserved));
  object.Set("objects", to_bigint(env, progress.objects));
  object.Set("readers", Napi::Number::New(env, progress.readers));
  object.Set("currentPath", to_js(env, progress.current_path));
  return object;
}

/// Readers may be in the middle of a slow read: they are joined on a thread of its own. But nobody
/// begins anything any more when this returns.
Napi::Value PackerObject::stop(const Napi::CallbackInfo& info) {
  count_crossing();
  packer_->begin_stop();
  auto completion = Completion::create(info.Env(), info.This().As<Napi::Object>());
  const Napi::Promise promise = completion->promise();
  CompletionChannel::of(info.Env())
      .background()
      .run([packer = packer_, channel = channel_, completion] {
        packer->stop();
        channel->post_stopped();
        // Behind that event, in the same queue: who waits for the end has heard everything.
        channel->post_task([completion] {
          completion->resolve([](Napi::Env here) -> Napi::Value { return here.Undefined(); });
        });
      });
  return promise;
}

Napi::Value check_continued(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "checkContinued");
  const std::string path = check.path(info[0], "sourcePath");
  const ContinuedObject object = continued_object(check, info[1]);
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return Napi::Boolean::New(env, can_continue(path, object));
}

}  // namespace tidemark
