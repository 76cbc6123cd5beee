// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_json.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace tidemark::simulator;

namespace {

std::string problem_of(const std::string& text) {
  const auto problem = parse_fault_plan(text).problem;
  return problem.substr(0, problem.find(" at column"));
}

/// One fault with this condition and effect.
std::string with(const std::string& when, const std::string& effect, const std::string& more = "") {
  return R"({"faults": [{"when": )" + when + R"(, "effect": )" + effect + more + "}]}";
}

const std::string when = R"({"command": 1})";
const std::string crash = R"({"crash": true})";
const std::string sense = R"({"sense": {"key": 3, "asc": 12, "ascq": 0}})";
const std::string deferred = R"({"key": 3, "asc": 12, "ascq": 0, "deferred": true})";

void check_problems(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [text, problem] : cases) {
    CAPTURE(text);
    CHECK(problem_of(text) == problem);
  }
}

}  // namespace

TEST_CASE("a fault plan, whole") {
  const auto [plan, problem] = parse_fault_plan(R"({"seed": 7, "faults": [
    {"id": "W5", "unit": "drive-1", "when": {"volume": "A", "object": 4, "lastObject": 9},
     "effect": {"sense": {"key": 3, "asc": 12, "ascq": 1, "deferred": true, "information": 5}},
     "times": "always"},
    {"when": {"command": 2, "probability": 0.5e-1},
     "effect": {"hostStatus": 14, "executed": true}, "times": 3},
    {"unit": "drive", "when": {"operation": "LOAD", "count": 2},
     "effect": {"notReady": [4, 7], "polls": 6}},
    {"when": {"libraryCommand": 7},
     "effect": {"powerCut": {"survivors": 2, "endOfData": "invalid"}, "executed": true}},
    {"when": {"libraryCommand": 8}, "effect": {"hostLoss": true}}
  ]})");
  REQUIRE(problem == "");
  CHECK(plan.seed == 7);
  REQUIRE(plan.faults.size() == 5);
  const auto& spot = plan.faults[0];
  CHECK(spot.id == "W5");
  CHECK(spot.unit == "drive-1");
  CHECK(spot.when.volume == "A");
  CHECK(spot.when.first_object == 4);
  CHECK(spot.when.last_object == 9);
  CHECK_FALSE(spot.times);
  CHECK(spot.is_deferred_spot());
  CHECK(spot.effect.sense.is(3, 12, 1));
  CHECK(spot.effect.sense.information == 5);
  const auto& cut = plan.faults[1];
  CHECK(cut.effect.kind == FaultEffect::Kind::host_status);
  CHECK(cut.effect.number == 14);
  CHECK(cut.effect.execution == FaultExecution::whole);
  CHECK(cut.when.command == 2);
  CHECK(cut.when.probability == 0.05);
  CHECK(cut.times == 3);
  const auto& wait = plan.faults[2];
  CHECK(wait.when.operation == "LOAD");
  CHECK(wait.when.count == 2);
  CHECK(wait.effect.number == 6);
  CHECK(wait.effect.sense.is(2, 4, 7));
  CHECK(wait.times == 1);
  const auto& power = plan.faults[3];
  CHECK(power.when.library_command == 7);
  CHECK(power.effect.kind == FaultEffect::Kind::power_cut);
  CHECK(power.effect.power_cut.survivors == 2);
  CHECK(power.effect.power_cut.end_of_data_is_lost);
  CHECK(power.effect.execution == FaultExecution::whole);
  CHECK(plan.faults[4].effect.kind == FaultEffect::Kind::power_cut);
  CHECK_FALSE(plan.faults[4].effect.power_cut.survivors);
  CHECK(parse_fault_plan("{}").plan.faults.empty());
  CHECK(parse_fault_plan(R"({"faults": []})").problem == "");
}

