// SPDX-License-Identifier: Apache-2.0
#include "transport/nexus_fence.h"

#include <algorithm>

#include "scsi/sense.h"

namespace tidemark {
namespace {

constexpr std::uint8_t report_luns = 0xA0;

bool only_looks(const Command& command) {
  switch (command.cdb.bytes[0]) {
    case scsi::operation::test_unit_ready:
    case scsi::operation::request_sense:
    case scsi::operation::inquiry:
    case report_luns:
      return true;
    default:
      return false;
  }
}

}  // namespace

void NexusFence::logged_in() {
  // Nothing was lost before the first one.
  raised_ = nexus_ > 0;
  ++nexus_;
}

std::optional<Result> NexusFence::answer(const Command& command) {
  if (!raised_ || only_looks(command)) return std::nullopt;
  raised_ = false;
  scsi::Sense sense;
  sense.key = scsi::sense_key::unit_attention;
  sense.asc = 0x29;
  sense.ascq = 0x07;  // I_T NEXUS LOSS OCCURRED
  const auto bytes = scsi::encode_fixed_sense(sense);
  Result result;
  result.command = command.cdb.name;
  result.outcome = Outcome::completed;
  result.scsi_status = scsi_status::check_condition;
  std::copy(bytes.begin(), bytes.end(), result.sense.begin());
  result.sense_length = static_cast<std::uint8_t>(bytes.size());
  result.residual =
      static_cast<std::int64_t>(std::max(command.data_in.size(), command.data_out.size()));
  result.nexus = nexus_;
  result.detail =
      "the session was lost and made anew: the position and the device's settings are unknown; "
      "this command was not sent";
  return result;
}

}  // namespace tidemark
