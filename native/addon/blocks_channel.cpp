// SPDX-License-Identifier: Apache-2.0
#include "addon/blocks_channel.h"

#include "addon/convert.h"

namespace tidemark {

struct BlocksChannel::Message {
  std::uint64_t stream_offset = 0;
  std::shared_ptr<std::vector<std::uint8_t>> digests;
  std::function<void()> task;
};

std::shared_ptr<BlocksChannel> BlocksChannel::open(Napi::Env env, Napi::Function on_blocks) {
  std::shared_ptr<BlocksChannel> channel(new BlocksChannel());
  const auto name = Napi::String::New(env, "tidemark:blocks");
  constexpr std::size_t unlimited_queue = 0;
  constexpr std::size_t one_thread = 1;
  if (napi_create_threadsafe_function(env, on_blocks, nullptr, name, unlimited_queue, one_thread,
                                      nullptr, nullptr, nullptr, &BlocksChannel::deliver,
                                      &channel->function_) != napi_ok) {
    return nullptr;
  }
  napi_unref_threadsafe_function(env, channel->function_);
  return channel;
}

bool BlocksChannel::blocks(std::uint64_t stream_offset, std::vector<std::uint8_t> digests) {
  auto message = std::make_unique<Message>();
  message->stream_offset = stream_offset;
  message->digests = std::make_shared<std::vector<std::uint8_t>>(std::move(digests));
  return send(std::move(message));
}

bool BlocksChannel::post(std::function<void()> task) {
  auto message = std::make_unique<Message>();
  message->task = std::move(task);
  return send(std::move(message));
}

bool BlocksChannel::send(std::unique_ptr<Message> message) {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return false;
  if (napi_call_threadsafe_function(function_, message.get(), napi_tsfn_nonblocking) != napi_ok) {
    return false;
  }
  message.release();  // NOLINT: `deliver` takes it over
  return true;
}

void BlocksChannel::deliver(napi_env env, napi_value on_blocks, void*, void* data) {
  const std::unique_ptr<Message> message(static_cast<Message*>(data));
  if (env == nullptr) return;
  count_crossing();
  if (message->task) {
    message->task();
    return;
  }
  auto event = Napi::Object::New(env);
  const std::size_t length = message->digests->size();
  event.Set("streamOffset", to_bigint(env, message->stream_offset));
  event.Set("digests", adopt_buffer(env, message->digests, length));
  Napi::Function(env, on_blocks).Call({event});
  const Napi::Env here(env);
  // As an exception in any other callback: without this the engine would only print a warning, and
  // the writer would wait for an acknowledgement for ever.
  if (here.IsExceptionPending()) {
    napi_fatal_exception(env, here.GetAndClearPendingException().Value());
  }
}

void BlocksChannel::close() {
  std::lock_guard lock(mutex_);
  if (function_ == nullptr) return;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

}  // namespace tidemark
