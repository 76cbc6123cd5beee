// SPDX-License-Identifier: Apache-2.0
#include "addon/stream_reader.h"

#include "addon/completion.h"
#include "addon/convert.h"
#include "addon/ring.h"
#include "addon/stream_member.h"
#include "addon/tape_drive.h"
#include "scsi/bytes.h"

namespace tidemark {
namespace {

Napi::Object outcome_to_js(Napi::Env env, const StreamReader::Outcome& outcome) {
  auto object = with_result(env, outcome.result);
  object.Set("blocksRead", to_bigint(env, outcome.blocks_read));
  object.Set("stoppedAt", outcome.stopped_at ? name_of(*outcome.stopped_at) : "stopped");
  return object;
}

}  // namespace

Napi::Function StreamReaderObject::define(Napi::Env env) {
  return DefineClass(env, "StreamReader",
                     {InstanceMethod<&StreamReaderObject::read>("read"),
                      InstanceMethod<&StreamReaderObject::expect_members>("expectMembers"),
                      InstanceMethod<&StreamReaderObject::member_at>("memberAt"),
                      InstanceMethod<&StreamReaderObject::end>("end"),
                      InstanceMethod<&StreamReaderObject::close>("close"),
                      InstanceMethod<&StreamReaderObject::stream_offset>("streamOffset")});
}

StreamReaderObject::StreamReaderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "StreamReader");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  const auto* ring = unwrap<RingObject>(options.Get("ring"));
  if (ring == nullptr) check.fail("options.ring", "a Ring");
  const std::uint64_t stream_offset =
      check.bigint(options.Get("streamOffset"), "options.streamOffset");
  if (check.ok() && stream_offset % ring->ring()->record_size() != 0) {
    check.fail("options.streamOffset", "a multiple of the ring's record size");
  }
  if (check.ok() && !ring->ring()->take()) {
    check.fail("options.ring", "a Ring that nobody fills");
  }
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  reader_ = std::make_shared<StreamReader>(ring->ring(), stream_offset);
  watch_environment(env);
}

StreamReaderObject::~StreamReaderObject() {
  leave_environment();
  if (reader_) reader_->stop();
}

void StreamReaderObject::watch_environment(napi_env env) {
  leave_environment();
  napi_add_env_cleanup_hook(env, &StreamReaderObject::end_of_environment, this);
  env_ = env;
}

void StreamReaderObject::leave_environment() {
  if (env_ == nullptr) return;
  napi_remove_env_cleanup_hook(env_, &StreamReaderObject::end_of_environment, this);
  env_ = nullptr;
}

void StreamReaderObject::end_of_environment(void* self) {
  auto* object = static_cast<StreamReaderObject*>(self);
  object->env_ = nullptr;
  object->reader_->stop();
}

Napi::Value StreamReaderObject::read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "StreamReader.read");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) return rejected(env, check.error());
  const Napi::Value drive = options.Get("drive");
  const auto* drive_object = unwrap<TapeDriveObject>(drive);
  if (drive_object == nullptr) check.fail("options.drive", "a TapeDrive");
  const std::uint64_t blocks = check.bigint(options.Get("blocks"), "options.blocks");
  if (!check.ok()) return rejected(env, check.error());
  if (reading_) return rejected(env, Napi::Error::New(env, "the stream reader is reading already"));
  const auto port = drive_object->port();
  if (!port) return rejected(env, Napi::Error::New(env, "the drive has been closed"));
  auto owner = Napi::Object::New(env);
  owner.Set("reader", info.This());
  owner.Set("drive", drive);
  auto completion = Completion::create(env, owner);
  const auto promise = completion->promise();
  reading_ = true;
  watch_environment(env);
  port->thread.post([this, port = port.get(), reader = reader_, blocks, completion] {
    const StreamReader::Outcome outcome = reader->read(port->drive, blocks);
    completion->resolve([this, outcome](Napi::Env here) -> Napi::Value {
      reading_ = false;
      return outcome_to_js(here, outcome);
    });
  });
  return promise;
}

void StreamReaderObject::expect_members(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "StreamReader.expectMembers");
  const auto packed = check.bytes(info[0], "packedOffsets");
  if (check.ok() && packed.size() % sizeof(std::uint64_t) != 0) {
    check.fail("packedOffsets", "header offsets, 8 bytes each");
  }
  if (!check.ok()) return check.error().ThrowAsJavaScriptException();
  std::vector<std::uint64_t> offsets;
  for (std::size_t at = 0; at < packed.size(); at += sizeof(std::uint64_t)) {
    offsets.push_back(scsi::load_be64(packed, at));
  }
  reader_->expect_members(offsets);
}

Napi::Value StreamReaderObject::member_at(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArgumentCheck check(env, "StreamReader.memberAt");
  const std::uint64_t stream_offset = check.bigint(info[0], "streamOffset");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return member_to_js(env, reader_->member_at(stream_offset));
}

void StreamReaderObject::end(const Napi::CallbackInfo& info) {
  if (!reading_) return reader_->end();
  Napi::Error::New(info.Env(), "StreamReader.end: a read is under way")
      .ThrowAsJavaScriptException();
}

void StreamReaderObject::close(const Napi::CallbackInfo&) { reader_->stop(); }

Napi::Value StreamReaderObject::stream_offset(const Napi::CallbackInfo& info) {
  return to_bigint(info.Env(), reader_->stream_offset());
}

}  // namespace tidemark
