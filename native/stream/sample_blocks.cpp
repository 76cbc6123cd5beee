// SPDX-License-Identifier: Apache-2.0
#include "stream/sample_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>

#include "scsi/bytes.h"
#include "stream/page_buffer.h"
#include "stream/xxh3.h"

namespace tidemark {
namespace {

/// More than drives look back to find repetitions, and room for the longest block.
constexpr std::size_t pool_bytes = std::size_t{32} << 20;
constexpr std::size_t page_bytes = 4096;
/// Of the compressible bytes one half is drawn, and repeated at once.
constexpr std::size_t repeated_bytes = 256;
/// So many durations are kept of one run; it goes on in the next one.
constexpr std::uint64_t longest_run = std::uint64_t{1} << 20;

PageBuffer make_pool(SampleData data) {
  PageBuffer buffer(pool_bytes);
  const auto pool = buffer.span();
  std::array<std::uint8_t, sizeof(std::uint64_t)> number{};
  for (std::size_t at = 0; at < pool_bytes; at += sizeof(std::uint64_t)) {
    if (data == SampleData::compressible && at / repeated_bytes % 2 != 0) {
      std::memcpy(&pool[at], &pool[at - repeated_bytes], sizeof(std::uint64_t));
    } else {
      // No coder finds anything in digests of numbers.
      scsi::store_be64(number, 0, at);
      scsi::store_be64(pool, at, xxh3_64(number));
    }
  }
  return buffer;
}

std::span<const std::uint8_t> pool_of(SampleData data) {
  // Never destroyed: threads of devices may outlive static objects.
  if (data == SampleData::compressible) {
    static const auto* compressible = new PageBuffer(make_pool(data));
    return compressible->span();
  }
  static const auto* incompressible = new PageBuffer(make_pool(data));
  return incompressible->span();
}

}  // namespace

SampleRun write_samples(TapeDrive& drive, SampleData data, std::uint64_t first, std::uint64_t count,
                        std::size_t block_bytes) {
  const auto pool = pool_of(data);
  const auto places = (pool_bytes - block_bytes) / page_bytes + 1;
  // Whole pages, as the ring's records are: some ways to a drive copy what does not begin with one.
  const auto pages = (block_bytes + page_bytes - 1) / page_bytes;
  SampleRun run;
  for (const auto end = std::min(count, longest_run); run.blocks < end;) {
    const auto place = (first + run.blocks) % places * pages % places;
    run.last = drive.write_block(pool.subspan(place * page_bytes, block_bytes));
    const auto offset = run.durations_us.size();
    run.durations_us.resize(offset + sizeof(std::uint32_t));
    scsi::store_be32(run.durations_us, offset,
                     static_cast<std::uint32_t>(std::min<std::uint64_t>(
                         run.last.result.duration_us, std::numeric_limits<std::uint32_t>::max())));
    if (run.last.kind != WriteKind::written || run.last.accepted != block_bytes) break;
    ++run.blocks;
    if (run.last.early_warning || run.last.programmable_early_warning) break;
  }
  return run;
}

}  // namespace tidemark
