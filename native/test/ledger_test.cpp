// SPDX-License-Identifier: Apache-2.0
#include "stream/ledger.h"

#include <doctest/doctest.h>

using namespace tidemark;

TEST_CASE("accepted bytes never exceed submitted ones") {
  Ledger ledger;
  ledger.submit(100);
  CHECK(ledger.accept(60));
  CHECK_FALSE(ledger.accept(41));
  CHECK(ledger.counts().accepted == 60);
  CHECK(ledger.accept(40));
  CHECK(ledger.counts().submitted == 100);
}

TEST_CASE("a run's counts are what came since it began") {
  Ledger ledger;
  ledger.submit(100);
  CHECK(ledger.accept(100));
  const ByteCounts before = ledger.counts();
  ledger.submit(50);
  CHECK(ledger.accept(30));
  CHECK(ledger.since(before).submitted == 50);
  CHECK(ledger.since(before).accepted == 30);
}
