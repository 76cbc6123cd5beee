// SPDX-License-Identifier: Apache-2.0
#include "addon/tape_writer.h"

#include <string>

#include "addon/convert.h"
#include "addon/ring.h"
#include "addon/tape_drive.h"

namespace tidemark {
namespace {

const char* name_of(TapeWriter::Reason reason) {
  switch (reason) {
    case TapeWriter::Reason::limit:
      return "limit";
    case TapeWriter::Reason::checkpoint:
      return "checkpoint";
    case TapeWriter::Reason::cut:
      return "cut";
    case TapeWriter::Reason::early_warning:
      return "earlyWarning";
    case TapeWriter::Reason::failed:
      return "failed";
    case TapeWriter::Reason::position_lost:
      break;
  }
  return "positionLost";
}

Napi::Object counts_to_js(Napi::Env env, const ByteCounts& counts) {
  auto object = Napi::Object::New(env);
  object.Set("submitted", to_bigint(env, counts.submitted));
  object.Set("accepted", to_bigint(env, counts.accepted));
  return object;
}

Napi::Object run_to_js(Napi::Env env, const TapeWriter::Run& run) {
  auto object = Napi::Object::New(env);
  object.Set("reason", name_of(run.reason));
  object.Set("streamOffset", to_bigint(env, run.stream_offset));
  object.Set("blocksWritten", to_bigint(env, run.blocks_written));
  object.Set("counts", counts_to_js(env, run.counts));
  if (run.last_digest) object.Set("lastDigest", to_bigint(env, *run.last_digest));
  if (run.result) object.Set("result", result_to_js(env, *run.result));
  return object;
}

}  // namespace

Napi::Function TapeWriterObject::define(Napi::Env env) {
  return DefineClass(env, "TapeWriter",
                     {InstanceMethod<&TapeWriterObject::run>("run"),
                      InstanceMethod<&TapeWriterObject::set_limit>("setLimit"),
                      InstanceMethod<&TapeWriterObject::request_stop>("requestStop"),
                      InstanceMethod<&TapeWriterObject::acknowledge_blocks>("acknowledgeBlocks"),
                      InstanceMethod<&TapeWriterObject::progress>("progress")});
}

TapeWriterObject::TapeWriterObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  ArgumentCheck check(info.Env(), "TapeWriter");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  // Asked for once: a getter could give another object the second time.
  const Napi::Value given_drive = options.Get("drive");
  const auto* drive = unwrap<TapeDriveObject>(given_drive);
  const auto* ring = unwrap<RingObject>(options.Get("ring"));
  if (drive == nullptr) check.fail("options.drive", "a TapeDrive");
  if (ring == nullptr) check.fail("options.ring", "a Ring");
  const std::uint64_t stream_offset =
      check.bigint(options.Get("streamOffset"), "options.streamOffset");
  const Napi::Function on_blocks = check.function(options.Get("onBlocks"), "options.onBlocks");
  if (check.ok() && stream_offset % ring->ring()->record_size() != 0) {
    check.fail("options.streamOffset", "a multiple of the ring's record size");
  }
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return;
  }
  drive_ = Napi::Persistent(given_drive.As<Napi::Object>());
  channel_ = BlocksChannel::open(info.Env(), on_blocks);
  if (!channel_) {
    Napi::Error::New(info.Env(), "TapeWriter: cannot make a channel to JavaScript")
        .ThrowAsJavaScriptException();
    return;
  }
  writer_ = std::make_shared<TapeWriter>(
      ring->ring(), stream_offset,
      [channel = channel_](std::uint64_t offset, std::vector<std::uint8_t> digests) {
        return channel->blocks(offset, std::move(digests));
      });
  // Made later than the drive, it ends earlier: the drive's thread never waits for an
  // acknowledgement that nobody can give.
  env_ = info.Env();
  napi_add_env_cleanup_hook(env_, &TapeWriterObject::end_of_environment, this);
}

TapeWriterObject::~TapeWriterObject() {
  if (env_ != nullptr) {
    napi_remove_env_cleanup_hook(env_, &TapeWriterObject::end_of_environment, this);
  }
  release();
}

