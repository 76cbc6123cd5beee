// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include <napi.h>

#include "stream/packer_event.h"

namespace tidemark {

/// Nothing more will come from a packer.
struct StoppedEvent {};

/// What a packer's threads tell JavaScript, in order. It keeps the event loop alive only while a
/// source is being walked.
class PackerChannel : public std::enable_shared_from_this<PackerChannel> {
 public:
  /// On the JavaScript thread.
  static std::shared_ptr<PackerChannel> open(Napi::Env env, Napi::Function on_event);
  ~PackerChannel() { close(); }
  PackerChannel(const PackerChannel&) = delete;
  PackerChannel& operator=(const PackerChannel&) = delete;

  /// From any thread; dropped where the environment is gone.
  void post(PackerEvent&& event);
  void post_stopped();
  /// `task` runs on the JavaScript thread after everything posted before.
  void post_task(std::function<void()> task);

  // --- On the JavaScript thread ---
  /// Says of each event when it was processed: when the promise that the listener gave is settled,
  /// and all that was waiting for it has run. Before the first event.
  void tell_processed(std::function<void()> processed) { processed_ = std::move(processed); }
  void source_begins(Napi::Env env);
  void close();

 private:
  using Message = std::variant<PackerEvent, StoppedEvent, std::function<void()>>;

  PackerChannel() = default;
  void send(std::unique_ptr<Message> message);
  void note(Napi::Env env, const PackerEvent& event);
  void await_processed(Napi::Env env, const Napi::Value& returned);
  void source_ends(Napi::Env env);
  static void deliver(napi_env env, napi_value on_event, void* context, void* data);

  /// The function must not be released while another thread calls it.
  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
  std::function<void()> processed_;
  /// JavaScript thread only.
  bool keeps_alive_ = false;
  bool source_done_ = false;
};

}  // namespace tidemark
