// SPDX-License-Identifier: Apache-2.0
/**
 * One suite for a tape drive and a medium changer, run once for each bench that `scripts/conformance.ts` describes:
 * the same cases over the simulated library, over iSCSI, and over the Linux kernel's nodes.
 */
import { writeFileSync } from "node:fs";
import { Bench } from "./bench.ts";
import type { BenchDescription } from "./bench.ts";
import { blockCases } from "./block-cases.ts";
import { probe } from "./capabilities.ts";
import type { Capability } from "./capabilities.ts";
import type { Case } from "./case.ts";
import { changerCases } from "./changer-cases.ts";
import { driveCases } from "./drive-cases.ts";
import { positionCases } from "./position-cases.ts";
import type { CaseResult } from "./results.ts";

const cases: readonly Case[] = [...driveCases, ...blockCases, ...positionCases, ...changerCases];
const benches = JSON.parse(process.env["TIDEMARK_CONFORMANCE_BENCHES"] ?? "[]") as readonly BenchDescription[];
const resultsPath = process.env["TIDEMARK_CONFORMANCE_RESULTS"];
const results: CaseResult[] = [];

if (benches.length === 0) throw new Error("run this with: npm run conformance");

for (const description of benches) {
  const { transport } = description;
  describe(`conformance over ${transport}`, () => {
    let bench: Bench;
    let capabilities: ReadonlySet<Capability>;
    const missing = new Map<string, Capability>();

    before(async () => {
      bench = await Bench.open(description);
      capabilities = await probe(bench);
    });

    after(async () => {
      await bench.tidy();
      await bench.close();
    });

    afterEach(function () {
      const { title, state } = this.currentTest ?? {};
      if (title === undefined) return;
      const lacks = missing.get(title);
      const outcome = lacks === undefined ? (state ?? "failed") : "skipped";
      results.push({ transport, name: title, outcome, ...(lacks === undefined ? {} : { lacks }) } as CaseResult);
    });

    for (const { name, needs = [], run } of cases) {
      it(name, async function () {
        const lacks = needs.find((capability) => !capabilities.has(capability));
        if (lacks !== undefined) {
          missing.set(name, lacks);
          this.skip();
        }
        await run(bench);
      });
    }
  });
}

after(() => {
  if (resultsPath !== undefined) writeFileSync(resultsPath, JSON.stringify(results));
});
