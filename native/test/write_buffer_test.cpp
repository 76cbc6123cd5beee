// SPDX-License-Identifier: Apache-2.0
#include "simulator/write_buffer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tidemark::simulator;

namespace {

std::vector<std::uint8_t> block(std::size_t size, char fill) {
  return std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(fill));
}

std::string text_of(const WriteBuffer::Batch& batch) {
  std::string text;
  for (const auto& piece : batch.data) {
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return text;
}

}  // namespace

TEST_CASE("what compression saves of the blocks goes and comes with them") {
  WriteBuffer buffer(100);
  CHECK(buffer.push_block(block(8, 'a'), 0, 64));
  CHECK(buffer.push_block(block(8, 'b'), 0, 96));
  CHECK(buffer.push_block(block(8, 'c')));
  CHECK(buffer.bytes() == 24);
  CHECK(buffer.native_bytes() == 4 + 2 + 8);
  const auto batch = buffer.oldest(1);
  CHECK(batch.objects.front().parts_saved == 64);
  buffer.remove(batch);
  CHECK(buffer.native_bytes() == 2 + 8);
  buffer.clear();
  CHECK(buffer.native_bytes() == 0);
}

TEST_CASE("the oldest go first, across the wrap") {
  WriteBuffer buffer(10);
  CHECK(buffer.empty());
  CHECK(buffer.push_block(block(4, 'a')));
  CHECK(buffer.push_block(block(4, 'b')));
  CHECK_FALSE(buffer.push_block(block(3, 'c')));
  auto batch = buffer.oldest(1);
  CHECK(text_of(batch) == "aaaa");
  buffer.remove(batch);
  CHECK(buffer.push_block(block(5, 'c')));
  buffer.push_filemark();
  CHECK(buffer.objects() == 3);
  CHECK(buffer.filemarks() == 1);
  CHECK(buffer.bytes() == 9);
  batch = buffer.oldest(100);
  CHECK(batch.data.size() == 2);
  CHECK(text_of(batch) == "bbbbccccc");
  CHECK(batch.objects.size() == 3);
  CHECK(batch.objects[2].filemark);
  buffer.remove(batch);
  CHECK(buffer.empty());
  CHECK(buffer.bytes() == 0);
}

TEST_CASE("filemarks need no room, and a buffer without room takes them alone") {
  WriteBuffer buffer(0);
  CHECK_FALSE(buffer.push_block(block(1, 'a')));
  buffer.push_filemark();
  const auto batch = buffer.oldest(SIZE_MAX);
  CHECK(batch.objects.size() == 1);
  CHECK(batch.data.empty());
  buffer.remove(batch);
  CHECK(buffer.empty());
}
