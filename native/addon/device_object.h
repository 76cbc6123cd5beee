// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <napi.h>

#include "addon/convert.h"
#include "transport/transport.h"

namespace tidemark {

/// Opens the transport for a `DeviceAddress` and `DeviceOptions` of lib/native/binding.ts; null
/// where `check` found a fault. `name` becomes the device's name for messages.
[[nodiscard]] std::unique_ptr<Transport> open_transport(const Napi::Value& address,
                                                        const Napi::Value& options,
                                                        ArgumentCheck& check, std::string& name);

/// What the wrapper of a drive and that of a changer have in common: opening, queueing work,
/// closing, and ending the thread before the environment goes away. `Port` has a `device()` and a
/// `thread`.
template <typename Port>
class DeviceObject {
 public:
  DeviceObject(const Napi::CallbackInfo& info, const char* class_name) {
    ArgumentCheck check(info.Env(), class_name);
    std::string name;
    auto transport = open_transport(info[0], info[1], check, name);
    if (!check.ok()) {
      check.error().ThrowAsJavaScriptException();
      return;
    }
    port_ = std::make_shared<Port>(std::move(transport), std::move(name));
    env_ = info.Env();
    napi_add_env_cleanup_hook(env_, &DeviceObject::end_of_environment, this);
  }
  DeviceObject(const DeviceObject&) = delete;
  DeviceObject& operator=(const DeviceObject&) = delete;

  ~DeviceObject() { release(); }

  /// Null once it is closed.
  [[nodiscard]] std::shared_ptr<Port> port() const { return closed_ ? nullptr : port_; }

  /// Queues `work(device)`; the promise resolves to `convert(env, value)` of the value that it
  /// returned.
  template <typename Work, typename Convert>
  Napi::Value run(const Napi::CallbackInfo& info, Work work, Convert convert) {
    if (closed_ || !port_) {
      return rejected(info.Env(), Napi::Error::New(info.Env(), "the device has been closed"));
    }
    auto completion = Completion::create(info.Env(), info.This().As<Napi::Object>());
    const auto promise = completion->promise();
    // The completion keeps this wrapper, and with it the port, alive.
    port_->thread.post([port = port_.get(), completion, work, convert]() mutable {
      completion->resolve([value = work(port->device()), convert](Napi::Env env) -> Napi::Value {
        return convert(env, value);
      });
    });
    return promise;
  }

  /// The promise resolves when everything queued before has ended and the device has been let go.
  Napi::Value close(const Napi::CallbackInfo& info) {
    auto completion = Completion::create(info.Env(), info.This().As<Napi::Object>());
    const auto promise = completion->promise();
    const auto end = [this, completion]() {
      completion->resolve([this](Napi::Env env) {
        release();
        return env.Undefined();
      });
    };
    closed_ = true;
    // On the device's thread: a logout talks to the network.
    const auto let_go = [port = port_.get(), end]() {
      port->device().close();
      end();
    };
    if (!port_ || !port_->thread.post(let_go)) end();
    return promise;
  }

 private:
  void release() {
    if (env_ != nullptr) {
      napi_remove_env_cleanup_hook(env_, &DeviceObject::end_of_environment, this);
      env_ = nullptr;
    }
    if (port_) port_->thread.finish();
    port_.reset();
  }

  static void end_of_environment(void* self) {
    auto* object = static_cast<DeviceObject*>(self);
    object->env_ = nullptr;
    if (object->port_) object->port_->thread.abandon();
    object->port_.reset();
  }

  std::shared_ptr<Port> port_;
  napi_env env_ = nullptr;
  bool closed_ = false;
};

}  // namespace tidemark
