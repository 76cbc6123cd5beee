// SPDX-License-Identifier: Apache-2.0
#include "device/tape_drive.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "scsi/block_protection.h"

/// Data, motion, and what destroys data.
namespace tidemark {
namespace {

constexpr std::uint32_t access_order_bytes = 65536;

Result out_of_range(const scsi::Cdb& cdb, std::size_t limit) {
  Result result;
  result.command = cdb.name;
  result.detail = "the command's length field holds at most " + std::to_string(limit);
  return result;
}

bool has_no_such_command(const Result& result) {
  const auto sense = result.decoded_sense();
  return is_rejected(result) && sense->asc == 0x20;
}

/// The blocks without what protected them, up to the first that was damaged on its way.
void hand_over_protected(ReadOutcome& outcome, std::span<const std::uint8_t> arrived,
                         std::span<std::uint8_t> buffer, std::size_t block_bytes) {
  const auto protected_bytes = block_bytes + scsi::block_protection_bytes;
  const auto count = outcome.length / protected_bytes;
  outcome.length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto block = arrived.subspan(i * protected_bytes, protected_bytes);
    if (!scsi::is_protected(block)) {
      outcome.kind = ReadKind::damaged;
      return;
    }
    std::copy_n(block.begin(), block_bytes, buffer.subspan(outcome.length).begin());
    outcome.length += block_bytes;
  }
}

}  // namespace

Result TapeDrive::rewind(bool immediate) { return execute(scsi::rewind(immediate)); }

Result TapeDrive::locate(const LocateTarget& target) {
  if (!has_no_locate_16_) {
    auto result = execute(scsi::locate_16({.destination = target.destination,
                                           .target = target.number,
                                           .partition = target.partition}));
    // Old drives have LOCATE(10) only, which knows nothing but objects.
    has_no_locate_16_ = has_no_such_command(result);
    const bool fits = target.destination == scsi::LocateDestination::object &&
                      target.number <= std::numeric_limits<std::uint32_t>::max();
    if (!has_no_locate_16_ || !fits) return result;
  }
  return execute(scsi::locate_10(
      {.object_number = static_cast<std::uint32_t>(target.number), .partition = target.partition}));
}

Result TapeDrive::space(scsi::SpaceCode code, std::int64_t count) {
  constexpr std::int64_t limit_6 = 0x7FFFFF;
  if (count >= -limit_6 && count <= limit_6) {
    return execute(scsi::space_6(code, static_cast<std::int32_t>(count)));
  }
  return execute(scsi::space_16(code, count));
}

Result TapeDrive::load_unload(const scsi::LoadUnload& wanted) {
  return execute(scsi::load_unload(wanted));
}

Response<scsi::AccessOrder> TapeDrive::recommended_access_order(
    const std::vector<scsi::UserDataSegment>& segments) {
  const auto list = scsi::encode_access_order_request(segments);
  Response<scsi::AccessOrder> answer;
  answer.result =
      execute_out(scsi::generate_recommended_access_order(scsi::AccessOrderProcess::reorder,
                                                          static_cast<std::uint32_t>(list.size())),
                  list);
  if (!succeeded(answer.result)) return answer;
  return ask(scsi::receive_recommended_access_order({}, access_order_bytes), access_order_bytes,
             scsi::decode_access_order);
}

Response<scsi::AccessOrderLimits> TapeDrive::access_order_limits() {
  return ask(scsi::receive_recommended_access_order({.limits = true}, access_order_bytes),
             access_order_bytes, scsi::decode_access_order_limits);
}

Result TapeDrive::erase(bool entire, bool immediate) {
  return execute(scsi::erase_6(entire, immediate));
}

Result TapeDrive::format_medium(const scsi::FormatMedium& wanted) {
  return execute(scsi::format_medium(wanted));
}

Result TapeDrive::set_capacity(std::uint16_t proportion) {
  return execute(scsi::set_capacity(proportion));
}

Result TapeDrive::allow_overwrite(std::uint64_t object_number) {
  return execute(scsi::allow_overwrite(object_number));
}

ReadOutcome TapeDrive::read_block(std::span<std::uint8_t> buffer) {
  if (protects_blocks()) return read_protected(buffer);
  const auto offered = buffer.first(std::min<std::size_t>(buffer.size(), scsi::maximum_transfer_6));
  auto outcome = read_once(offered);
  const bool has_data = outcome.kind == ReadKind::block || outcome.kind == ReadKind::too_long;
  if (!has_data || outcome.length >= offered.size()) return outcome;
  return complete_short_block(offered, std::move(outcome));
}

ReadOutcome TapeDrive::read_once(std::span<std::uint8_t> buffer) {
  const auto cdb = scsi::read_6(static_cast<std::uint32_t>(buffer.size()));
  return classify_read(execute_in(cdb, buffer), buffer.size());
}

