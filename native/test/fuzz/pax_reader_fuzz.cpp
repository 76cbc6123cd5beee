// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "stream/pax_reader.h"
#include "stream/sparse_map_reader.h"

/// The headers of members as they come from a tape, and the map behind those of sparse ones. The
/// first byte says in what pieces they arrive, which must make no difference.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark;
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::span<const std::uint8_t> stream(data + 1, size - 1);

  PaxReader whole;
  whole.restart();
  auto rest_of_whole = stream;
  const PaxReader::State expected = whole.feed(rest_of_whole);

  PaxReader reader;
  reader.restart();
  PaxReader::State state = PaxReader::State::more;
  auto rest = stream;
  while (state == PaxReader::State::more && !rest.empty()) {
    auto next = rest.first(piece < rest.size() ? piece : rest.size());
    const std::size_t before = next.size();
    state = reader.feed(next);
    rest = rest.subspan(before - next.size());
  }
  if (state != expected || rest.size() != rest_of_whole.size()) std::abort();
  if (state != PaxReader::State::complete) return 0;
  if (reader.member().path != whole.member().path) std::abort();
  if (reader.member().sparse) {
    SparseMapReader map(reader.member().archived_bytes, reader.member().real_bytes);
    (void)map.feed(rest);
  }
  return 0;
}