TEST_CASE("whom a fault concerns") {
  const auto concerned = [](const std::string& unit, const std::string& effect) {
    const auto member = unit.empty() ? "" : R"(, "unit": ")" + unit + '"';
    const auto outcome = parse_fault_plan(with(R"({"command": 1})", effect, member));
    REQUIRE(outcome.problem == "");
    std::string units;
    for (const auto* each : {"changer", "drive-0", "drive-1"}) {
      if (outcome.plan.faults[0].concerns(each)) units += std::string(each) + " ";
    }
    return units;
  };
  const std::string crash = R"({"crash": true})";
  CHECK(concerned("", crash) == "changer drive-0 drive-1 ");
  CHECK(concerned("drive", crash) == "drive-0 drive-1 ");
  CHECK(concerned("drive-1", crash) == "drive-1 ");
  CHECK(concerned("changer", crash) == "changer ");
  CHECK(concerned("", R"({"hardwareFailure": true})") == "drive-0 drive-1 ");
  CHECK(concerned("", R"({"tapeAlert": 64})") == "drive-0 drive-1 ");
  CHECK(concerned("", R"({"dropBuffer": 0})") == "drive-0 drive-1 ");
  CHECK(concerned("", R"({"crash": true, "inTransport": true})") == "changer ");
  CHECK(concerned("", R"({"inventory": "stale"})") == "changer ");
}

TEST_CASE("what is no fault plan") {
  check_problems({
      {"", "expected {"},
      {"[]", "expected {"},
      {"{} {}", "something follows the object"},
      {R"({"sede": 1})", "a fault plan has no member \"sede\""},
      {R"({"seed": 1, "seed": 1})", "a fault plan has the member \"seed\" twice"},
      {R"({"seed": -1})", "seed is an integer from 0 to 9223372036854775807"},
      {R"({"seed": 1.5})", "expected ,"},
      {R"({"faults": {}})", "expected ["},
      {R"({"faults": [1]})", "expected {"},
      {R"({"faults": [{}]})", "a fault has the members \"when\" and \"effect\""},
      {R"({"faults": [{"when": {"command": 1}}]})",
       "a fault has the members \"when\" and \"effect\""},
      {with("{}", crash), "when says nothing"},
      {with(R"({"command": 0})", crash), "command is an integer from 1 to 9223372036854775807"},
      {with(R"({"operation": "WRITE"})", crash), "\"WRITE\" is no command"},
      {with(R"({"volume": ""})", crash), "volume is a barcode"},
      {with(R"({"object": 1})", crash), "object needs a volume"},
      {with(R"({"volume": "A", "object": 2, "lastObject": 1})", crash),
       "lastObject is not in front of object"},
      {with(R"({"volume": "A", "lastObject": 1})", crash), "lastObject is not in front of object"},
      {with(R"({"probability": 1.01})", crash), "probability is a number from 0 to 1"},
      {with(R"({"probability": -0.1})", crash), "probability is a number from 0 to 1"},
      {with(R"({"probability": nan})", crash), "expected a number"},
      {with(R"({"probability": .5})", crash), "expected a number"},
      {with(R"({"probability": 1e999})", crash), "expected a number"},
  });
}

