// SPDX-License-Identifier: Apache-2.0
#include "addon/simulated_library.h"

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "addon/convert.h"
#include "addon/system_error.h"
#include "simulator/fault_plan.h"
#include "simulator/library.h"

namespace tidemark {
namespace {

constexpr std::int64_t largest_buffer = std::int64_t{1} << 40;

constexpr std::array feeds{std::pair(false, "robot"), std::pair(true, "sequential")};

/// What can be left out.
void read_optional(const Napi::Object& given, ArgumentCheck& check,
                   simulator::LibraryOptions& options) {
  const auto has = [&](const char* name) { return !given.Get(name).IsUndefined(); };
  if (has("id")) options.id = check.string(given.Get("id"), "options.id");
  if (has("profile")) options.profile = check.string(given.Get("profile"), "options.profile");
  if (has("wormBarcodes")) {
    options.worm_barcodes = check.strings(given.Get("wormBarcodes"), "options.wormBarcodes");
  }
  if (has("shelfBarcodes")) {
    options.shelf_barcodes = check.strings(given.Get("shelfBarcodes"), "options.shelfBarcodes");
  }
  if (has("feed")) {
    options.feed.sequential = check.enumerator<bool>(given.Get("feed"), "options.feed", feeds);
  }
  if (has("wrap")) options.feed.wraps = check.boolean(given.Get("wrap"), "options.wrap");
  if (!has("capacities")) return;
  const auto capacities = check.object(given.Get("capacities"), "options.capacities");
  if (!check.ok()) return;
  const auto barcodes = capacities.GetPropertyNames();
  for (std::uint32_t i = 0; check.ok() && i < barcodes.Length(); ++i) {
    const auto barcode = check.string(barcodes.Get(i), "options.capacities");
    if (!check.ok()) return;
    options.capacities[barcode] = check.bigint(capacities.Get(barcode), "options.capacities");
  }
}

}  // namespace

Napi::Value create_simulated_library(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  ArgumentCheck check(env, "createSimulatedLibrary");
  const auto folder = check.string(info[0], "folder");
  const auto given = check.object(info[1], "options");
  const auto count = [&](const char* property, const char* name, std::int64_t minimum,
                         std::int64_t maximum) {
    return static_cast<std::uint16_t>(check.integer(given.Get(property), name, minimum, maximum));
  };
  simulator::LibraryOptions options;
  options.drives = count("drives", "options.drives", 1, simulator::maximum_drives);
  options.storage_elements =
      count("storageElements", "options.storageElements", 0, simulator::maximum_storage_elements);
  options.import_export_elements = count("importExportElements", "options.importExportElements", 0,
                                         simulator::maximum_import_export_elements);
  options.barcodes = check.strings(given.Get("barcodes"), "options.barcodes");
  options.capacity_bytes = check.bigint(given.Get("capacityBytes"), "options.capacityBytes");
  options.early_warning_bytes =
      check.bigint(given.Get("earlyWarningBytes"), "options.earlyWarningBytes");
  options.buffer_bytes = static_cast<std::uint64_t>(
      check.integer(given.Get("bufferBytes"), "options.bufferBytes", 0, largest_buffer));
  read_optional(given, check, options);
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  if (const auto error = simulator::Library::create(folder, options)) {
    system_error(env, error->error_number, error->message).ThrowAsJavaScriptException();
  }
  return env.Undefined();
}

Napi::Value plan_simulated_faults(const Napi::CallbackInfo& info) {
  const auto env = info.Env();
  ArgumentCheck check(env, "planSimulatedFaults");
  const auto folder = check.string(info[0], "folder");
  std::optional<std::string> text;
  if (!info[1].IsUndefined()) text = check.string(info[1], "plan");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return env.Undefined();
  }
  if (const auto problem = simulator::save_fault_plan(folder, text); !problem.empty()) {
    system_error(env, EINVAL, problem).ThrowAsJavaScriptException();
  }
  return env.Undefined();
}

}  // namespace tidemark
