// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "simulator/logical_unit.h"

/// REPORT SUPPORTED OPERATION CODES (SPC-5 6.35).
namespace tidemark::simulator {
namespace {

scsi::CommandTimeouts timeouts_of(const CommandEntry& command) {
  return {0, command.timeout_s / 10, command.timeout_s};
}

}  // namespace

Answer LogicalUnit::report_supported_operation_codes(const Request& request) {
  const bool with_timeouts = (request.cdb[2] & 0x80) != 0;
  const auto option = static_cast<std::uint8_t>(request.cdb[2] & 0x07);
  if (option != 0) return report_one_operation(request, option, with_timeouts);
  std::vector<scsi::SupportedOperation> operations;
  for (const auto& command : command_table()) {
    if (!knows(command.operation_code)) continue;
    scsi::SupportedOperation operation;
    operation.operation_code = command.operation_code;
    operation.service_action = command.service_action;
    operation.cdb_bytes = static_cast<std::uint16_t>(command.cdb_bytes());
    if (with_timeouts) operation.timeouts = timeouts_of(command);
    operations.push_back(operation);
  }
  return data(request, scsi::encode_supported_operations(operations),
              scsi::load_be32(request.cdb, 6));
}

Answer LogicalUnit::report_one_operation(const Request& request, std::uint8_t option,
                                         bool with_timeouts) const {
  const auto code = request.cdb[3];
  const auto action = scsi::load_be16(request.cdb, 4);
  const bool has_actions = knows(code) && has_service_actions(code);
  // Option 1 is for commands without service actions, 2 for those with; 3 takes both.
  if (option > 3 || (option == 1 && has_actions)) return invalid_field_in_cdb();
  const auto* command = action > 0x1F && has_actions
                            ? nullptr
                            : find_command(code, static_cast<std::uint8_t>(action));
  if (option == 2 && command != nullptr && !command->service_action) return invalid_field_in_cdb();
  scsi::OperationSupport support;
  support.support = command == nullptr ? scsi::OperationSupport::Support::unsupported
                                       : scsi::OperationSupport::Support::standard;
  if (command != nullptr) {
    support.usage.push_back(code);
    for (const char bits : command->usage) {
      support.usage.push_back(static_cast<std::uint8_t>(bits));
    }
    // The service action itself stands where it is looked at.
    if (command->service_action) {
      support.usage[1] =
          static_cast<std::uint8_t>((support.usage[1] & 0xE0) | *command->service_action);
    }
    if (with_timeouts) support.timeouts = timeouts_of(*command);
  }
  return data(request, scsi::encode_operation_support(support), scsi::load_be32(request.cdb, 6));
}

}  // namespace tidemark::simulator