TEST_CASE("what is no effect, or no effect there") {
  check_problems({
      {with(when, "{}"), "a fault has one effect"},
      {with(when, R"({"crash": true, "hardwareFailure": true})"), "a fault has one effect"},
      {with(when, R"({"crash": false})"), "crash can only be true"},
      {with(when, R"({"crash": 1})"), "expected true or false"},
      {with(when, R"({"hostStatus": 0})"), "hostStatus is an integer from 1 to 65535"},
      {with(when, R"({"tapeAlert": 65})"), "tapeAlert is an integer from 1 to 64"},
      {with(when, R"({"tapeAlert": 20, "executed": true})"),
       "\"executed\" and \"inTransport\" go with effects that answer the command"},
      {with(when, R"({"powerCut": {}})"), "powerCut has the member \"survivors\""},
      {with(when, R"({"powerCut": {"survivors": 1, "endOfData": "valid"}})"),
       "endOfData is one of invalid"},
      {with(when, R"({"powerCut": {"survivors": 1}, "hostLoss": true})"), "a fault has one effect"},
      {with(when, R"({"reset": {"survivors": 1}})"),
       "reset has the members \"survivors\" and \"position\""},
      {with(when, R"({"reset": {"survivors": 1, "position": "eod"}})"),
       "position is one of kept, bop"},
      {with(when, R"({"initiator": "sleep"})"),
       "initiator is one of rewind, spaceToEndOfData, write, modeSelect, reserve, preempt, clear, "
       "unload"},
      {with(when, R"({"swap": "../x"})"), "swap is a barcode"},
      {with(when, R"({"unitAttentions": []})"), "unitAttentions has at least one"},
      {with(when, R"({"scsiStatus": 0})"), "scsiStatus is an integer from 4 to 255"},
      {with(when, R"({"errno": 0})"), "errno is an integer from 1 to 4095"},
      {with(when, R"({"residual": 0})"), "residual is an integer from 1 to 16777216"},
      {with(when, R"({"flipBit": 1, "executed": true})"),
       "\"executed\" and \"inTransport\" go with effects that answer the command"},
      {with(when, R"({"hostLoss": false})"), "hostLoss can only be true"},
      {with(R"({"libraryCommand": 0})", crash),
       "libraryCommand is an integer from 1 to 9223372036854775807"},
      {with(when, R"({"crash": true, "executed": true, "inTransport": true})"),
       "a move in transport is not executed"},
      {with(when, R"({"notReady": [4, 1]})"), "\"notReady\" and \"polls\" go together"},
      {with(when, R"({"crash": true, "polls": 1})"), "\"notReady\" and \"polls\" go together"},
      {with(when, R"({"crash": true, "afterwards": [40, 1]})"),
       "\"afterwards\" goes with \"notReady\""},
      {with(when, R"({"inventory": "true"})"),
       "inventory is one of noVolumeTags, swappedTags, allEmpty, allFull, stale"},
      {with(when, R"({"unitAttention": [41]})"),
       "an additional sense code and its qualifier are two numbers"},
      {with(when, R"({"unitAttention": [41, 0, 0]})"),
       "an additional sense code and its qualifier are two numbers"},
      {with(when, R"({"unitAttention": [256, 0]})"),
       "an additional sense code is an integer from 0 to 255"},
      {with(when, R"({"sense": {"key": 16, "asc": 0, "ascq": 0}})"),
       "key is an integer from 0 to 15"},
      {with(when, R"({"sense": {"key": 3, "asc": 12}})"),
       "sense has the members \"key\", \"asc\" and \"ascq\""},
      {with(when, R"({"sense": )" + deferred + R"(, "executed": true})"),
       "a command that is told a deferred error is not executed"},
      {with(R"_({"volume": "A", "object": 1, "operation": "WRITE(6)"})_",
            R"({"sense": )" + deferred + "}"),
       "a bad spot that is told deferred knows no command"},
  });
}

TEST_CASE("what no unit can have, and no times") {
  check_problems({
      {with(when, sense, R"(, "unit": "drive-x")"),
       "\"drive-x\" is no unit: changer, drive, or drive- and a number"},
      {with(when, sense, R"(, "unit": "drive-00")"),
       "\"drive-00\" is no unit: changer, drive, or drive- and a number"},
      {with(when, sense, R"(, "unit": "drive-70000")"),
       "\"drive-70000\" is no unit: changer, drive, or drive- and a number"},
      {with(R"_({"operation": "WRITE(6)"})_", crash, R"(, "unit": "changer")"),
       "\"WRITE(6)\" is no command of a changer"},
      {with(R"({"operation": "LOAD"})", crash, R"(, "unit": "changer")"),
       "\"LOAD\" is no command of a changer"},
      {with(R"({"operation": "MOVE MEDIUM"})", crash, R"(, "unit": "drive-0")"),
       "\"MOVE MEDIUM\" is no command of a drive"},
      {with(R"({"volume": "A", "object": 1})", crash, R"(, "unit": "changer")"),
       "a changer writes and reads no objects"},
      {with(R"({"operation": "MOVE MEDIUM", "volume": "A", "object": 1})", crash),
       "this happens neither to a changer nor to a drive"},
      {with(R"({"operation": "MOVE MEDIUM"})", R"({"hardwareFailure": true})"),
       "this happens neither to a changer nor to a drive"},
      {with(R"({"operation": "REWIND"})", R"({"crash": true, "inTransport": true})"),
       "this happens neither to a changer nor to a drive"},
      {with(when, sense, R"(, "unit": "")"),
       "\"\" is no unit: changer, drive, or drive- and a number"},
      {with(when, R"({"dropBuffer": 1})", R"(, "unit": "changer")"),
       "a changer has neither write buffer, medium nor TapeAlert"},
      {with(when, R"({"crash": true, "inTransport": true})", R"(, "unit": "drive-0")"),
       "only a changer can leave a cartridge in the transport element"},
      {with(when, crash, R"(, "times": 0)"), "times is an integer from 1 to 9223372036854775807"},
      {with(when, crash, R"(, "times": "ever")"), "times is a number or \"always\""},
  });
}

TEST_CASE("a problem is found by line and column") {
  CHECK(parse_fault_plan("{\n  \"sede\": 1\n}").problem ==
        "a fault plan has no member \"sede\" in line 2 at column 10");
}
