// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_injector.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "scsi/cdb.h"
#include "simulator/unit_name.h"

namespace tidemark::simulator {
namespace {

using Kind = FaultEffect::Kind;

/// Does it answer the command? Of those only one can hit a command.
bool is_answer(Kind kind) {
  return kind == Kind::sense || kind == Kind::drop_buffer || kind == Kind::host_status ||
         kind == Kind::crash || kind == Kind::power_cut || kind == Kind::scsi_status ||
         kind == Kind::error_number || kind == Kind::residual || kind == Kind::flip_bit;
}

/// Does its answer tell of a command that was carried out? Whoever ends with the command is told
/// nothing.
bool tells_of_execution(const FaultEffect& effect) {
  return effect.execution == FaultExecution::whole && effect.kind != Kind::crash &&
         effect.kind != Kind::power_cut;
}

/// The finalizer of SplitMix64: neighbouring numbers come out unlike.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

/// FNV-1a.
std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0xCBF29CE484222325;
  for (const char each : text) {
    number = (number ^ static_cast<std::uint8_t>(each)) * 0x100000001B3;
  }
  return number;
}

bool touches(const FaultCondition& when, std::uint64_t first, std::uint64_t count) {
  if (count == 0) return false;
  const auto last = first + count - 1;
  return last >= *when.first_object && (!when.last_object || first <= *when.last_object);
}

/// A spot that cannot be written cannot be read either; a drive says so in other words.
scsi::Sense spot_sense(const FaultEffect& effect, const FaultOccasion& occasion) {
  auto sense = effect.sense;
  const bool is_write_error = sense.key == scsi::sense_key::medium_error && sense.asc == 0x0C;
  if (is_write_error && occasion.reads) {
    sense.asc = 0x11;
    sense.ascq = 0x00;
  }
  const bool nothing_was_done = effect.execution == FaultExecution::none;
  if (!sense.information && nothing_was_done) sense.information = occasion.residue;
  return sense;
}

/// As if the machine had stopped: nothing runs that a process runs at its end.
[[noreturn]] void end_process() {
  while (true) {
    ::kill(::getpid(), SIGKILL);
    ::pause();
  }
}

Answer executed(LogicalUnit& unit, const Request& request, FaultExecution execution) {
  switch (execution) {
    case FaultExecution::none:
      break;
    case FaultExecution::whole:
      return unit.execute(request);
    case FaultExecution::in_transport:
      return unit.execute_until_in_transport(request);
  }
  return {};
}

void flip(scsi::MutableBytes bytes, std::uint64_t bit) {
  if (bytes.empty()) return;
  const auto at = bit % (bytes.size() * 8);
  bytes[at / 8] = static_cast<std::uint8_t>(bytes[at / 8] ^ 0x80 >> at % 8);
}

/// Memory or a link is damaged: one bit arrives as another one, on the way there or back.
Answer with_flipped_bit(LogicalUnit& unit, const Request& request, std::uint64_t bit) {
  std::vector<std::uint8_t> damaged(request.data_out.begin(), request.data_out.end());
  flip(damaged, bit);
  const auto answer = unit.execute({request.cdb, damaged, request.data_in, request.initiator});
  flip(request.data_in.first(answer.transferred), bit);
  return answer;
}

}  // namespace

FaultInjector::FaultInjector(FaultPlan plan, std::string unit)
    : unit_(std::move(unit)),
      seed_(plan.seed),
      text_(std::move(plan.text)),
      counts_(std::move(plan.counts)) {
  for (std::uint64_t index = 0; index < plan.faults.size(); ++index) {
    auto& fault = plan.faults[index];
    if (!fault.concerns(unit_)) continue;
    const auto happened = fault.persists ? counts_.of(unit_, index) : 0;
    armed_.push_back({std::move(fault), index, 0, happened});
  }
}

bool FaultInjector::plans_hardware_failure() const {
  return std::any_of(armed_.begin(), armed_.end(), [](const Armed& armed) {
    return armed.fault.effect.kind == Kind::hardware_failure;
  });
}

void FaultInjector::note(Armed& armed) const {
  ++armed.happened;
  if (armed.fault.persists) counts_.add(unit_, armed.index);
}

bool FaultInjector::draws(const Armed& armed) const {
  if (!armed.fault.when.probability) return true;
  const auto drawn = mixed(mixed(mixed(seed_) ^ number_of(unit_) ^ mixed(armed.index)) ^ commands_);
  constexpr unsigned mantissa_bits = 53;
  constexpr double range = std::uint64_t{1} << mantissa_bits;
  return static_cast<double>(drawn >> (64 - mantissa_bits)) / range < *armed.fault.when.probability;
}

