// SPDX-License-Identifier: Apache-2.0
#include "device/classify.h"

#include <algorithm>
#include <utility>

namespace tidemark {
namespace {

namespace key = scsi::sense_key;

/// DRIVER_SENSE: the kernel's note that sense data came with the answer. No fault.
constexpr std::uint16_t driver_sense = 0x08;

bool transport_failed(const Result& result) {
  return result.outcome == Outcome::unknown || result.host_status != 0 ||
         (result.driver_status & ~driver_sense) != 0;
}

bool belongs_to_a_done_command(const scsi::Sense& sense) {
  return !sense.deferred && (sense.key == key::no_sense || sense.key == key::recovered_error);
}

/// What the INFORMATION field says was not done, clamped to what was asked.
std::uint64_t residue(const scsi::Sense& sense, std::uint64_t requested) {
  if (!sense.information || *sense.information < 0) return 0;
  return std::min(static_cast<std::uint64_t>(*sense.information), requested);
}

/// Bytes of a data-in buffer that the transport says it filled.
std::size_t transferred(const Result& result, std::size_t requested) {
  const auto left =
      std::clamp<std::int64_t>(result.residual, 0, static_cast<std::int64_t>(requested));
  return requested - static_cast<std::size_t>(left);
}

WriteOutcome classify_write_sense(Result result, std::uint64_t requested) {
  WriteOutcome outcome;
  const auto sense = result.decoded_sense();
  outcome.result = std::move(result);
  if (!sense) {
    outcome.kind = WriteKind::unknown;
    return outcome;
  }
  if (sense->deferred) return outcome;  // it tells of an earlier command; this one was not executed
  if (sense->key == key::aborted_command) {
    outcome.kind = WriteKind::unknown;
    return outcome;
  }
  if (!belongs_to_a_done_command(*sense)) return outcome;
  outcome.accepted = requested - residue(*sense, requested);
  outcome.kind = outcome.accepted == requested ? WriteKind::written : WriteKind::failed;
  outcome.programmable_early_warning = sense->asc == 0x00 && sense->ascq == 0x07;
  // Judged by the bit: some targets leave the additional sense code zero.
  outcome.early_warning = sense->end_of_medium && !outcome.programmable_early_warning;
  return outcome;
}

ReadOutcome classify_read_sense(Result result, std::size_t requested) {
  const auto sense = result.decoded_sense();
  ReadOutcome outcome;
  outcome.result = std::move(result);
  if (!sense || sense->deferred) return outcome;
  if (sense->key == key::blank_check && !(sense->asc == 0x14 && sense->ascq == 0x03)) {
    outcome.kind = ReadKind::end_of_data;
    return outcome;
  }
  const bool end_of_tape =
      sense->key == key::volume_overflow ||
      (sense->key == key::medium_error && sense->asc == 0x00 && sense->ascq == 0x02);
  if (end_of_tape) {
    outcome.kind = ReadKind::end_of_medium;
    return outcome;
  }
  if (!belongs_to_a_done_command(*sense)) return outcome;
  if (sense->filemark) {
    outcome.kind = ReadKind::filemark;
    return outcome;
  }
  // A length error without its residue leaves the length of the data unknown. Without a length
  // error the block is as long as asked, and INFORMATION, where it is there, says the same with a
  // zero.
  if (sense->incorrect_length && !sense->information) return outcome;
  const auto length = static_cast<std::int64_t>(requested) - sense->information.value_or(0);
  if (length < 0) return outcome;
  outcome.length = static_cast<std::size_t>(length);
  // The transport's residual is not believed to say how long a block is, but where it says that
  // less arrived than the block has, the rest of the buffer must not be taken for data: tgt sends
  // only as many bytes as the buffer is longer than the block.
  const auto arrived = transferred(outcome.result, requested);
  outcome.kind = outcome.length > arrived ? ReadKind::too_long : ReadKind::block;
  return outcome;
}

}  // namespace

bool succeeded(const Result& result) {
  if (result.outcome != Outcome::completed || transport_failed(result)) return false;
  if (result.scsi_status == scsi_status::good) return true;
  if (result.scsi_status != scsi_status::check_condition) return false;
  const auto sense = result.decoded_sense();
  return sense && belongs_to_a_done_command(*sense);
}

WriteOutcome classify_write(Result result, std::uint64_t requested) {
  WriteOutcome outcome;
  if (result.outcome == Outcome::not_sent) {
    outcome.result = std::move(result);
    return outcome;
  }
  if (transport_failed(result)) {
    outcome.kind = WriteKind::unknown;
    outcome.result = std::move(result);
    return outcome;
  }
  switch (result.scsi_status) {
    case scsi_status::good:
      // GOOD for a transfer that the transport says was short: two accounts that contradict each
      // other.
      outcome.kind = result.residual == 0 ? WriteKind::written : WriteKind::unknown;
      outcome.accepted = result.residual == 0 ? requested : 0;
      break;
    case scsi_status::check_condition:
      return classify_write_sense(std::move(result), requested);
    case scsi_status::task_aborted:
      outcome.kind = WriteKind::unknown;
      break;
    default:
      break;
  }
  outcome.result = std::move(result);
  return outcome;
}

ReadOutcome classify_read(Result result, std::size_t requested) {
  ReadOutcome outcome;
  const bool answered = result.outcome == Outcome::completed && !transport_failed(result);
  if (answered && result.scsi_status == scsi_status::check_condition) {
    return classify_read_sense(std::move(result), requested);
  }
  if (answered && result.scsi_status == scsi_status::good) {
    outcome.kind = ReadKind::block;
    outcome.length = transferred(result, requested);
  }
  outcome.result = std::move(result);
  return outcome;
}

ReadOutcome classify_fixed_read(Result result, std::uint32_t requested, std::uint32_t block_bytes) {
  const auto sense = result.decoded_sense();
  const bool told = result.scsi_status == scsi_status::check_condition && sense &&
                    !sense->deferred && sense->information;
  const auto residue_blocks = told ? *sense->information : 0;
  const std::size_t requested_bytes = std::size_t{requested} * block_bytes;
  auto outcome = classify_read(std::move(result), requested_bytes);
  if (!told) return outcome;
  // INFORMATION counts blocks here, and a block of another length ends the read in front of what
  // was asked: its bytes are not among those of the whole blocks (SSC-5 6.4).
  const bool fits = residue_blocks >= 0 && residue_blocks <= requested;
  const auto read = fits ? requested - static_cast<std::uint32_t>(residue_blocks) : 0;
  outcome.length = std::size_t{read} * block_bytes;
  const bool is_data = outcome.kind == ReadKind::block || outcome.kind == ReadKind::too_long;
  if (is_data && (!fits || sense->incorrect_length)) outcome.kind = ReadKind::wrong_length;
  return outcome;
}

}  // namespace tidemark
