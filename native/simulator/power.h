// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "simulator/command_trace.h"
#include "simulator/virtual_time.h"

namespace tidemark::simulator {

class OpenedUnit;

/// The host status of a command whose target does not answer (DID_NO_CONNECT).
inline constexpr std::uint16_t no_connection = 1;

/// What goes when the host goes.
struct PowerCut {
  /// How many objects of each write buffer reach the medium. Nothing: only the host is gone, and
  /// the drives write out what they have (they have a supply of their own).
  std::optional<std::uint64_t> survivors;
  /// Tapes on which data was written since the last synchronising command end nowhere that a drive
  /// could find.
  bool end_of_data_is_lost = false;
};

/// The power of a simulated library, for all of its units that this process has opened.
///
/// Each device has a thread of its own, and a cut comes from any of them or from JavaScript. So
/// what a command looks at on its way is atomic, and consumers are never locked in another order
/// than behind the list of them.
class Power {
 public:
  /// A unit that was opened. What it holds in memory goes with the power.
  class Consumer {
   public:
    Consumer() = default;
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;
    virtual ~Consumer() = default;
    /// Comes from any thread.
    virtual void lose_power(const PowerCut& cut) = 0;
  };

  /// Of the library in this folder, whatever way the folder is named; null where there is none.
  [[nodiscard]] static std::shared_ptr<Power> of(const std::string& folder);

  explicit Power(std::string folder) : folder_(std::move(folder)) {}

  /// Commands counted from 1 again, and traced. After a cut: units that are opened from now on
  /// work.
  void restore();
  /// Nothing where the power is gone already.
  void cut(const PowerCut& cut);
  [[nodiscard]] bool is_cut() const { return epoch() % 2 != 0; }

  /// Changes with each cut, and with each return of the power. A unit that was opened in one epoch
  /// works in that epoch only.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_.load(); }
  [[nodiscard]] bool lasts_since(std::uint64_t epoch) const {
    return epoch == this->epoch() && !is_cut();
  }
  /// A cut in two steps, for a command that is the last one: from the first step on no other
  /// command begins. False where the power is gone already; else the second must follow.
  [[nodiscard]] bool begin_cut();
  void end_cut(const PowerCut& cut);

  /// A unit of this name that is open and takes one more initiator, which is attached to it; null:
  /// there is none.
  [[nodiscard]] std::shared_ptr<OpenedUnit> find_unit(const std::string& name,
                                                      std::uint64_t initiator);
  /// Others may find it.
  void offer_unit(const std::string& name, const std::shared_ptr<OpenedUnit>& unit);

  void connect(Consumer& consumer);
  void disconnect(Consumer& consumer);

  /// The number of a command among all that units of the library got since the power came.
  [[nodiscard]] std::uint64_t count_command() { return ++commands_; }
  [[nodiscard]] CommandTrace& trace() { return trace_; }
  [[nodiscard]] VirtualTime& time() { return time_; }

 private:
  /// Canonical.
  std::string folder_;
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::uint64_t> commands_{0};
  CommandTrace trace_;
  VirtualTime time_;
  std::mutex mutex_;
  std::set<Consumer*> consumers_;
  std::mutex units_mutex_;
  std::map<std::string, std::weak_ptr<OpenedUnit>> units_;
  /// For the two below, and to change the epoch. Nothing else is locked by who has it.
  std::mutex cut_mutex_;
  std::condition_variable cut_ended_;
  bool is_cutting_ = false;
};

}  // namespace tidemark::simulator