bool FaultInjector::is_due(Armed& armed, std::string_view operation,
                           const FaultOccasion& occasion) const {
  const auto& when = armed.fault.when;
  const bool holds =
      (!when.command || commands_ >= *when.command) &&
      (!when.library_command || library_command_ == *when.library_command) &&
      (when.operation.empty() || when.operation == operation) &&
      (when.volume.empty() || when.volume == occasion.volume) &&
      (!when.first_object || touches(when, occasion.first_object, occasion.objects)) &&
      draws(armed);
  if (!holds) return false;
  ++armed.seen;
  return armed.seen >= when.count.value_or(1) && !armed.is_spent();
}

FaultedAnswer FaultInjector::execute(LogicalUnit& unit, const Request& request, Power& power,
                                     std::uint64_t library_command) {
  ++commands_;
  library_command_ = library_command;
  const auto occasion = unit.fault_occasion(request);
  const std::string_view operation = scsi::command_name(request.cdb, unit_ == changer_unit);
  Armed* answering = nullptr;
  for (auto& armed : armed_) {
    const auto& effect = armed.fault.effect;
    if (armed.fault.is_deferred_spot() || !is_due(armed, operation, occasion)) continue;
    // One answer a command: another one that is due waits for the next.
    if (is_answer(effect.kind) && answering != nullptr) continue;
    if (is_answer(effect.kind)) {
      answering = &armed;
    } else {
      note(armed);
      unit.suffer(effect, request.initiator);
    }
  }
  if (answering != nullptr) return answer_with(*answering, unit, request, occasion, power);
  return {unit.execute(request)};
}

FaultedAnswer FaultInjector::cut_off(const Fault& fault, std::uint16_t host_status) const {
  return {{},
          host_status,
          "the fault plan cut " + unit_ + " off" +
              (fault.id.empty() ? std::string() : " (" + fault.id + ")") + ": host status " +
              std::to_string(host_status)};
}

FaultedAnswer FaultInjector::answer_with(Armed& armed, LogicalUnit& unit, const Request& request,
                                         const FaultOccasion& occasion, Power& power) const {
  const auto& fault = armed.fault;
  const auto& effect = fault.effect;
  const bool tells = tells_of_execution(effect);
  if (!tells) note(armed);
  if (effect.kind == Kind::drop_buffer) return {unit.drop_buffer(effect.number)};
  if (effect.kind == Kind::flip_bit) return {with_flipped_bit(unit, request, effect.number)};
  if (effect.kind == Kind::residual) {
    FaultedAnswer faulted{unit.execute(request)};
    faulted.residual = effect.residual;
    return faulted;
  }
  if (effect.kind == Kind::power_cut) {
    auto last = cut_off(fault, no_connection);
    // Another thread may have been faster: then this command is too late for everything.
    if (!power.begin_cut()) return last;
    last.cut = effect.power_cut;
    last.answer = executed(unit, request, effect.execution);
    return last;
  }
  auto answer = executed(unit, request, effect.execution);
  if (effect.kind == Kind::crash) end_process();
  if (tells) {
    // What the plan says would not be true: the fault waits for a command that is carried out.
    if (!answer.was_carried_out()) return {answer};
    note(armed);
  }
  if (effect.kind == Kind::host_status) {
    return cut_off(fault, static_cast<std::uint16_t>(effect.number));
  }
  if (effect.kind == Kind::error_number) {
    FaultedAnswer failed;
    failed.error_number = static_cast<int>(effect.number);
    return failed;
  }
  if (effect.kind == Kind::scsi_status) {
    return {{std::nullopt, 0, static_cast<std::uint8_t>(effect.number)}};
  }
  answer.status = 0;
  answer.sense = fault.when.first_object ? spot_sense(effect, occasion) : effect.sense;
  unit.note_failure(*answer.sense);
  return {answer};
}

std::optional<FaultInjector::BadSpot> FaultInjector::meet_bad_spot(std::string_view volume,
                                                                   std::uint64_t first,
                                                                   std::uint64_t count) {
  Armed* nearest = nullptr;
  std::uint64_t writable = count;
  for (auto& armed : armed_) {
    const auto& when = armed.fault.when;
    const bool is_here = armed.fault.is_deferred_spot() && !armed.is_spent() &&
                         when.volume == volume && touches(when, first, count);
    if (!is_here || !draws(armed)) continue;
    const auto in_front = *when.first_object > first ? *when.first_object - first : 0;
    if (in_front >= writable) continue;
    nearest = &armed;
    writable = in_front;
  }
  if (nearest == nullptr) return std::nullopt;
  note(*nearest);
  return BadSpot{writable, nearest->fault.effect.sense};
}

}  // namespace tidemark::simulator
