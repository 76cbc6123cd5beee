// SPDX-License-Identifier: Apache-2.0
#include "addon/extractor.h"

#include <limits>
#include <string>
#include <vector>

#include "addon/convert.h"
#include "addon/tape_drive.h"
#include "stream/object_creator.h"
#include "stream/object_verifier.h"

namespace tidemark {
namespace {

/// READ(6) has 24 bits for a length (SSC-5 6.6).
constexpr std::int64_t largest_block = 0xFFFFFF;

Napi::Object outcome_to_js(Napi::Env env, const Extractor::Outcome& outcome) {
  auto object = with_result(env, outcome.result);
  object.Set("blocksRead", to_bigint(env, outcome.blocks_read));
  object.Set("stoppedAt", name_of(outcome.stopped_at));
  return object;
}

Napi::Object summary_to_js(Napi::Env env, const RestoreSummary& summary) {
  auto damaged = Napi::Array::New(env, summary.damaged.size());
  for (std::uint32_t i = 0; i < summary.damaged.size(); ++i) {
    const std::string& path = summary.damaged[i].path;
    auto entry = Napi::Object::New(env);
    entry.Set("path", Napi::Buffer<char>::Copy(env, path.data(), path.size()));
    entry.Set("reason", summary.damaged[i].reason);
    damaged.Set(i, entry);
  }
  auto object = Napi::Object::New(env);
  object.Set("objectsRestored", to_bigint(env, summary.objects_restored));
  object.Set("bytesRestored", to_bigint(env, summary.bytes_restored));
  object.Set("bytesProved", to_bigint(env, summary.bytes_proved));
  object.Set("bytesUnproved", to_bigint(env, summary.bytes_unproved));
  object.Set("damaged", damaged);
  object.Set("damagedCount", to_bigint(env, summary.damaged_count));
  return object;
}

bool are_packed_directories(std::span<const std::uint8_t> packed) {
  while (!packed.empty()) {
    if (!unpack_expected_directory(packed)) return false;
  }
  return true;
}

}  // namespace

Napi::Function ExtractorObject::define(Napi::Env env) {
  return DefineClass(env, "Extractor",
                     {InstanceMethod<&ExtractorObject::expect>("expect"),
                      InstanceMethod<&ExtractorObject::extract>("extract"),
                      InstanceMethod<&ExtractorObject::finish_directories>("finishDirectories"),
                      InstanceMethod<&ExtractorObject::finish>("finish"),
                      InstanceMethod<&ExtractorObject::progress>("progress")});
}

ExtractorObject::ExtractorObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Extractor");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  const Napi::Value verify_only = options.Get("verifyOnly");
  if (!verify_only.IsUndefined() && check.boolean(verify_only, "options.verifyOnly")) {
    extractor_ = std::make_shared<Extractor>(std::make_unique<ObjectVerifier>());
    watch_environment(env);
    return;
  }
  const std::string path = check.path(options.Get("targetFolder"), "options.targetFolder");
  const bool numeric_owner = check.boolean(options.Get("numericOwner"), "options.numericOwner");
  const bool overwrite = check.boolean(options.Get("overwrite"), "options.overwrite");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  TargetFolder target;
  if (auto problem = target.open(path)) {
    Napi::Error::New(env, "Extractor: " + *problem + " (" + path + ")")
        .ThrowAsJavaScriptException();
    return;
  }
  extractor_ = std::make_shared<Extractor>(
      std::make_unique<ObjectCreator>(std::move(target), numeric_owner, overwrite));
  watch_environment(env);
}

ExtractorObject::~ExtractorObject() {
  leave_environment();
  if (extractor_) extractor_->abandon();
}

void ExtractorObject::watch_environment(napi_env env) {
  leave_environment();
  napi_add_env_cleanup_hook(env, &ExtractorObject::end_of_environment, this);
  env_ = env;
}

void ExtractorObject::leave_environment() {
  if (env_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, &ExtractorObject::end_of_environment, this);
  env_ = nullptr;
}

void ExtractorObject::end_of_environment(void* self) {
  auto* object = static_cast<ExtractorObject*>(self);
  object->env_ = nullptr;
  object->extractor_->abandon();
}

void ExtractorObject::expect(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "Extractor.expect");
  const auto packed = check.bytes(info[0], "packedObjects");
  if (check.ok() && !extractor_->expect(packed))
    check.fail("packedObjects", "packed restore objects");
  if (!check.ok()) check.error().ThrowAsJavaScriptException();
}

Napi::Value ExtractorObject::extract(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Extractor.extract");
  const Napi::Object options = check.object(info[0], "stretch");
  if (!check.ok()) return rejected(env, check.error());
  const Napi::Value drive = options.Get("drive");
  const auto* drive_object = unwrap<TapeDriveObject>(drive);
  if (drive_object == nullptr) check.fail("stretch.drive", "a TapeDrive");
  Extractor::Stretch stretch;
  stretch.stream_offset = check.bigint(options.Get("streamOffset"), "stretch.streamOffset");
  stretch.blocks = check.bigint(options.Get("blocks"), "stretch.blocks");
  stretch.record_size = static_cast<std::size_t>(check.integer(
      options.Get("recordSizeBytes"), "stretch.recordSizeBytes", tar_block, largest_block));
  if (!check.ok()) return rejected(env, check.error());
  if (extracting_) return rejected(env, Napi::Error::New(env, "the extractor is reading already"));
  const auto port = drive_object->port();
  if (!port) return rejected(env, Napi::Error::New(env, "the drive has been closed"));
  auto owner = Napi::Object::New(env);
  owner.Set("extractor", info.This());
  owner.Set("drive", drive);
  auto completion = Completion::create(env, owner);
  const auto promise = completion->promise();
  extracting_ = true;
  watch_environment(env);
  port->thread.post([this, port = port.get(), extractor = extractor_, stretch, completion] {
    const Extractor::Outcome outcome = extractor->extract(port->drive, stretch);
    completion->resolve([this, outcome](Napi::Env here) -> Napi::Value {
      extracting_ = false;
      return outcome_to_js(here, outcome);
    });
  });
  return promise;
}

Napi::Value ExtractorObject::finish_directories(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "Extractor.finishDirectories");
  const auto packed = check.bytes(info[0], "packedDirectories");
  if (check.ok() && !are_packed_directories(packed)) {
    check.fail("packedDirectories", "packed directories");
  }
  if (!check.ok()) return rejected(env, check.error());
  auto completion = Completion::create(env, info.This().As<Napi::Object>());
  const auto promise = completion->promise();
  extractor_->finish_directories({packed.begin(), packed.end()}, [completion] {
    completion->resolve([](Napi::Env here) { return here.Undefined(); });
  });
  return promise;
}

Napi::Value ExtractorObject::finish(const Napi::CallbackInfo& info) {
  auto completion = Completion::create(info.Env(), info.This().As<Napi::Object>());
  const auto promise = completion->promise();
  extractor_->finish([completion](RestoreSummary summary) {
    completion->resolve([summary = std::move(summary)](Napi::Env here) -> Napi::Value {
      return summary_to_js(here, summary);
    });
  });
  return promise;
}

Napi::Value ExtractorObject::progress(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto object = Napi::Object::New(env);
  object.Set("objects", to_bigint(env, extractor_->report().objects()));
  object.Set("bytes", to_bigint(env, extractor_->report().bytes()));
  return object;
}

}  // namespace tidemark
