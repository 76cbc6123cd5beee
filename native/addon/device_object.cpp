// SPDX-License-Identifier: Apache-2.0
#include "addon/device_object.h"

#include <chrono>
#include <limits>
#include <optional>
#include <thread>

#include "transport/busy_retry.h"
#include "transport/iscsi.h"
#include "transport/replay.h"
#include "transport/scsi_generic.h"
#include "transport/simulated.h"
#include "transport/timeout_limit.h"
#include "transport/tracing.h"

namespace tidemark {
namespace {

struct DeviceOptions {
  std::optional<std::string> trace_path;
  TraceData trace_data = TraceData::counted;
  bool exclusive = false;
  std::optional<std::uint32_t> timeout_limit_ms;
};

DeviceOptions read_options(const Napi::Value& value, ArgumentCheck& check) {
  DeviceOptions options;
  if (value.IsUndefined()) return options;
  const auto object = check.object(value, "options");
  const auto has = [&](const char* name) { return !object.Get(name).IsUndefined(); };
  if (has("tracePath")) {
    options.trace_path = check.string(object.Get("tracePath"), "options.tracePath");
    if (check.ok() && options.trace_path->empty()) {
      check.fail("options.tracePath", "the path of a file");
    }
  }
  if (has("traceData") && check.boolean(object.Get("traceData"), "options.traceData")) {
    options.trace_data = TraceData::all;
  }
  if (has("exclusive")) {
    options.exclusive = check.boolean(object.Get("exclusive"), "options.exclusive");
  }
  if (has("timeoutLimitMs")) {
    options.timeout_limit_ms = static_cast<std::uint32_t>(
        check.integer(object.Get("timeoutLimitMs"), "options.timeoutLimitMs", 1,
                      std::numeric_limits<std::int32_t>::max()));
  }
  return options;
}

std::string read_path(const Napi::Object& address, const char* expected, ArgumentCheck& check) {
  auto path = check.string(address.Get("path"), "address.path");
  if (check.ok() && path.empty()) check.fail("address.path", expected);
  return path;
}

std::unique_ptr<Transport> open_simulated(const Napi::Object& address, ArgumentCheck& check,
                                          std::string& name) {
  auto folder = check.string(address.Get("folder"), "address.folder");
  auto unit = check.string(address.Get("unit"), "address.unit");
  if (check.ok() && folder.empty()) check.fail("address.folder", "the path of a folder");
  if (check.ok() && !SimulatedTransport::is_unit(unit)) {
    check.fail("address.unit", "\"changer\", or \"drive-\" and a number");
  }
  if (!check.ok()) return nullptr;
  std::string initiator;
  if (const auto given = address.Get("initiator"); check.ok() && !given.IsUndefined()) {
    initiator = check.string(given, "address.initiator");
    if (check.ok() && (initiator.empty() || !SimulatedTransport::is_drive(unit))) {
      check.fail("address.initiator", "a name, and only for drives");
    }
  }
  if (!check.ok()) return nullptr;
  name = unit;
  auto transport =
      std::make_unique<SimulatedTransport>(std::move(folder), std::move(unit), initiator);
  if (!transport->plan_problem().empty()) check.refuse(transport->plan_problem());
  return transport;
}

std::unique_ptr<Transport> open_iscsi(const Napi::Object& address, ArgumentCheck& check,
                                      std::string& name) {
  const auto url = check.string(address.Get("url"), "address.url");
  const auto initiator = address.Get("initiatorName");
  std::string initiator_name;
  if (!initiator.IsUndefined()) {
    initiator_name = check.string(initiator, "address.initiatorName");
    if (check.ok() && (initiator_name.empty() || initiator_name.size() > 223)) {
      check.fail("address.initiatorName", "a name of 1 to 223 bytes");
    }
  }
  if (!check.ok()) return nullptr;
  auto parsed = parse_iscsi_url(url, ChapEnvironment::of_process());
  // The URL itself is not in the message: it may have a password.
  if (!parsed) {
    check.fail("address.url", std::string(iscsi_url_form));
    return nullptr;
  }
  if (!initiator_name.empty()) parsed->initiator_name = std::move(initiator_name);
  name = parsed->text();
  return std::make_unique<IscsiTransport>(std::move(*parsed));
}

std::unique_ptr<Transport> open_bare(const Napi::Object& address, const DeviceOptions& options,
                                     ArgumentCheck& check, std::string& name) {
  const auto kind = check.string(address.Get("kind"), "address.kind");
  if (!check.ok()) return nullptr;
  if (kind == "simulated") return open_simulated(address, check, name);
  if (kind == "iscsi") return open_iscsi(address, check, name);
  if (kind == "sg") {
    name = read_path(address, "the path of a device node", check);
    if (!check.ok()) return nullptr;
    return std::make_unique<ScsiGenericTransport>(
        name, ScsiGenericTransport::Options{.exclusive = options.exclusive});
  }
  if (kind == "replay") {
    name = read_path(address, "the path of a recording", check);
    if (!check.ok()) return nullptr;
    return std::make_unique<ReplayTransport>(name);
  }
  check.fail("address.kind", "\"simulated\", \"sg\", \"iscsi\" or \"replay\"");
  return nullptr;
}

}  // namespace

std::unique_ptr<Transport> open_transport(const Napi::Value& address, const Napi::Value& options,
                                          ArgumentCheck& check, std::string& name) {
  const auto object = check.object(address, "address");
  const auto chosen = read_options(options, check);
  if (!check.ok()) return nullptr;
  auto transport = open_bare(object, chosen, check, name);
  if (!check.ok()) return nullptr;
  if (chosen.timeout_limit_ms) {
    transport =
        std::make_unique<TimeoutLimitTransport>(std::move(transport), *chosen.timeout_limit_ms);
  }
  if (chosen.trace_path) {
    transport = std::make_unique<TracingTransport>(std::move(transport), *chosen.trace_path,
                                                   chosen.trace_data);
  }
  // Outermost: each attempt is a line of its own in the trace, and comes back out of a recording.
  return std::make_unique<BusyRetryTransport>(
      std::move(transport), [](std::chrono::milliseconds wait) {
        std::this_thread::sleep_for(wait);  // the device's own thread
      });
}

}  // namespace tidemark
