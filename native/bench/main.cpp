// SPDX-License-Identifier: Apache-2.0
// The data path without Node.js and without a tape, for `scripts/bench`: counted by callgrind and
// strace, and compared with what this machine can read at all.
//
//   tidemark_bench pack FOLDER [READERS [RING_MIB]]   walks, packs and digests into a null device
//   tidemark_bench read FILE...                       only reads, in pieces of 1 MiB
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "stream/packer.h"
#include "stream/ring.h"
#include "stream/ring_drain.h"
#include "transport/unique_fd.h"

namespace tidemark {
namespace {

constexpr std::size_t record_size = 512 << 10;
constexpr std::size_t piece_size = 1 << 20;
constexpr unsigned default_ring_mib = 256;
/// Larger than any source: one segment, so that the only barrier is the one at the source's end.
constexpr std::uint64_t endless_segment = 1ull << 50;
constexpr int wrong_arguments = 2;

int failed(const char* what, const char* path) {
  std::fprintf(stderr, "tidemark_bench: cannot %s %s: %s\n", what, path, std::strerror(errno));
  return 1;
}

/// What a packer tells, counted: its frames are encoded as for a catalog, and end here.
struct Told {
  std::uint64_t objects = 0;
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;

  void take(const PackerEvent& event) {
    if (const auto* frame = std::get_if<RecordFrame>(&event)) {
      records += frame->records;
      record_bytes += frame->size;
    }
    if (const auto* done = std::get_if<SourceDoneEvent>(&event)) {
      objects = done->summary.objects_written;
    }
  }
};

/// 0 readers: as many as the packer has by itself.
int pack(const char* folder, unsigned readers, unsigned ring_mib) {
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(folder, nullptr), &std::free);
  if (!path) return failed("find", folder);
  const UniqueFd sink(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (sink.get() < 0) return failed("open", "/dev/null");
  auto ring = std::make_shared<Ring>(record_size, std::size_t{ring_mib} << 20);
  errno = ring->error_number();
  if (errno != 0) return failed("get memory for", "the ring");
  PackerOptions options;
  if (readers != 0) options.readers = readers;
  options.first_container_id = 1;
  options.segment_bytes = endless_segment;
  Told told;
  Packer packer(ring, options, [&told](PackerEvent&& event) { told.take(event); });
  PackerSource source;
  source.path = path.get();
  if (const char* problem = packer.start(std::move(source))) {
    std::fprintf(stderr, "tidemark_bench: %s\n", problem);
    return 1;
  }
  // The barrier at the source's end is the end of the ring, and so of the drain.
  const RingDrain drain = drain_ring(*ring, sink.get(), Ring::no_end);
  // Events come from other threads until they are joined.
  packer.stop();
  errno = drain.error_number;
  if (errno != 0) return failed("write to", "/dev/null");
  std::printf(R"({"bytes": %llu, "objects": %llu, "records": %llu, "recordBytes": %llu})"
              "\n",
              static_cast<unsigned long long>(drain.bytes),
              static_cast<unsigned long long>(told.objects),
              static_cast<unsigned long long>(told.records),
              static_cast<unsigned long long>(told.record_bytes));
  return 0;
}

int read_files(char** first, char** end) {
  std::vector<char> piece(piece_size);
  unsigned long long bytes = 0;
  for (char** path = first; path != end; ++path) {
    const UniqueFd file(open(*path, O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed("open", *path);
    for (;;) {
      const ssize_t count = read(file.get(), piece.data(), piece.size());
      if (count < 0) return failed("read", *path);
      if (count == 0) break;
      bytes += static_cast<unsigned long long>(count);
    }
  }
  std::printf("{\"bytes\": %llu}\n", bytes);
  return 0;
}

/// 0 where the text is no number of at most `most`.
unsigned number(const char* text, unsigned most) {
  const char* const end = text + std::strlen(text);
  unsigned value = 0;
  const auto [rest, error] = std::from_chars(text, end, value);
  return error == std::errc() && rest == end && value <= most ? value : 0;
}

int run(int count, char** arguments) {
  const std::string_view command = count > 1 ? arguments[1] : "";
  if (command == "read" && count > 2) return read_files(arguments + 2, arguments + count);
  const unsigned readers = count > 3 ? number(arguments[3], 64) : 0;
  const unsigned ring_mib = count > 4 ? number(arguments[4], 64 << 10) : default_ring_mib;
  if (command == "pack" && count >= 3 && count <= 5 && (count == 3 || readers != 0) &&
      ring_mib != 0) {
    return pack(arguments[2], readers, ring_mib);
  }
  std::fputs("usage: tidemark_bench pack FOLDER [READERS [RING_MIB]] | read FILE...\n", stderr);
  return wrong_arguments;
}

}  // namespace
}  // namespace tidemark

int main(int count, char** arguments) { return tidemark::run(count, arguments); }
