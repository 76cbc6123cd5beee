// SPDX-License-Identifier: Apache-2.0
#include "transport/tracing.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "scripted_transport.h"
#include "temporary_folder.h"
#include "transport/replay.h"

using namespace tidemark;

namespace {

struct Traced {
  test::TemporaryFolder folder;
  std::string path = folder.path() + "/trace";
  test::Script script;

  std::unique_ptr<Transport> open(TraceData data = TraceData::counted) {
    return std::make_unique<TracingTransport>(std::make_unique<test::ScriptedTransport>(script),
                                              path, data);
  }
  [[nodiscard]] std::string text() const {
    std::stringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};

}  // namespace

TEST_CASE("one line a command, in a file of its owner alone, appended") {
  Traced traced;
  for (int i = 0; i < 2; ++i) {
    auto transport = traced.open();
    traced.script.good().good();
    transport->execute({.cdb = scsi::test_unit_ready()});
    transport->execute({.cdb = scsi::rewind()});
  }
  const auto text = traced.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  struct stat status {};
  REQUIRE(::stat(traced.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("without its trace file no command is sent") {
  Traced traced;
  traced.path = traced.folder.path() + "/missing/trace";
  traced.script.good();
  auto transport = traced.open();
  const auto result = transport->execute({.cdb = scsi::rewind()});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.error_number == ENOENT);
  CHECK(result.detail.find("cannot open the trace file " + traced.path) == 0);
  CHECK(traced.script.cdbs.empty());
}

TEST_CASE("a trace that cannot be written ends, and the work goes on") {
  Traced traced;
  traced.path = "/dev/full";
  traced.script.good().good();
  auto transport = traced.open();
  auto result = transport->execute({.cdb = scsi::rewind()});
  CHECK(result.outcome == Outcome::completed);
  CHECK(result.detail.find("tracing has ended") != std::string::npos);
  result = transport->execute({.cdb = scsi::rewind()});
  CHECK(result.outcome == Outcome::completed);
  CHECK(result.detail.empty());
}

TEST_CASE("a recording is played back: the same answers, data and sense data") {
  Traced traced;
  const std::vector<std::uint8_t> block{1, 2, 3, 4, 5};
  traced.script.good(block).check(6, 0x29, 0x00).good();
  {
    auto recorder = traced.open(TraceData::all);
    std::array<std::uint8_t, 8> in{};
    recorder->execute({.cdb = scsi::read_6(8), .data_in = in});
    recorder->execute({.cdb = scsi::test_unit_ready()});
    recorder->execute({.cdb = scsi::write_6(5), .data_out = block});
  }
  ReplayTransport replay(traced.path);
  std::array<std::uint8_t, 8> in{};
  const auto read = replay.execute({.cdb = scsi::read_6(8), .data_in = in});
  CHECK(read.outcome == Outcome::completed);
  CHECK(read.residual == 3);
  CHECK(std::equal(block.begin(), block.end(), in.begin()));
  const auto ready = replay.execute({.cdb = scsi::test_unit_ready()});
  REQUIRE(ready.decoded_sense());
  CHECK(ready.decoded_sense()->is(6, 0x29, 0x00));
  CHECK(replay.execute({.cdb = scsi::write_6(5), .data_out = block}).scsi_status == 0);
  const auto end = replay.execute({.cdb = scsi::rewind()});
  CHECK(end.outcome == Outcome::not_sent);
  CHECK(end.detail.find("ends here, after line 3") != std::string::npos);
}

TEST_CASE("another command than the recorded one is refused, and the recorded one still waits") {
  Traced traced;
  traced.script.good().good();
  {
    auto recorder = traced.open(TraceData::all);
    recorder->execute({.cdb = scsi::rewind()});
    recorder->execute({.cdb = scsi::test_unit_ready()});
  }
  ReplayTransport replay(traced.path);
  for (int i = 0; i < 2; ++i) {
    const auto other = replay.execute({.cdb = scsi::load_unload(true)});
    CHECK(other.outcome == Outcome::not_sent);
    CHECK(other.detail.find("has REWIND 010000000000 here, not LOAD 1b0000000100 (line 1)") !=
          std::string::npos);
  }
  CHECK(replay.execute({.cdb = scsi::rewind()}).outcome == Outcome::completed);
  CHECK(replay.execute({.cdb = scsi::test_unit_ready()}).outcome == Outcome::completed);
}

TEST_CASE("a trace without its data cannot stand in for a recording") {
  Traced traced;
  traced.script.good({1, 2, 3});
  std::array<std::uint8_t, 3> in{};
  traced.open()->execute({.cdb = scsi::read_6(3), .data_in = in});
  const auto result = ReplayTransport(traced.path).execute({.cdb = scsi::read_6(3), .data_in = in});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.detail.find("it is a trace, not a recording (line 1)") != std::string::npos);
}

TEST_CASE("a damaged line is named, and nothing behind it is played") {
  Traced traced;
  const std::string good =
      "{\"command\":\"REWIND\",\"cdb\":\"010000000000\",\"outcome\":\"completed\"}";
  traced.write(good + "\n{\"command\":7}\n" + good + "\n");
  ReplayTransport replay(traced.path);
  CHECK(replay.execute({.cdb = scsi::rewind()}).outcome == Outcome::completed);
  for (int i = 0; i < 2; ++i) {
    const auto damaged = replay.execute({.cdb = scsi::rewind()});
    CHECK(damaged.outcome == Outcome::not_sent);
    CHECK(damaged.detail ==
          "line 2 of the recording " + traced.path + " is damaged: expected \" at column 12");
  }
}

TEST_CASE("a recording cannot claim more data than it has") {
  Traced traced;
  traced.write(
      "{\"command\":\"READ(6)\",\"cdb\":\"080000000800\",\"outcome\":\"completed\","
      "\"dataIn\":\"0102\"}\n"
      "{\"command\":\"READ(6)\",\"cdb\":\"080000000800\",\"outcome\":\"completed\","
      "\"dataIn\":\"01020304050607080910\",\"residual\":-3}");
  ReplayTransport replay(traced.path);
  std::array<std::uint8_t, 8> in{};
  CHECK(replay.execute({.cdb = scsi::read_6(8), .data_in = in}).residual == 6);
  CHECK(replay.execute({.cdb = scsi::read_6(8), .data_in = in}).residual == -3);
  CHECK(in[7] == 8);
}

TEST_CASE("a recording that is not there") {
  const auto result = ReplayTransport("/no/such/recording").execute({.cdb = scsi::rewind()});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.detail == "cannot open the recording /no/such/recording: No such file or directory");
}
