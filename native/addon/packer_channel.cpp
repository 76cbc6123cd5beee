// SPDX-License-Identifier: Apache-2.0
#include "addon/packer_channel.h"

#include <string>
#include <utility>

#include "addon/convert.h"

namespace tidemark {
namespace {

Napi::Object event_of_kind(Napi::Env env, const char* kind) {
  auto event = Napi::Object::New(env);
  event.Set("kind", kind);
  return event;
}

/// The frame's memory is handed over; a nearly empty one is copied, for an external buffer keeps
/// all of it.
Napi::Buffer<std::uint8_t> frame_to_js(Napi::Env env, RecordFrame& frame) {
  if (frame.size < RecordFrameWriter::frame_size / 4) {
    return Napi::Buffer<std::uint8_t>::Copy(env, frame.bytes.get(), frame.size);
  }
  std::uint8_t* const memory = frame.bytes.release();
  return Napi::Buffer<std::uint8_t>::NewOrCopy(
      env, memory, frame.size, [](Napi::BasicEnv, std::uint8_t* bytes) { delete[] bytes; });
}

Napi::Object to_js(Napi::Env env, RecordFrame& frame) {
  auto event = event_of_kind(env, "records");
  event.Set("bytes", frame_to_js(env, frame));
  event.Set("count", frame.records);
  event.Set("maximumEndOffset", to_bigint(env, frame.maximum_end_offset));
  return event;
}

Napi::Object to_js(Napi::Env env, const QuestionEvent& question) {
  auto paths = Napi::Array::New(env, question.paths.size());
  for (std::uint32_t i = 0; i < question.paths.size(); ++i) {
    const std::string& path = question.paths[i];
    paths.Set(i, Napi::Buffer<char>::Copy(env, path.data(), path.size()));
  }
  auto event = event_of_kind(env, "question");
  event.Set("id", question.id);
  event.Set("paths", paths);
  return event;
}

Napi::Object to_js(Napi::Env env, const BarrierEvent& barrier) {
  auto event = event_of_kind(env, "barrier");
  event.Set("streamOffset", to_bigint(env, barrier.stream_offset));
  return event;
}

Napi::Object to_js(Napi::Env env, const SourceDoneEvent& done) {
  const PackerSummary& from = done.summary;
  auto summary = Napi::Object::New(env);
  summary.Set("objectsWritten", to_bigint(env, from.objects_written));
  summary.Set("objectsSkipped", to_bigint(env, from.objects_skipped));
  summary.Set("objectsContinued", to_bigint(env, from.objects_continued));
  summary.Set("objectsUnreadable", to_bigint(env, from.objects_unreadable));
  summary.Set("containersWritten", to_bigint(env, from.containers_written));
  summary.Set("containersPartial", to_bigint(env, from.containers_partial));
  summary.Set("containersSkipped", to_bigint(env, from.containers_skipped));
  summary.Set("dataBytes", to_bigint(env, from.data_bytes));
  summary.Set("filesOpened", to_bigint(env, from.files_opened));
  auto event = event_of_kind(env, "sourceDone");
  event.Set("summary", summary);
  return event;
}

}  // namespace

std::shared_ptr<PackerChannel> PackerChannel::open(Napi::Env env, Napi::Function on_event) {
  std::shared_ptr<PackerChannel> channel(new PackerChannel());
  const auto name = Napi::String::New(env, "tidemark:packer");
  constexpr std::size_t unlimited_queue = 0;
  constexpr std::size_t one_thread = 1;
  if (napi_create_threadsafe_function(env, on_event, nullptr, name, unlimited_queue, one_thread,
                                      nullptr, nullptr, channel.get(), &PackerChannel::deliver,
                                      &channel->function_) != napi_ok) {
    return nullptr;
  }
  napi_unref_threadsafe_function(env, channel->function_);
  return channel;
}

void PackerChannel::post(PackerEvent&& event) { send(std::make_unique<Message>(std::move(event))); }

void PackerChannel::post_stopped() { send(std::make_unique<Message>(StoppedEvent{})); }

void PackerChannel::post_task(std::function<void()> task) {
  send(std::make_unique<Message>(std::move(task)));
}

void PackerChannel::send(std::unique_ptr<Message> message) {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return;
  if (napi_call_threadsafe_function(function_, message.get(), napi_tsfn_nonblocking) == napi_ok) {
    message.release();  // NOLINT: `deliver` takes it over
  }
}

void PackerChannel::deliver(napi_env raw_env, napi_value on_event, void* context, void* data) {
  const std::unique_ptr<Message> message(static_cast<Message*>(data));
  if (raw_env == nullptr) return;
  const Napi::Env env(raw_env);
  count_crossing();
  if (const auto* task = std::get_if<std::function<void()>>(message.get())) {
    (*task)();
    return;
  }
  auto* channel = static_cast<PackerChannel*>(context);
  Napi::Object event;
  if (auto* from_packer = std::get_if<PackerEvent>(message.get())) {
    event = std::visit([&](auto& content) { return to_js(env, content); }, *from_packer);
    channel->note(env, *from_packer);
  } else {
    event = event_of_kind(env, "stopped");
    channel->source_ends(env);
  }
  const Napi::Value returned = Napi::Function(env, on_event).Call({event});
  if (env.IsExceptionPending()) {
    // Nobody is on the stack who could catch it: it becomes an uncaught exception, as in an event
    // listener.
    napi_fatal_exception(env, env.GetAndClearPendingException().Value());
  }
  const bool counts = std::holds_alternative<PackerEvent>(*message);
  if (counts && channel->processed_) channel->await_processed(env, returned);
}

/// The task comes back as a message of its own: the engine runs everything that a settled promise
/// sets off before it takes the next one.
void PackerChannel::await_processed(Napi::Env env, const Napi::Value& returned) {
  const auto tell = [self = shared_from_this()] { self->post_task(self->processed_); };
  if (returned.IsEmpty() || !returned.IsPromise()) {
    tell();
    return;
  }
  const auto settled = Napi::Function::New(
      env, [tell](const Napi::CallbackInfo&) { tell(); }, "processed");
  const auto then = returned.As<Napi::Object>().Get("then");
  if (then.IsFunction()) then.As<Napi::Function>().Call(returned, {settled, settled});
}

/// A source keeps the process alive until the barrier behind it.
void PackerChannel::note(Napi::Env env, const PackerEvent& event) {
  if (std::holds_alternative<SourceDoneEvent>(event)) source_done_ = true;
  if (source_done_ && std::holds_alternative<BarrierEvent>(event)) source_ends(env);
}

void PackerChannel::source_begins(Napi::Env env) {
  source_done_ = false;
  if (keeps_alive_ || function_ == nullptr) return;
  napi_ref_threadsafe_function(env, function_);
  keeps_alive_ = true;
}

void PackerChannel::source_ends(Napi::Env env) {
  if (!keeps_alive_ || function_ == nullptr) return;
  napi_unref_threadsafe_function(env, function_);
  keeps_alive_ = false;
}

void PackerChannel::close() {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

}  // namespace tidemark
