// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_json.h"

#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "scsi/log_page.h"
#include "scsi/operation.h"
#include "transport/json_cursor.h"

namespace tidemark::simulator {
namespace {

using Kind = FaultEffect::Kind;

constexpr std::uint64_t largest_count = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t longest_quoted = 64;

std::string quoted(const std::string& text) { return '"' + text.substr(0, longest_quoted) + '"'; }

bool is_unit_name(std::string_view name) {
  if (name == "changer" || name == "drive") return true;
  constexpr std::string_view prefix = "drive-";
  return name.starts_with(prefix) && name.size() > prefix.size() &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

/// Reads a plan value by value; the cursor keeps the first problem.
class PlanReader {
 public:
  explicit PlanReader(std::string_view text) : json_(text) {}

  FaultPlanOutcome read() {
    FaultPlan plan;
    members("a fault plan",
            {{"seed", [&] { plan.seed = integer("seed", 0, largest_count); }},
             {"faults", [&] { json_.array([&] { plan.faults.push_back(fault()); }); }}});
    json_.end();
    if (!json_.ok()) return {{}, json_.problem()};
    return {std::move(plan), ""};
  }

 private:
  using Members = std::map<std::string, std::function<void()>, std::less<>>;

  /// An object whose members are all known, none twice. Returns those that were there.
  std::set<std::string> members(const std::string& what, const Members& known) {
    std::set<std::string> seen;
    json_.object([&](const std::string& name) {
      const auto found = known.find(name);
      if (found == known.end()) {
        json_.fail(what + " has no member " + quoted(name));
      } else if (!seen.insert(name).second) {
        json_.fail(what + " has the member " + quoted(name) + " twice");
      } else {
        found->second();
      }
    });
    return seen;
  }

  std::uint64_t integer(const char* name, std::uint64_t minimum, std::uint64_t maximum) {
    const auto value = json_.integer();
    const bool is_valid = value >= 0 && static_cast<std::uint64_t>(value) >= minimum &&
                          static_cast<std::uint64_t>(value) <= maximum;
    if (is_valid) return static_cast<std::uint64_t>(value);
    json_.fail(std::string(name) + " is an integer from " + std::to_string(minimum) + " to " +
               std::to_string(maximum));
    return minimum;
  }

  std::uint8_t byte(const char* name, std::uint8_t maximum = 0xFF) {
    return static_cast<std::uint8_t>(integer(name, 0, maximum));
  }

  /// `[asc, ascq]`.
  scsi::Sense codes(std::uint8_t sense_key) {
    scsi::Sense sense;
    sense.key = sense_key;
    int given = 0;
    json_.array([&] {
      const auto value = byte("an additional sense code");
      (given == 0 ? sense.asc : sense.ascq) = value;
      ++given;
    });
    if (given != 2) json_.fail("an additional sense code and its qualifier are two numbers");
    return sense;
  }

  Fault fault() {
    Fault fault;
    const auto given = members("a fault", {{"id", [&] { fault.id = json_.string(); }},
                                           {"unit", [&] { fault.unit = json_.string(); }},
                                           {"when", [&] { fault.when = condition(); }},
                                           {"effect", [&] { fault.effect = effect(); }},
                                           {"times", [&] { fault.times = times(); }}});
    const bool is_unit = !given.contains("unit") || is_unit_name(fault.unit);
    if (!is_unit) {
      json_.fail(quoted(fault.unit) + " is no unit: changer, drive, or drive- and a number");
    }
    if (!given.contains("when") || !given.contains("effect")) {
      json_.fail("a fault has the members \"when\" and \"effect\"");
    }
    check_meaning(fault);
    return fault;
  }

  /// What can be read, but would never happen, or not as it is meant.
  void check_meaning(const Fault& fault) {
    const auto execution = fault.effect.execution;
    const bool is_deferred = fault.effect.kind == Kind::sense && fault.effect.sense.deferred;
    if (is_deferred && execution != FaultExecution::none) {
      json_.fail("a command that is told a deferred error is not executed");
    }
    const bool is_whole_fault = fault.unit != "changer" || fault.concerns("changer");
    if (!is_whole_fault) json_.fail("a changer has neither write buffer, medium nor TapeAlert");
    const bool is_drive = !fault.unit.empty() && fault.unit != "changer";
    if (is_drive && execution == FaultExecution::in_transport) {
      json_.fail("only a changer can leave a cartridge in the transport element");
    }
    const bool counts_spots = is_deferred && fault.when.first_object;
    const bool needs_command = fault.when.command || fault.when.library_command ||
                               fault.when.count || !fault.when.operation.empty();
    if (counts_spots && needs_command) {
      json_.fail("a bad spot that is told deferred knows no command");
    }
  }

  std::optional<std::uint64_t> times() {
    if (!json_.at_string()) return integer("times", 1, largest_count);
    if (json_.string() != "always") json_.fail("times is a number or \"always\"");
    return std::nullopt;
  }

  FaultCondition condition() {
    FaultCondition when;
    const auto given = members(
        "when",
        {{"command", [&] { when.command = integer("command", 1, largest_count); }},
         {"libraryCommand",
          [&] { when.library_command = integer("libraryCommand", 1, largest_count); }},
         {"operation", [&] { when.operation = json_.string(); }},
         {"count", [&] { when.count = integer("count", 1, largest_count); }},
         {"volume", [&] { when.volume = json_.string(); }},
         {"object", [&] { when.first_object = integer("object", 0, largest_count); }},
         {"lastObject", [&] { when.last_object = integer("lastObject", 0, largest_count); }},
         {"probability", [&] { when.probability = json_.number(); }}});
    if (given.empty()) json_.fail("when says nothing");
    if (given.contains("operation") && !scsi::is_command_name(when.operation)) {
      json_.fail(quoted(when.operation) + " is no command");
    }
    if (given.contains("volume") && when.volume.empty()) json_.fail("volume is a barcode");
    if (when.first_object && when.volume.empty()) json_.fail("object needs a volume");
    if (when.last_object && when.last_object < when.first_object.value_or(largest_count)) {
      json_.fail("lastObject is not in front of object");
    }
    if (when.probability && (*when.probability < 0 || *when.probability > 1)) {
      json_.fail("probability is a number from 0 to 1");
    }
    return when;
  }

  scsi::Sense sense() {
    scsi::Sense sense;
    const auto given =
        members("sense", {{"key", [&] { sense.key = byte("key", 15); }},
                          {"asc", [&] { sense.asc = byte("asc"); }},
                          {"ascq", [&] { sense.ascq = byte("ascq"); }},
                          {"deferred", [&] { sense.deferred = json_.boolean(); }},
                          {"endOfMedium", [&] { sense.end_of_medium = json_.boolean(); }},
                          {"information", [&] { sense.information = json_.integer(); }}});
    if (!given.contains("key") || !given.contains("asc") || !given.contains("ascq")) {
      json_.fail("sense has the members \"key\", \"asc\" and \"ascq\"");
    }
    return sense;
  }

  void only_true(const char* name) {
    if (!json_.boolean()) json_.fail(std::string(name) + " can only be true");
  }

  PowerCut power_cut() {
    PowerCut cut;
    const auto given = members(
        "powerCut", {{"survivors", [&] { cut.survivors = integer("survivors", 0, largest_count); }},
                     {"endOfData", [&] {
                        cut.end_of_data_is_lost = true;
                        if (json_.string() != "invalid") json_.fail("endOfData can be \"invalid\"");
                      }}});
    if (!given.contains("survivors")) json_.fail("powerCut has the member \"survivors\"");
    return cut;
  }

  FaultEffect effect() {
    FaultEffect effect;
    int kinds = 0;
    const auto is = [&](Kind kind) {
      effect.kind = kind;
      ++kinds;
    };
    const auto numbered = [&](Kind kind, const char* name, std::uint64_t minimum,
                              std::uint64_t maximum) {
      is(kind);
      effect.number = integer(name, minimum, maximum);
    };
    bool executed = false;
    bool in_transport = false;
    std::uint64_t polls = 0;
    const auto given = members(
        "effect",
        {{"sense", [&] { is(Kind::sense), effect.sense = sense(); }},
         {"hardwareFailure", [&] { is(Kind::hardware_failure), only_true("hardwareFailure"); }},
         {"dropBuffer", [&] { numbered(Kind::drop_buffer, "dropBuffer", 0, largest_count); }},
         {"hostStatus", [&] { numbered(Kind::host_status, "hostStatus", 1, 0xFFFF); }},
         {"crash", [&] { is(Kind::crash), only_true("crash"); }},
         {"powerCut", [&] { is(Kind::power_cut), effect.power_cut = power_cut(); }},
         {"hostLoss", [&] { is(Kind::power_cut), only_true("hostLoss"); }},
         {"unitAttention",
          [&] { is(Kind::unit_attention), effect.sense = codes(scsi::sense_key::unit_attention); }},
         {"tapeAlert", [&] { numbered(Kind::tape_alert, "tapeAlert", 1, scsi::tape_alert_flags); }},
         {"notReady",
          [&] { is(Kind::not_ready), effect.sense = codes(scsi::sense_key::not_ready); }},
         {"polls", [&] { polls = integer("polls", 1, largest_count); }},
         {"executed", [&] { executed = json_.boolean(); }},
         {"inTransport", [&] { in_transport = json_.boolean(); }}});
    if (kinds != 1) json_.fail("a fault has one effect");
    const bool may_be_executed = effect.kind == Kind::sense || effect.kind == Kind::host_status ||
                                 effect.kind == Kind::crash || effect.kind == Kind::power_cut;
    const bool says_execution = given.contains("executed") || given.contains("inTransport");
    if (says_execution && !may_be_executed) {
      json_.fail("\"executed\" and \"inTransport\" go with effects that answer the command");
    }
    if (executed && in_transport) json_.fail("a move in transport is not executed");
    if (given.contains("polls") != (effect.kind == Kind::not_ready)) {
      json_.fail("\"notReady\" and \"polls\" go together");
    }
    if (effect.kind == Kind::not_ready) effect.number = polls;
    if (executed) effect.execution = FaultExecution::whole;
    if (in_transport) effect.execution = FaultExecution::in_transport;
    return effect;
  }

  JsonCursor json_;
};

}  // namespace

FaultPlanOutcome parse_fault_plan(std::string_view text) { return PlanReader(text).read(); }

}  // namespace tidemark::simulator
