// SPDX-License-Identifier: Apache-2.0
#include "scsi/supported_operation.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("all commands, with and without timeouts") {
  const Raw raw{0,    0,    0,    28,                 // length
                0x0A, 0,    0,    0,  0, 0x02, 0, 6,  // WRITE(6)
                0,    10,   0,    1,  0, 0,    0, 60,   0, 0,
                5,    0xDC, 0xA3, 0,  0, 0x0C, 0, 0x01, 0, 12};  // with a service action
  const auto operations = decode_supported_operations(raw);
  REQUIRE(operations);
  REQUIRE(operations->size() == 2);
  CHECK(operations->at(0).operation_code == 0x0A);
  CHECK_FALSE(operations->at(0).service_action);
  CHECK(operations->at(0).timeouts == CommandTimeouts{1, 60, 1500});
  CHECK(operations->at(1).service_action == 0x0C);
  CHECK(operations->at(1).cdb_bytes == 12);
  CHECK_FALSE(operations->at(1).timeouts);
  CHECK(encode_supported_operations(*operations) == raw);
}

TEST_CASE("one command with its usage map") {
  const Raw raw{0x00, 0x83, 0, 6, 0x12, 0x01, 0xFF, 0xFF, 0xFF, 0x00, 0,
                10,   0,    0, 0, 0,    0,    5,    0,    0,    0,    60};
  const auto operation = decode_operation_support(raw);
  REQUIRE(operation);
  CHECK(operation->support == OperationSupport::Support::standard);
  CHECK(operation->supported());
  CHECK(operation->usage == Raw{0x12, 0x01, 0xFF, 0xFF, 0xFF, 0x00});
  CHECK(operation->timeouts == CommandTimeouts{0, 5, 60});
  CHECK(encode_operation_support(*operation) == raw);
  CHECK_FALSE(decode_operation_support(std::span(raw).first(21))->timeouts);
  CHECK_FALSE(decode_operation_support(Raw{0, 1, 0, 0})->supported());
  CHECK(decode_operation_support(Raw{0, 5, 0, 0})->supported());
}
