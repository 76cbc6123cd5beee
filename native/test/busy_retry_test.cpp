// SPDX-License-Identifier: Apache-2.0
#include "transport/busy_retry.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "scripted_transport.h"
#include "transport/timeout_limit.h"

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

Result status(std::uint8_t scsi_status) {
  Result result;
  result.outcome = Outcome::completed;
  result.scsi_status = scsi_status;
  return result;
}

struct Retried {
  test::Script script;
  std::vector<std::chrono::milliseconds> waits;

  Result run() {
    BusyRetryTransport transport(std::make_unique<test::ScriptedTransport>(script),
                                 [this](std::chrono::milliseconds wait) { waits.push_back(wait); });
    return transport.execute({.cdb = scsi::write_6(512)});
  }
};

}  // namespace

TEST_CASE("T5: BUSY and TASK SET FULL were not executed: the same CDB goes again") {
  Retried retried;
  retried.script.answers.push_back({status(scsi_status::busy), {}});
  retried.script.answers.push_back({status(scsi_status::task_set_full), {}});
  retried.script.good();
  CHECK(retried.run().scsi_status == scsi_status::good);
  REQUIRE(retried.script.cdbs.size() == 3);
  CHECK(retried.script.cdbs[0] == retried.script.cdbs[2]);
  CHECK(retried.waits == std::vector<std::chrono::milliseconds>{100ms, 200ms});
}

TEST_CASE("T5: after a bound the status is the caller's") {
  Retried retried;
  for (int i = 0; i < 100; ++i) retried.script.answers.push_back({status(scsi_status::busy), {}});
  CHECK(retried.run().scsi_status == scsi_status::busy);
  auto all = 0ms;
  for (const auto wait : retried.waits) {
    CHECK(wait <= 5s);
    all += wait;
  }
  CHECK(all <= 30s);
  CHECK(retried.script.cdbs.size() == retried.waits.size() + 1);
}

TEST_CASE("T2: nothing else is ever repeated") {
  std::vector<Result> results{status(scsi_status::good), status(scsi_status::check_condition),
                              status(scsi_status::reservation_conflict),
                              status(scsi_status::task_aborted), Result{}};
  results.push_back(status(scsi_status::busy));
  results.back().outcome = Outcome::unknown;
  results.push_back(status(scsi_status::busy));
  results.back().host_status = 3;
  results.push_back(status(scsi_status::busy));
  results.back().driver_status = 6;
  for (const auto& result : results) {
    Retried retried;
    retried.script.answers.push_back({result, {}});
    retried.script.good();
    retried.run();
    CHECK(retried.script.cdbs.size() == 1);
    CHECK(retried.waits.empty());
  }
}

namespace {

class TimeoutProbe : public Transport {
 public:
  explicit TimeoutProbe(std::uint32_t& timeout_ms) : timeout_ms_(timeout_ms) {}
  Result execute(const Command& command) override {
    timeout_ms_ = command.timeout_ms;
    return {};
  }
  [[nodiscard]] std::optional<std::uint32_t> maximum_transfer_bytes() override { return 4096; }

 private:
  std::uint32_t& timeout_ms_;
};

}  // namespace

TEST_CASE("a limit shortens timeouts and lengthens none; decorators pass the transfer limit on") {
  std::uint32_t seen = 0;
  TimeoutLimitTransport limit(std::make_unique<TimeoutProbe>(seen), 500);
  for (const auto& [given, expected] :
       {std::pair{60'000U, 500U}, std::pair{20U, 20U}, std::pair{0U, 500U}}) {
    limit.execute({.cdb = scsi::rewind(), .timeout_ms = given});
    CHECK(seen == expected);
  }
  CHECK(limit.maximum_transfer_bytes() == 4096);
}
