// SPDX-License-Identifier: Apache-2.0
#include "transport/trace_line.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace tidemark;

namespace {

Result completed() {
  Result result;
  result.outcome = Outcome::completed;
  return result;
}

std::string traced(const Command& command, const Result& result,
                   TraceData data = TraceData::counted) {
  return encode_trace_line(command, result, data);
}

std::string problem_of(std::string_view text) {
  const auto outcome = decode_trace_line(text);
  CHECK_FALSE(outcome.line);
  CHECK_FALSE(outcome.problem.empty());
  return outcome.problem;
}

scsi::Cdb security_protocol_out() {
  scsi::Cdb cdb;
  cdb.bytes[0] = 0xB5;
  cdb.length = 12;
  cdb.direction = Direction::to_device;
  cdb.name = "SECURITY PROTOCOL OUT";
  return cdb;
}

}  // namespace

TEST_CASE("a line has what there is, and nothing that is empty") {
  auto result = completed();
  result.duration_us = 52;
  CHECK(traced({.cdb = scsi::test_unit_ready()}, result) ==
        "{\"command\":\"TEST UNIT READY\",\"cdb\":\"000000000000\",\"outcome\":\"completed\","
        "\"durationUs\":52}\n");
  result.scsi_status = 2;
  result.host_status = 3;
  result.driver_status = 8;
  result.error_number = 5;
  result.residual = -7;
  result.nexus = 2;
  result.outcome = Outcome::unknown;
  result.sense[0] = 0x70;
  result.sense_length = 3;
  result.detail = "a \"quote\", a \\ and a\nline";
  CHECK(traced({.cdb = scsi::rewind()}, result) ==
        "{\"command\":\"REWIND\",\"cdb\":\"010000000000\",\"outcome\":\"unknown\","
        "\"scsiStatus\":2,\"hostStatus\":3,\"driverStatus\":8,\"errno\":5,\"sense\":\"700000\","
        "\"residual\":-7,\"nexus\":2,\"durationUs\":52,"
        "\"detail\":\"a \\\"quote\\\", a \\\\ and a\\u000aline\"}\n");
}

TEST_CASE("data of READ and WRITE is counted, and shown in a recording") {
  const std::vector<std::uint8_t> out{1, 2, 255};
  std::vector<std::uint8_t> in{9, 8, 7, 6};
  const Command write{.cdb = scsi::write_6(3), .data_out = out};
  const Command read{.cdb = scsi::read_6(4), .data_in = in};
  auto result = completed();
  CHECK(traced(write, result).find("\"dataOut\":{\"bytes\":3}") != std::string::npos);
  CHECK(traced(write, result, TraceData::all).find("\"dataOut\":\"0102ff\"") != std::string::npos);
  result.residual = 1;
  CHECK(traced(read, result).find("\"dataIn\":{\"bytes\":3}") != std::string::npos);
  CHECK(traced(read, result, TraceData::all).find("\"dataIn\":\"090807\"") != std::string::npos);
  result.outcome = Outcome::unknown;
  CHECK(traced(read, result, TraceData::all).find("dataIn") == std::string::npos);
}

TEST_CASE("other data is shown, up to a bound, and not with a check condition") {
  std::vector<std::uint8_t> in(65537);
  auto result = completed();
  const Command inquiry{.cdb = scsi::inquiry(96), .data_in = std::span(in).first(4)};
  CHECK(traced(inquiry, result).find("\"dataIn\":\"00000000\"") != std::string::npos);
  const Command status{
      .cdb = scsi::read_element_status(scsi::ElementType::storage, 0, 1, true, false, 65537),
      .data_in = in};
  CHECK(traced(status, result).find("\"dataIn\":{\"bytes\":65537}") != std::string::npos);
  result.scsi_status = scsi_status::check_condition;
  CHECK(traced(inquiry, result).find("dataIn") == std::string::npos);
  CHECK(traced(inquiry, result, TraceData::all).find("dataIn") != std::string::npos);
}

TEST_CASE("keys are in no trace and in no recording") {
  const std::vector<std::uint8_t> key{0xDE, 0xAD, 0xBE, 0xEF};
  const Command command{.cdb = security_protocol_out(), .data_out = key};
  for (const auto data : {TraceData::counted, TraceData::all}) {
    const auto line = traced(command, completed(), data);
    CHECK(line.find("\"dataOut\":{\"bytes\":4}") != std::string::npos);
    CHECK(line.find("deadbeef") == std::string::npos);
  }
}

