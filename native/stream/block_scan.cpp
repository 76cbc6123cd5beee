// SPDX-License-Identifier: Apache-2.0
#include "stream/block_scan.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "scsi/bytes.h"
#include "stream/page_buffer.h"

namespace tidemark {
namespace {

void append_be(std::vector<std::uint8_t>& bytes, std::size_t width, std::uint64_t value) {
  const std::size_t offset = bytes.size();
  bytes.resize(offset + width);
  scsi::store_be(bytes, offset, width, value);
}

/// Writes it all; 0 or errno. Standard output may be a pipe that Node.js made non-blocking.
int write_fully(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd waiting{descriptor, POLLOUT, 0};
      if (poll(&waiting, 1, -1) < 0 && errno != EINTR) return errno;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

ReadStop stop_of(ReadKind kind) {
  switch (kind) {
    case ReadKind::filemark:
      return ReadStop::filemark;
    case ReadKind::end_of_data:
      return ReadStop::end_of_data;
    case ReadKind::end_of_medium:
      return ReadStop::end_of_medium;
    case ReadKind::too_long:
    case ReadKind::wrong_length:
      return ReadStop::wrong_length;
    case ReadKind::damaged:
      return ReadStop::damaged;
    case ReadKind::block:
    case ReadKind::failed:
      break;
  }
  return ReadStop::failed;
}

const char* name_of(ReadStop stop) {
  switch (stop) {
    case ReadStop::count:
      return "count";
    case ReadStop::filemark:
      return "filemark";
    case ReadStop::end_of_data:
      return "endOfData";
    case ReadStop::end_of_medium:
      return "endOfMedium";
    case ReadStop::wrong_length:
      return "wrongLength";
    case ReadStop::damaged:
      return "damaged";
    case ReadStop::failed:
      break;
  }
  return "failed";
}

std::optional<ReadStop> read_record(TapeDrive& drive, std::span<std::uint8_t> record,
                                    Result& result) {
  ReadOutcome read = drive.read_block(record);
  result = std::move(read.result);
  if (read.kind != ReadKind::block) return stop_of(read.kind);
  if (read.length == record.size()) return std::nullopt;
  result.detail = "a block of " + std::to_string(read.length) + " bytes stands where a record of " +
                  std::to_string(record.size()) + " bytes should be";
  return ReadStop::wrong_length;
}

BlockScan digest_blocks(TapeDrive& drive, std::uint64_t count, std::size_t maximum_bytes) {
  BlockScan scan;
  const PageBuffer buffer(maximum_bytes);
  for (std::uint64_t i = 0; i < count; ++i) {
    ReadOutcome outcome = drive.read_block(buffer.span());
    scan.result = std::move(outcome.result);
    if (outcome.kind != ReadKind::block) {
      scan.stopped_at = stop_of(outcome.kind);
      break;
    }
    append_be(scan.digests, 8, xxh3_64(buffer.span().first(outcome.length)));
    append_be(scan.lengths, 4, outcome.length);
  }
  return scan;
}

ByteScan digest_bytes(TapeDrive& drive, std::size_t skip, std::uint64_t bytes,
                      std::size_t maximum_bytes) {
  ByteScan scan;
  const PageBuffer buffer(maximum_bytes);
  Xxh3Stream digest;
  while (bytes > 0) {
    ReadOutcome outcome = drive.read_block(buffer.span());
    scan.result = std::move(outcome.result);
    if (outcome.kind != ReadKind::block) return scan;
    const std::size_t skipped = std::min(skip, outcome.length);
    skip -= skipped;
    const std::size_t taken = std::min<std::uint64_t>(outcome.length - skipped, bytes);
    digest.update(buffer.span().subspan(skipped, taken));
    bytes -= taken;
  }
  scan.digest = digest.digest();
  return scan;
}

TapeFileCopy copy_tape_file(TapeDrive& drive, int descriptor, std::size_t maximum_bytes) {
  TapeFileCopy copy;
  const PageBuffer buffer(maximum_bytes);
  while (true) {
    ReadOutcome outcome = drive.read_block(buffer.span());
    copy.result = std::move(outcome.result);
    if (outcome.kind != ReadKind::block) {
      copy.stopped_at = stop_of(outcome.kind);
      return copy;
    }
    copy.write_error_number = write_fully(descriptor, buffer.span().first(outcome.length));
    if (copy.write_error_number != 0) return copy;
    copy.bytes += outcome.length;
    ++copy.blocks;
  }
}

}  // namespace tidemark
