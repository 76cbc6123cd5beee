// SPDX-License-Identifier: Apache-2.0
#include "addon/simulated_power.h"

#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <utility>

#include "addon/convert.h"
#include "addon/system_error.h"
#include "simulator/power.h"

namespace tidemark {
namespace {

constexpr std::array drives_that_stay{std::pair(true, "stay")};
constexpr std::array ends_of_data{std::pair(false, "valid"), std::pair(true, "invalid")};

/// The power of the library in the folder that is the first argument; null, and an exception, where
/// there is none, or another argument was wrong.
std::shared_ptr<simulator::Power> power_of(const Napi::CallbackInfo& info, ArgumentCheck& check) {
  const auto folder = check.string(info[0], "folder");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return nullptr;
  }
  auto power = simulator::Power::of(folder);
  if (!power) {
    system_error(info.Env(), ENOENT, "there is no simulated library at " + folder)
        .ThrowAsJavaScriptException();
  }
  return power;
}

simulator::PowerCut read_cut(const Napi::Value& value, ArgumentCheck& check) {
  simulator::PowerCut cut;
  if (value.IsString()) {
    (void)check.enumerator<bool>(value, "drives", drives_that_stay);
    return cut;
  }
  const auto given = check.object(value, "drives");
  if (!check.ok()) return cut;
  cut.survivors = static_cast<std::uint64_t>(
      check.integer(given.Get("survivors"), "drives.survivors", 0,
                    std::int64_t{std::numeric_limits<std::int32_t>::max()}));
  if (!given.Get("endOfData").IsUndefined()) {
    cut.end_of_data_is_lost =
        check.enumerator<bool>(given.Get("endOfData"), "drives.endOfData", ends_of_data);
  }
  return cut;
}

}  // namespace

Napi::Value cut_simulated_power(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "cutSimulatedPower");
  const auto cut = read_cut(info[1], check);
  if (const auto power = power_of(info, check)) power->cut(cut);
  return info.Env().Undefined();
}

Napi::Value is_simulated_power_cut(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "isSimulatedPowerCut");
  const auto power = power_of(info, check);
  return Napi::Boolean::New(info.Env(), power && power->is_cut());
}

Napi::Value restore_simulated_power(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "restoreSimulatedPower");
  if (const auto power = power_of(info, check)) power->restore();
  return info.Env().Undefined();
}

namespace {

Napi::Object block_of(Napi::Env env, const simulator::CommandTrace::Block& block) {
  auto given = Napi::Object::New(env);
  given.Set("volumeTag", Napi::String::New(env, block.volume.data(), block.volume.size()));
  given.Set("object", static_cast<double>(block.object));
  given.Set("bytes", block.bytes);
  given.Set("isAccepted", block.is_accepted);
  return given;
}

}  // namespace

Napi::Value simulated_time(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "simulatedTime");
  const auto power = power_of(info, check);
  return power ? to_bigint(info.Env(), power->time().now_us()) : info.Env().Undefined();
}

Napi::Value pass_simulated_time(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "passSimulatedTime");
  const auto duration_us = check.bigint(info[1], "durationUs");
  if (const auto power = power_of(info, check)) power->time().pass(duration_us);
  return info.Env().Undefined();
}

Napi::Value simulated_trace(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  ArgumentCheck check(env, "simulatedTrace");
  const auto power = power_of(info, check);
  if (!power) return env.Undefined();
  const auto entries = power->trace().entries();
  auto commands = Napi::Array::New(env, entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto command = Napi::Object::New(env);
    command.Set("unit", Napi::String::New(env, entries[i].unit.data(), entries[i].unit.size()));
    command.Set("operation", entries[i].operation);
    if (const auto& block = entries[i].block) command.Set("block", block_of(env, *block));
    commands.Set(static_cast<std::uint32_t>(i), command);
  }
  auto trace = Napi::Object::New(env);
  trace.Set("commands", commands);
  trace.Set("digest", to_buffer(env, power->trace().digest()));
  return trace;
}

}  // namespace tidemark
