// SPDX-License-Identifier: Apache-2.0
/**
 * One suite for a tape drive and a medium changer, run once for each bench that `scripts/conformance.ts` describes:
 * the same cases over the simulated library, over iSCSI, and over the Linux kernel's nodes.
 */
import { writeFileSync } from "node:fs";
import { attributeCases } from "./attribute-cases.ts";
import { Bench } from "./bench.ts";
import type { BenchDescription } from "./bench.ts";
import { blockCases } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { changerCases } from "./changer-cases.ts";
import { driveCases } from "./drive-cases.ts";
import { encryptionCases } from "./encryption-cases.ts";
import { fixedBlockCases } from "./fixed-block-cases.ts";
import { inquiryCases } from "./inquiry-cases.ts";
import { loadCases } from "./load-cases.ts";
import { logCases } from "./log-cases.ts";
import { mediumCases } from "./medium-cases.ts";
import { modeCases } from "./mode-cases.ts";
import { positionCases } from "./position-cases.ts";
import { lacks, probe } from "./requirements.ts";
import type { Found } from "./requirements.ts";
import { reservationCases } from "./reservation-cases.ts";
import type { CaseResult } from "./results.ts";
import { robotCases } from "./robot-cases.ts";
import { spaceCases } from "./space-cases.ts";

const cases: readonly Case[] = [
  ...inquiryCases,
  ...driveCases,
  ...loadCases,
  ...blockCases,
  ...fixedBlockCases,
  ...spaceCases,
  ...positionCases,
  ...modeCases,
  ...mediumCases,
  ...encryptionCases,
  ...attributeCases,
  ...logCases,
  ...reservationCases,
  ...changerCases,
  ...robotCases,
];
const benches = JSON.parse(process.env["TIDEMARK_CONFORMANCE_BENCHES"] ?? "[]") as readonly BenchDescription[];
const resultsPath = process.env["TIDEMARK_CONFORMANCE_RESULTS"];
const results: CaseResult[] = [];

if (benches.length === 0) throw new Error("run this with: npm run conformance");

/** @throws where a case does its work although the library is listed as one that cannot */
async function runInVain(run: Case["run"], bench: Bench, exception: string): Promise<void> {
  const failed = await run(bench).then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error(`this library is listed as one without ${exception}, and yet it passed`);
}

for (const description of benches) {
  const { transport } = description;
  describe(`conformance over ${transport}`, () => {
    let bench: Bench;
    let found: Found;
    const missing = new Map<string, string>();

    before(async () => {
      bench = await Bench.open(description);
      found = await probe(bench);
    });

    after(async () => {
      await bench.tidy();
      await bench.close();
    });

    afterEach(function () {
      const { title, state } = this.currentTest ?? {};
      if (title === undefined) return;
      const lacking = missing.get(title);
      const outcome = lacking === undefined ? (state ?? "failed") : "skipped";
      results.push({
        transport,
        name: title,
        outcome,
        ...(lacking === undefined ? {} : { lacks: lacking }),
      } as CaseResult);
    });

    for (const { name, needs = [], run } of cases) {
      it(name, async function () {
        const lacking = needs.find((requirement) => lacks(found, requirement));
        const exception = description.exceptions.find((each) => needs.includes(each));
        if (lacking === undefined && exception === undefined) {
          await run(bench);
          return;
        }
        if (lacking === undefined && exception !== undefined) await runInVain(run, bench, exception);
        missing.set(name, lacking ?? exception ?? "");
        this.skip();
      });
    }
  });
}

after(() => {
  if (resultsPath !== undefined) writeFileSync(resultsPath, JSON.stringify(results));
});
