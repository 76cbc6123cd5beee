// SPDX-License-Identifier: Apache-2.0
#include "simulator/power.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <map>
#include <utility>

#include "simulator/opened_unit.h"

namespace tidemark::simulator {
namespace {

/// All libraries of which a unit was opened or the power was asked for, by their canonical names.
struct Supplies {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Power>> by_folder;
};

Supplies& supplies() {
  // Never destroyed: threads of devices may outlive static objects.
  static auto* all = new Supplies;
  return *all;
}

bool holds_library(const std::string& folder) {
  return ::access((folder + "/library").c_str(), F_OK) == 0;
}

/// The one name of a folder that has many; empty, and errno, where there is none.
std::string canonical(const std::string& folder) {
  std::unique_ptr<char, decltype(&std::free)> path(::realpath(folder.c_str(), nullptr), &std::free);
  return path ? path.get() : "";
}

/// Libraries come and go by the thousand in one process of tests.
void forget_removed(std::map<std::string, std::shared_ptr<Power>>& by_folder) {
  std::erase_if(by_folder, [](const auto& each) {
    return each.second.use_count() == 1 && !holds_library(each.first);
  });
}

}  // namespace

std::shared_ptr<Power> Power::of(const std::string& folder) {
  auto& all = supplies();
  const std::lock_guard lock(all.mutex);
  // Harnesses ask thousands of times, and each part of a path costs the system a look.
  const auto path = all.by_folder.contains(folder) ? folder : canonical(folder);
  if (path.empty() || !holds_library(path)) return nullptr;
  if (const auto found = all.by_folder.find(path); found != all.by_folder.end()) {
    return found->second;
  }
  forget_removed(all.by_folder);
  return all.by_folder[path] = std::make_shared<Power>(path);
}

std::shared_ptr<OpenedUnit> Power::find_unit(const std::string& name, std::uint64_t initiator) {
  const std::lock_guard lock(units_mutex_);
  const auto found = units_.find(name);
  auto unit = found == units_.end() ? nullptr : found->second.lock();
  return unit && unit->attach(initiator) ? unit : nullptr;
}

void Power::offer_unit(const std::string& name, const std::shared_ptr<OpenedUnit>& unit) {
  const std::lock_guard lock(units_mutex_);
  // One that is open stays the one, whatever becomes of the new one.
  auto& offered = units_[name];
  if (offered.expired()) offered = unit;
}

void Power::connect(Consumer& consumer) {
  const std::lock_guard lock(mutex_);
  consumers_.insert(&consumer);
}

void Power::disconnect(Consumer& consumer) {
  const std::lock_guard lock(mutex_);
  consumers_.erase(&consumer);
}

void Power::restore() {
  std::unique_lock lock(cut_mutex_);
  cut_ended_.wait(lock, [this] { return !is_cutting_; });
  commands_ = 0;
  trace_.begin();
  if (is_cut()) ++epoch_;
}

bool Power::begin_cut() {
  const std::lock_guard lock(cut_mutex_);
  // Commands of two threads may both be the last one.
  if (is_cut()) return false;
  is_cutting_ = true;
  ++epoch_;
  return true;
}

void Power::end_cut(const PowerCut& cut) {
  {
    const std::lock_guard lock(units_mutex_);
    units_.clear();
  }
  {
    const std::lock_guard lock(mutex_);
    for (auto* consumer : std::exchange(consumers_, {})) consumer->lose_power(cut);
  }
  const std::lock_guard lock(cut_mutex_);
  is_cutting_ = false;
  cut_ended_.notify_all();
}

void Power::cut(const PowerCut& cut) {
  if (begin_cut()) end_cut(cut);
}

}  // namespace tidemark::simulator