TEST_CASE("what was written is read back") {
  std::vector<std::uint8_t> in{9, 8, 7, 6};
  auto result = completed();
  result.outcome = Outcome::not_sent;
  result.scsi_status = 2;
  result.host_status = 65535;
  result.driver_status = 8;
  result.error_number = 110;
  result.sense[2] = 0x40;
  result.sense_length = 18;
  result.residual = -1;
  result.nexus = 3;
  result.duration_us = 1234567890123;
  result.detail = "tab\t \"q\" \\ \u00fc";
  auto text = traced({.cdb = scsi::read_6(4), .data_in = in}, result, TraceData::all);
  text.pop_back();
  const auto decoded = decode_trace_line(text);
  REQUIRE(decoded.line);
  const auto& line = *decoded.line;
  CHECK(line.command == "READ(6)");
  CHECK(line.cdb == std::vector<std::uint8_t>{8, 0, 0, 0, 4, 0});
  CHECK_FALSE(line.data_in);  // it was not sent
  CHECK(line.result.outcome == Outcome::not_sent);
  CHECK(line.result.host_status == 65535);
  CHECK(line.result.error_number == 110);
  CHECK(line.result.sense_length == 18);
  CHECK(std::equal(result.sense.begin(), result.sense.end(), line.result.sense.begin()));
  CHECK(line.result.residual == -1);
  CHECK(line.result.nexus == 3);
  CHECK(line.result.duration_us == 1234567890123);
  CHECK(line.result.detail == result.detail);
}

TEST_CASE("fields come in any order, with white space, with escapes") {
  const auto decoded = decode_trace_line(
      " { \"outcome\" : \"completed\" , \"dataIn\" : { \"bytes\" : 12 },\t\"cdb\":\"000000000000\","
      "\"command\":\"\\u0054\\u00fc\\u20ac\\/\\b\\f\\r\\t\"} \r");
  REQUIRE(decoded.line);
  CHECK(decoded.line->command == "T\u00fc\u20ac/\b\f\r\t");
  REQUIRE(decoded.line->data_in);
  CHECK(decoded.line->data_in->length == 12);
  CHECK_FALSE(decoded.line->data_in->bytes);
}

TEST_CASE("anything else is refused, with the reason and the column") {
  const std::string begin = "{\"command\":\"X\",\"cdb\":\"000000000000\",\"outcome\":\"completed\"";
  CHECK(decode_trace_line(begin + "}").line);
  CHECK(problem_of("") == "expected { at column 1");
  CHECK(problem_of("[]") == "expected { at column 1");
  CHECK(problem_of("{}") == "command is missing at column 3");
  CHECK(problem_of(begin) == "expected , at column " + std::to_string(begin.size() + 1));
  CHECK(problem_of(begin + "}x").find("something follows") == 0);
  CHECK(problem_of(begin + ",\"nonsense\":1}").find("unknown field nonsense") == 0);
  CHECK(problem_of(begin + ",\"command\":\"Y\"}").find("command is there twice") == 0);
  CHECK(problem_of("{\"command\":\"X\"}").find("cdb is missing") == 0);
  for (const char* rest : {",",
                           ",}",
                           ",\"errno\"}",
                           ",\"errno\":}",
                           ",\"errno\":\"1\"}",
                           ",\"errno\":1.5}",
                           ",\"errno\":1e3}",
                           ",\"errno\":99999999999}",
                           ",\"errno\":99999999999999999999}",
                           ",\"scsiStatus\":256}",
                           ",\"scsiStatus\":-1}",
                           ",\"durationUs\":-1}",
                           ",\"nexus\":-1}",
                           ",\"sense\":\"7\"}",
                           ",\"sense\":\"7g\"}",
                           ",\"sense\":\"7G\"}",
                           ",\"sense\":7}",
                           ",\"sense\":\"70}",
                           ",\"detail\":\"\\x\"}",
                           ",\"detail\":\"\\u12\"}",
                           ",\"detail\":\"\\ud800\"}",
                           ",\"detail\":\"\\",
                           ",\"detail\":null}",
                           ",\"dataIn\":12}",
                           ",\"dataIn\":{\"bytes\":-1}}",
                           ",\"dataIn\":{\"length\":1}}",
                           ",\"dataIn\":[]}",
                           ",\"dataIn\":{\"bytes\":1}",
                           ",\"dataOut\":\"0\"}"}) {
    CAPTURE(rest);
    problem_of(begin + rest);
  }
  problem_of(begin + ",\"sense\":\"" + std::string(506, '0') + "\"}");  // 253 bytes
  problem_of("{\"command\":\"X\",\"cdb\":\"0000000000\",\"outcome\":\"completed\"}");
  problem_of("{\"command\":\"X\",\"cdb\":\"" + std::string(34, '0') +
             "\",\"outcome\":\"unknown\"}");
  problem_of("{\"command\":\"X\",\"cdb\":\"000000000000\",\"outcome\":\"lost\"}");
}
