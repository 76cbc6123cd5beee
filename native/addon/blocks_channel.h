// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <napi.h>

namespace tidemark {

/// What a tape writer tells JavaScript while it runs, in order: batches of block digests, and last
/// the end of the run. One queue for both, so that whoever hears that a run has ended has heard of
/// all its blocks.
class BlocksChannel {
 public:
  /// On the JavaScript thread. It does not keep the event loop alive.
  static std::shared_ptr<BlocksChannel> open(Napi::Env env, Napi::Function on_blocks);
  ~BlocksChannel() { close(); }
  BlocksChannel(const BlocksChannel&) = delete;
  BlocksChannel& operator=(const BlocksChannel&) = delete;

  /// From the device's thread. False where the environment is gone.
  bool blocks(std::uint64_t stream_offset, std::vector<std::uint8_t> digests);
  /// `task` runs on the JavaScript thread after everything posted before; it is dropped where the
  /// environment is gone.
  bool post(std::function<void()> task);
  /// On the JavaScript thread, at the latest when the environment ends.
  void close();

 private:
  struct Message;
  BlocksChannel() = default;
  bool send(std::unique_ptr<Message> message);
  static void deliver(napi_env env, napi_value on_blocks, void* context, void* data);

  /// The function must not be released while another thread calls it.
  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
};

}  // namespace tidemark
