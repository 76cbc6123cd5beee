// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <napi.h>

#include "addon/convert.h"
#include "addon/device_object.h"
#include "addon/reflect.h"

namespace tidemark {

/// One method of a device's JavaScript class: its arguments are checked and converted on the
/// JavaScript thread, its work runs on the device's, and its answer is converted back.
template <typename Port>
struct DeviceMethod {
  std::string name;
  std::function<Napi::Value(DeviceObject<Port>&, const Napi::CallbackInfo&)> call;
};

namespace detail {

template <typename Port, typename Answer, typename... Arguments, typename Work,
          std::size_t... Indices>
DeviceMethod<Port> make_method(const char* class_name, const char* name,
                               std::array<const char*, sizeof...(Arguments)> names, Work work,
                               std::index_sequence<Indices...>) {
  auto full_name = std::string(class_name) + "." + name;
  auto call = [full_name, names, work](DeviceObject<Port>& object,
                                       const Napi::CallbackInfo& info) -> Napi::Value {
    ArgumentCheck check(info.Env(), full_name.c_str());
    // Braces: the arguments are looked at from the first to the last.
    std::tuple<std::decay_t<Arguments>...> arguments{
        from_js<std::decay_t<Arguments>>(check, info[Indices], names[Indices])...};
    if (!check.ok()) return rejected(info.Env(), check.error());
    return object.run(
        info,
        [work, arguments = std::move(arguments)](auto& device) mutable {
          return std::apply([&](auto&... each) { return work(device, each...); }, arguments);
        },
        [](Napi::Env env, const Answer& answer) { return to_js(env, answer); });
  };
  return {name, std::move(call)};
}

template <typename Port, typename Device, typename Work, typename Answer, typename Object,
          typename... Arguments>
DeviceMethod<Port> from_callable(const char* class_name, const char* name,
                                 std::array<const char*, sizeof...(Arguments)> names, Work work,
                                 Answer (Object::*)(Device&, Arguments...) const) {
  return make_method<Port, Answer, Arguments...>(class_name, name, names, std::move(work),
                                                 std::index_sequence_for<Arguments...>());
}

}  // namespace detail

/// Collects the methods of one class.
template <typename Port>
class DeviceMethods {
 public:
  explicit DeviceMethods(const char* class_name) : class_name_(class_name) {}

  /// A method of the device itself. `names`: its arguments, for messages.
  template <typename Device, typename Answer, typename... Arguments>
  DeviceMethods& add(const char* name, Answer (Device::*function)(Arguments...),
                     std::array<const char*, sizeof...(Arguments)> names = {}) {
    const auto work = [function](auto& device, std::decay_t<Arguments>&... arguments) {
      return (device.*function)(arguments...);
    };
    all_.push_back(detail::make_method<Port, Answer, Arguments...>(
        class_name_, name, names, work, std::index_sequence_for<Arguments...>()));
    return *this;
  }

  /// `[](Device& device, arguments...) { ... }`
  template <typename Callable, std::size_t Count = 0>
  requires std::is_class_v<Callable> DeviceMethods& add(const char* name, Callable callable,
                                                        std::array<const char*, Count> names = {}) {
    all_.push_back(
        detail::from_callable<Port>(class_name_, name, names, callable, &Callable::operator()));
    return *this;
  }

  [[nodiscard]] const std::vector<DeviceMethod<Port>>& all() const { return all_; }

 private:
  const char* class_name_;
  std::vector<DeviceMethod<Port>> all_;
};

/// The methods as `DefineClass` takes them; all of them call `call`, which finds its own with
/// `method_of`. The table lives as long as the process.
template <typename Class, typename Port, typename Call>
[[nodiscard]] std::vector<Napi::ClassPropertyDescriptor<Class>> method_properties(
    const std::vector<DeviceMethod<Port>>& methods, Call call) {
  std::vector<Napi::ClassPropertyDescriptor<Class>> properties;
  for (const auto& method : methods) {
    properties.push_back(Class::InstanceMethod(method.name.c_str(), call, napi_default_method,
                                               const_cast<DeviceMethod<Port>*>(&method)));
  }
  return properties;
}

template <typename Port>
[[nodiscard]] const DeviceMethod<Port>& method_of(const Napi::CallbackInfo& info) {
  return *static_cast<const DeviceMethod<Port>*>(info.Data());
}

}  // namespace tidemark
