// SPDX-License-Identifier: Apache-2.0
#include "simulator/logical_unit.h"

#include <algorithm>
#include <array>

#include "scsi/cdb.h"
#include "scsi/logical_units.h"

namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;
namespace key = scsi::sense_key;

constexpr std::uint8_t reservation_conflict_status = 0x18;

scsi::Sense make_sense(std::uint8_t sense_key, std::uint8_t asc, std::uint8_t ascq) {
  scsi::Sense sense;
  sense.key = sense_key;
  sense.asc = asc;
  sense.ascq = ascq;
  return sense;
}

}  // namespace

Answer good() { return {}; }

Answer check(const scsi::Sense& sense) { return {sense, 0, 0}; }

Answer check(std::uint8_t sense_key, std::uint8_t asc, std::uint8_t ascq) {
  return check(make_sense(sense_key, asc, ascq));
}

Answer invalid_operation_code() { return check(key::illegal_request, 0x20, 0x00); }

Answer invalid_field_in_cdb() { return check(key::illegal_request, 0x24, 0x00); }

Answer invalid_field_in_parameter_list() { return check(key::illegal_request, 0x26, 0x00); }

Answer parameter_list_length_error() { return check(key::illegal_request, 0x1A, 0x00); }

Answer reservation_conflict() { return {std::nullopt, 0, reservation_conflict_status}; }

Answer internal_failure() { return check(key::hardware_error, 0x44, 0x00); }

Answer data(const Request& request, scsi::Bytes data, std::size_t allocation_length) {
  const auto length = std::min({data.size(), allocation_length, request.data_in.size()});
  std::copy_n(data.begin(), length, request.data_in.begin());
  return {std::nullopt, length, 0};
}

std::deque<scsi::Sense>& LogicalUnit::unit_attentions(InitiatorId initiator) {
  const auto [place, is_new] = unit_attentions_.try_emplace(initiator);
  if (is_new) place->second.push_back(make_sense(key::unit_attention, 0x29, 0x00));  // power on
  return place->second;
}

void LogicalUnit::add_unit_attention(std::uint8_t asc, std::uint8_t ascq) {
  for (auto& [initiator, attentions] : unit_attentions_) {
    attentions.push_back(make_sense(key::unit_attention, asc, ascq));
  }
}

void LogicalUnit::add_unit_attention_for_others(InitiatorId initiator, std::uint8_t asc,
                                                std::uint8_t ascq) {
  for (auto& [other, attentions] : unit_attentions_) {
    if (other != initiator) attentions.push_back(make_sense(key::unit_attention, asc, ascq));
  }
}

void LogicalUnit::tell_reset(std::uint8_t ascq) {
  for (auto& [initiator, attentions] : unit_attentions_) {
    attentions = {make_sense(key::unit_attention, 0x29, ascq)};
  }
}

void LogicalUnit::lose_nexus(InitiatorId initiator) {
  reservations_.release(initiator);
  unit_attentions_[initiator] = {make_sense(key::unit_attention, 0x29, 0x07)};  // nexus loss
}

Answer LogicalUnit::request_sense(const Request& request) {
  auto& attentions = unit_attentions(request.initiator);
  scsi::Sense sense;
  if (!attentions.empty()) {
    sense = attentions.front();
    attentions.pop_front();
  } else if (const auto deferred = take_deferred_error()) {
    sense = *deferred;
  }
  const bool descriptor_format = (request.cdb[1] & 0x01) != 0;
  return data(
      request,
      descriptor_format ? scsi::encode_descriptor_sense(sense) : scsi::encode_fixed_sense(sense),
      request.cdb[4]);
}

Answer LogicalUnit::test_unit_ready(const Request& /*request*/) { return ready(); }

Answer LogicalUnit::report_luns(const Request& request) {
  // One logical unit, which is number 0; there are no well-known ones.
  static constexpr std::array<std::uint64_t, 1> units{0};
  const auto wanted = request.cdb[2];
  if (wanted > 2) return invalid_field_in_cdb();
  const bool only_well_known = wanted == 1;
  return data(request, scsi::encode_logical_units(std::span(units).first(only_well_known ? 0 : 1)),
              scsi::load_be32(request.cdb, 6));
}

std::vector<std::uint8_t> LogicalUnit::encode_sense(const scsi::Sense& sense) const {
  return uses_descriptor_sense() ? scsi::encode_descriptor_sense(sense)
                                 : scsi::encode_fixed_sense(sense);
}

bool LogicalUnit::has_service_actions(std::uint8_t operation_code) const {
  const auto table = command_table();
  return std::any_of(table.begin(), table.end(), [&](const CommandEntry& entry) {
    return entry.operation_code == operation_code && entry.service_action;
  });
}

const CommandEntry* LogicalUnit::find_command(std::uint8_t operation_code,
                                              std::optional<std::uint8_t> service_action) const {
  if (!knows(operation_code)) return nullptr;
  for (const auto& entry : command_table()) {
    if (entry.operation_code != operation_code) continue;
    if (!entry.service_action || entry.service_action == service_action) return &entry;
  }
  return nullptr;
}

Answer LogicalUnit::execute(const Request& request) {
  if (request.cdb.size() < 6) return invalid_operation_code();
  const auto code = request.cdb[0];
  // These two are answered whatever else is to be told (SAM-5 5.14), and INQUIRY by a unit that
  // another process uses, too.
  if (code == operation::inquiry) return inquiry(request);
  auto& attentions = unit_attentions(request.initiator);
  refresh();
  if (code == operation::request_sense) return request_sense(request);
  if (code != operation::report_luns && !attentions.empty()) {
    const auto sense = attentions.front();
    attentions.pop_front();
    return check(sense);
  }
  const auto* command = find_command(code, request.service_action());
  if (command == nullptr) {
    const bool knows_others = knows(code) && has_service_actions(code);
    return knows_others ? invalid_field_in_cdb() : invalid_operation_code();
  }
  if (request.cdb.size() < command->cdb_bytes()) return invalid_field_in_cdb();
  if (reservations_.conflicts(request.initiator, command->reservable)) {
    return reservation_conflict();
  }
  if (const auto deferred = take_deferred_error()) return check(*deferred);
  if (auto answer = take_not_ready(*command)) return *answer;
  if (command->needs_medium) {
    if (auto answer = medium_access(); !answer.is_good()) return answer;
  }
  return command->run(*this, request);
}

}  // namespace tidemark::simulator