/// There are targets that transfer only (requested - length) bytes of a block that is shorter than
/// the buffer. Some transports tell, by the residual; others leave what was in the buffer. So the
/// first short block that would have been cut is read once more, with its exact length.
ReadOutcome TapeDrive::complete_short_block(std::span<std::uint8_t> buffer, ReadOutcome outcome) {
  const auto length = outcome.length;
  const bool would_be_cut = buffer.size() - length < length;
  // Where the residual tells, a block that did not fit what arrived of it counts as too long.
  const bool arrived = outcome.kind == ReadKind::block;
  if (arrived && (!would_be_cut || short_blocks_ == ShortBlocks::whole)) return outcome;

  const std::vector<std::uint8_t> first(buffer.begin(), buffer.begin() + length);
  auto result = space(scsi::SpaceCode::blocks, -1);
  if (!succeeded(result)) return {.kind = ReadKind::failed, .result = std::move(result)};
  auto again = read_once(buffer.first(length));
  if (again.kind != ReadKind::block || again.length != length) {
    again.kind = ReadKind::failed;
    return again;
  }
  const bool same = std::equal(first.begin(), first.end(), buffer.begin());
  if (arrived && would_be_cut && same) short_blocks_ = ShortBlocks::whole;
  return again;
}

ReadOutcome TapeDrive::read_protected(std::span<std::uint8_t> buffer) {
  protected_block_.resize(std::min<std::size_t>(buffer.size() + scsi::block_protection_bytes,
                                                scsi::maximum_transfer_6));
  const auto cdb = scsi::read_6(static_cast<std::uint32_t>(protected_block_.size()));
  auto outcome = classify_read(execute_in(cdb, protected_block_), protected_block_.size());
  if (outcome.kind != ReadKind::block && outcome.kind != ReadKind::too_long) return outcome;
  const auto length = outcome.length;
  outcome.length -= std::min(length, scsi::block_protection_bytes);
  if (outcome.kind == ReadKind::too_long) return outcome;
  const auto block = std::span(protected_block_).first(length);
  if (!scsi::is_protected(block)) {
    outcome.kind = ReadKind::damaged;
    outcome.result.detail =
        "the block was damaged between the drive and this computer: its CRC does not match";
    return outcome;
  }
  std::copy_n(block.begin(), outcome.length, buffer.begin());
  return outcome;
}

WriteOutcome TapeDrive::write_block(std::span<const std::uint8_t> data) {
  auto sent = data;
  if (protects_blocks()) {
    const auto protection = scsi::block_protection(data);
    protected_block_.assign(data.begin(), data.end());
    protected_block_.insert(protected_block_.end(), protection.begin(), protection.end());
    sent = protected_block_;
  }
  const auto cdb = scsi::write_6(static_cast<std::uint32_t>(sent.size()));
  if (sent.size() > scsi::maximum_transfer_6) {
    return classify_write(out_of_range(cdb, scsi::maximum_transfer_6), data.size());
  }
  auto outcome = classify_write(execute_out(cdb, sent), sent.size());
  // The protection information is not data: it counts nowhere.
  outcome.accepted = std::min<std::uint64_t>(outcome.accepted, data.size());
  return outcome;
}

ReadOutcome TapeDrive::read_blocks(std::span<std::uint8_t> buffer, std::uint32_t block_bytes) {
  const auto count = static_cast<std::uint32_t>(
      std::min<std::size_t>(buffer.size() / block_bytes, scsi::maximum_transfer_6));
  const auto cdb = scsi::read_6({.length = count, .fixed = true});
  if (!protects_blocks()) {
    return classify_fixed_read(execute_in(cdb, buffer.first(std::size_t{count} * block_bytes)),
                               count, block_bytes);
  }
  const auto protected_bytes = block_bytes + std::uint32_t{scsi::block_protection_bytes};
  protected_block_.resize(std::size_t{count} * protected_bytes);
  auto outcome = classify_fixed_read(execute_in(cdb, protected_block_), count, protected_bytes);
  hand_over_protected(outcome, protected_block_, buffer, block_bytes);
  return outcome;
}

WriteOutcome TapeDrive::write_blocks(std::span<const std::uint8_t> data,
                                     std::uint32_t block_bytes) {
  const auto count = data.size() / block_bytes;
  const auto cdb = scsi::write_6({.length = static_cast<std::uint32_t>(count), .fixed = true});
  if (count > scsi::maximum_transfer_6) {
    return classify_write(out_of_range(cdb, scsi::maximum_transfer_6), count);
  }
  auto sent = data.first(count * block_bytes);
  if (protects_blocks()) {
    protected_block_.clear();
    for (; !sent.empty(); sent = sent.subspan(block_bytes)) {
      const auto block = sent.first(block_bytes);
      const auto protection = scsi::block_protection(block);
      protected_block_.insert(protected_block_.end(), block.begin(), block.end());
      protected_block_.insert(protected_block_.end(), protection.begin(), protection.end());
    }
    sent = protected_block_;
  }
  return classify_write(execute_out(cdb, sent), count);
}

WriteOutcome TapeDrive::write_filemarks(std::uint32_t count, bool immediate) {
  const auto cdb = scsi::write_filemarks_6(count, immediate);
  if (count > scsi::maximum_transfer_6) {
    return classify_write(out_of_range(cdb, scsi::maximum_transfer_6), count);
  }
  return classify_write(execute(cdb), count);
}

Result TapeDrive::verify(std::uint32_t bytes) {
  // The length is that of the block on its way, although nothing is sent (SSC-5 4.2.29).
  const std::uint64_t length = bytes + (protects_blocks() ? scsi::block_protection_bytes : 0);
  if (length > scsi::maximum_transfer_6) {
    return out_of_range(scsi::verify_6({}), scsi::maximum_transfer_6);
  }
  return execute(scsi::verify_6({.length = static_cast<std::uint32_t>(length)}));
}

}  // namespace tidemark
