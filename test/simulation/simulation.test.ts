// SPDX-License-Identifier: Apache-2.0
/**
 * A sample of the crash matrix (`scripts/crash-matrix` runs all of it, and repeats many courses in other processes), and
 * the courses that once failed. How many is set by the variables below.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { caseText, parseCase } from "./case.ts";
import { Chance } from "./chance.ts";
import { Simulator } from "./simulator.ts";
import type { Outcome } from "./simulator.ts";

function numberOf(variable: string, usual: number): number {
  const number = Number(process.env[variable] ?? usual);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${variable} must be a number, 0 or more`);
  return number;
}

const singles = numberOf("TIDEMARK_SIMULATION_SINGLE", 12);
const doubles = numberOf("TIDEMARK_SIMULATION_DOUBLE", 8);
const restores = numberOf("TIDEMARK_SIMULATION_RESTORE", 8);
const randoms = numberOf("TIDEMARK_SIMULATION_RANDOM", 8);
const seed = numberOf("TIDEMARK_SIMULATION_SEED", 1);

/** What is to be read where a course fails: how to replay it, and what was wrong. */
function failures(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ text, violations }) =>
    violations.length === 0 ? [] : [`scripts/simulate --case '${text}': ${violations.slice(0, 3).join("; ")}`],
  );
}

describe("simulation", function () {
  this.timeout(3_600_000);
  const small = new Simulator("small");
  const reference = new Simulator("reference");

  after(() => {
    small.close();
    reference.close();
  });

  it("the reference job has what it is there for: three cartridges, a thousand commands", async () => {
    const { attempts, violations } = await reference.usual();
    expect(violations).to.deep.equal([]);
    const [first] = attempts;
    expect(first?.trace.commands.length).to.be.at.least(1000);
    const writing = first?.trace.commands.filter(({ operation }) => operation === "WRITE(6)") ?? [];
    expect(writing.length).to.be.at.least(1000);
    expect((await reference.singles()).length).to.be.at.least(20_000);
  });

  it(`one fault at each of ${singles} boundaries of the reference job, spread evenly`, async () => {
    const outcomes: Outcome[] = [];
    for (const fault of new Chance(seed).sample(await reference.singles(), singles)) {
      outcomes.push(await reference.run({ job: "reference", seed, faults: [[fault]] }));
    }
    expect(failures(outcomes)).to.deep.equal([]);
    expect(outcomes.length).to.equal(singles);
  });

  it(`a second fault during the resume: ${doubles} pairs of the small job`, async () => {
    const outcomes: Outcome[] = [];
    const firsts = new Chance(seed).sample(await small.singles(), doubles * 2);
    for (const first of firsts) {
      if (outcomes.length >= doubles) break;
      for await (const outcome of small.doubles(seed, first, 4)) outcomes.push(outcome);
    }
    expect(failures(outcomes)).to.deep.equal([]);
    expect(outcomes.length).to.be.at.least(doubles);
  });

  it(`one fault in the restore: ${restores} of the small job, bad spots among them`, async () => {
    const outcomes: Outcome[] = [];
    for (const fault of new Chance(seed).sample(await small.restoreSingles(), restores)) {
      outcomes.push(await small.run({ job: "small", seed, faults: [], restoreFaults: [fault] }));
    }
    expect(failures(outcomes)).to.deep.equal([]);
    expect(outcomes.length).to.equal(restores);
  });

  it("a course that was printed is the same when it is read again", async () => {
    const faults = [...(await small.singles()), ...(await small.restoreSingles())];
    for (const fault of faults) {
      const simulated = { job: "small", seed, faults: [[fault], []], restoreFaults: [fault] };
      expect(parseCase(caseText(simulated))).to.deep.equal(simulated);
    }
    for (let number = 0; number < 200; number++) {
      const text = caseText(await small.random(number));
      expect(caseText(parseCase(text))).to.equal(text);
    }
  });

  it(`three to eight faults by chance, two drives and a changer: ${randoms} seeds`, async () => {
    const outcomes: Outcome[] = [];
    for (let index = 0; index < randoms; index++) {
      outcomes.push(await small.run(await small.random(seed + index)));
    }
    expect(failures(outcomes)).to.deep.equal([]);
  });

  it("the same course has the same trace hash, another one has another", async () => {
    const hash = async (each: number): Promise<string> => (await small.course(await small.random(each), "checks")).hash;
    const [first, other, again] = [await hash(seed), await hash(seed + 1), await hash(seed)];
    expect(again).to.equal(first);
    expect(other).to.not.equal(first);
  });

  const { cases } = JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8")) as {
    readonly cases: readonly { readonly case: string; readonly title: string }[];
  };
  for (const { case: text, title } of cases) {
    it(`${title} (${text})`, async () => {
      const { violations } = await (text.startsWith("small:") ? small : reference).named(text);
      expect(violations).to.deep.equal([]);
    });
  }
});