void TapeWriterObject::release() {
  if (writer_) writer_->abandon();
  if (channel_) channel_->close();
}

void TapeWriterObject::end_of_environment(void* self) {
  auto* object = static_cast<TapeWriterObject*>(self);
  object->env_ = nullptr;
  object->release();
}

Napi::Value TapeWriterObject::run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  count_crossing();
  ArgumentCheck check(env, "TapeWriter.run");
  const Napi::Object options = check.object(info[0], "options");
  if (!check.ok()) return rejected(env, check.error());
  const Napi::Value limit_option = options.Get("limit");
  const std::uint64_t limit = limit_option.IsUndefined()
                                  ? WriteGate::no_limit
                                  : check.bigint(limit_option, "options.limit");
  const std::uint64_t checkpoint_bytes =
      check.bigint(options.Get("checkpointBytes"), "options.checkpointBytes");
  if (check.ok() && checkpoint_bytes == 0) check.fail("options.checkpointBytes", "more than 0");
  if (!check.ok()) return rejected(env, check.error());
  if (running_) return rejected(env, Napi::Error::New(env, "the tape writer is running already"));
  const auto port = unwrap<TapeDriveObject>(drive_.Value())->port();
  if (!port) return rejected(env, Napi::Error::New(env, "the drive has been closed"));
  auto completion = Completion::create(env, info.This().As<Napi::Object>());
  const auto promise = completion->promise();
  running_ = true;
  writer_->begin(limit, checkpoint_bytes);
  // The completion keeps this object alive, and with it the drive and its port.
  port->thread.post([this, port = port.get(), writer = writer_, channel = channel_, completion] {
    const TapeWriter::Run run = writer->run(port->drive);
    channel->post([this, completion, run] {
      running_ = false;
      completion->resolve([run](Napi::Env here) -> Napi::Value { return run_to_js(here, run); });
    });
  });
  return promise;
}

void TapeWriterObject::set_limit(const Napi::CallbackInfo& info) {
  count_crossing();
  ArgumentCheck check(info.Env(), "TapeWriter.setLimit");
  const std::uint64_t stream_offset = check.bigint(info[0], "streamOffset");
  if (!check.ok()) return check.error().ThrowAsJavaScriptException();
  writer_->lower_limit(stream_offset);
}

void TapeWriterObject::request_stop(const Napi::CallbackInfo& info) {
  count_crossing();
  ArgumentCheck check(info.Env(), "TapeWriter.requestStop");
  const std::string reason = check.string(info[0], "reason");
  if (check.ok() && reason != "cut" && reason != "checkpoint") {
    check.fail("reason", "\"checkpoint\" or \"cut\"");
  }
  if (!check.ok()) return check.error().ThrowAsJavaScriptException();
  writer_->request_stop(reason == "cut" ? WriteGate::StopRequest::cut
                                        : WriteGate::StopRequest::checkpoint);
}

void TapeWriterObject::acknowledge_blocks(const Napi::CallbackInfo& info) {
  count_crossing();
  ArgumentCheck check(info.Env(), "TapeWriter.acknowledgeBlocks");
  const std::uint64_t stream_offset = check.bigint(info[0], "streamOffset");
  if (!check.ok()) return check.error().ThrowAsJavaScriptException();
  if (!writer_->acknowledge(stream_offset)) {
    Napi::RangeError::New(info.Env(),
                          "TapeWriter.acknowledgeBlocks: these blocks were not announced")
        .ThrowAsJavaScriptException();
  }
}

Napi::Value TapeWriterObject::progress(const Napi::CallbackInfo& info) {
  count_crossing();
  const Napi::Env env = info.Env();
  const TapeWriter::Progress progress = writer_->progress();
  auto object = Napi::Object::New(env);
  object.Set("streamOffset", to_bigint(env, progress.stream_offset));
  object.Set("counts", counts_to_js(env, progress.counts));
  object.Set("waitingForRingUs", to_bigint(env, progress.waiting_for_ring_us));
  object.Set("waitingForDriveUs", to_bigint(env, progress.waiting_for_drive_us));
  object.Set("ringFullUs", to_bigint(env, progress.ring_full_us));
  return object;
}

}  // namespace tidemark
