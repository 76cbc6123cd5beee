// SPDX-License-Identifier: Apache-2.0
#include "stream/write_gate.h"

#include <doctest/doctest.h>

#include <thread>

using namespace tidemark;

TEST_CASE("only what was announced can be acknowledged, and never less than before") {
  WriteGate gate(1000);
  CHECK(gate.orders().acknowledged == 1000);
  CHECK_FALSE(gate.acknowledge(1001));
  gate.announced(3000);
  CHECK(gate.acknowledge(2000));
  CHECK(gate.acknowledge(1500));
  CHECK(gate.orders().acknowledged == 2000);
}

TEST_CASE("a run's limit only goes down, and each run has its own") {
  WriteGate gate(0);
  int wakes = 0;
  gate.on_change([&] { ++wakes; });
  gate.begin(500);
  gate.lower_limit(700);
  CHECK(gate.orders().limit == 500);
  CHECK(wakes == 0);
  gate.lower_limit(300);
  CHECK(gate.orders().limit == 300);
  CHECK(wakes == 1);
  gate.begin(WriteGate::no_limit);
  CHECK(gate.orders().limit == WriteGate::no_limit);
}

TEST_CASE("a cut overrides a checkpoint, not the other way round, and a new run forgets both") {
  WriteGate gate(0);
  gate.begin(WriteGate::no_limit);
  gate.request_stop(WriteGate::StopRequest::checkpoint);
  CHECK(gate.orders().stop == WriteGate::StopRequest::checkpoint);
  gate.request_stop(WriteGate::StopRequest::cut);
  gate.request_stop(WriteGate::StopRequest::checkpoint);
  CHECK(gate.orders().stop == WriteGate::StopRequest::cut);
  gate.begin(WriteGate::no_limit);
  CHECK_FALSE(gate.orders().stop);
}

TEST_CASE("whoever waits for an acknowledgement is woken by it, and by every order to end") {
  WriteGate gate(0);
  gate.begin(WriteGate::no_limit);
  gate.announced(100);
  std::thread other;
  SUBCASE("acknowledgement") {
    other = std::thread([&] { CHECK(gate.acknowledge(100)); });
  }
  SUBCASE("request to stop") {
    other = std::thread([&] { gate.request_stop(WriteGate::StopRequest::cut); });
  }
  SUBCASE("limit") {
    other = std::thread([&] { gate.lower_limit(0); });
  }
  SUBCASE("end of the environment") {
    other = std::thread([&] { gate.abandon(); });
  }
  const WriteGate::Orders orders = gate.wait_for_acknowledgement(0);
  other.join();
  CHECK((orders.acknowledged == 100 || orders.stop || orders.limit == 0 || orders.abandoned));
}
