// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { comparisonTable } from "../../scripts/benchmark/comparison.ts";
import { isMet, valueText } from "../../scripts/benchmark/figure.ts";
import type { Figure, RowResult } from "../../scripts/benchmark/figure.ts";
import { parseOptions, UsageError } from "../../scripts/benchmark/options.ts";
import { beginMark, endMark, withResults } from "../../scripts/benchmark/performance-page.ts";
import { plotMarkdown } from "../../scripts/benchmark/plot.ts";
import { checkSpace, chosenRows, mergedRows, neededSpace, rows } from "../../scripts/benchmark/rows.ts";
import { mebibytesText, median, ratio, secondsText } from "../../scripts/benchmark/statistics.ts";
import { resultTable, tableMarkdown, tableText } from "../../scripts/benchmark/table.ts";

const wall: Figure = { name: "wall", value: 0.5, unit: "ratio", goal: { is: "atMost", value: 0.65 } };
const row = (figures: readonly Figure[], notMeasured: readonly string[] = []): RowResult => ({
  key: "small",
  title: "small files",
  date: "2020-01-01T00:00:00.000Z",
  commit: "abc",
  figures,
  runs: [],
  notMeasured,
});

describe("benchmark", () => {
  it("takes the middle of runs, and ratios of the middles", () => {
    expect(median([9, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 9])).to.equal(3);
    expect(median([])).to.be.NaN;
    expect(ratio([1, 2, 9], [4, 4, 100])).to.equal(0.5);
    expect(secondsText([3, 1, 2])).to.equal("2.00 s (1.00)");
    expect(mebibytesText([3 * 2 ** 20, 2 ** 20])).to.equal("2 MiB (1)");
  });

  it("says whether a goal is met, from either side", () => {
    expect(isMet(wall)).to.equal(true);
    expect(isMet({ ...wall, value: 0.66 })).to.equal(false);
    expect(isMet({ ...wall, goal: { is: "atLeast", value: 0.6 } })).to.equal(false);
    expect(isMet({ name: "rate", value: 1, unit: "mebibytesPerS" })).to.equal(undefined);
    expect(valueText(1234567, "count")).to.equal("1,234,567");
    expect(valueText(5.216, "count")).to.equal("5.22");
    expect(valueText(Number.NaN, "seconds")).to.equal("none");
  });

  it("prints a line for each figure, and why a row is missing", () => {
    const table = resultTable([row([wall]), row([], ["only root can"])]);
    expect(table[1]).to.deep.equal(["small files", "wall", "<= 0.65", "0.50", "yes", ""]);
    expect(tableText(table).split("\n")[2]).to.equal("small files  not measured: only root can");
    expect(
      tableMarkdown([
        ["a", "b"],
        ["x|y", "z"],
      ]),
    ).to.equal("| a | b |\n| --- | --- |\n| x\\|y | z |");
  });

  it("compares figures of the same row and name, and none of another unit", () => {
    const now = row([
      { ...wall, value: 0.25 },
      { name: "size", value: 65, unit: "bytes" },
    ]);
    const old = row([wall, { name: "size", value: 65, unit: "ratio" }]);
    expect(comparisonTable([old], [now]).slice(1)).to.deep.equal([
      ["small files", "wall", "0.50", "0.25", "0.50"],
      ["small files", "size", "none", "65.0 B", ""],
    ]);
  });

  it("takes rows from before that were not measured now, in the table's order", () => {
    const of = (key: string, commit: string): RowResult => ({ ...row([]), key, commit });
    const merged = mergedRows(
      [of("memory", "old"), of("small-warm", "old")],
      [of("memory", "new"), of("empty", "new")],
    );
    const told = merged.map(({ commit, key }) => `${key} ${commit}`);
    expect(told).to.deep.equal(["small-warm old", "empty new", "memory new"]);
  });

  it("reads its arguments, and says in a sentence what is wrong with them", () => {
    const known = ["small", "large"];
    const parsed = parseOptions(["--rows", "large", "--rounds", "7", "--memory", "30,10"], known);
    expect(parsed).to.include({ rounds: 7, smallFiles: 200_000, short: false });
    expect(parsed?.rows).to.deep.equal(["large"]);
    expect(parsed?.memoryObjects).to.deep.equal([10, 30]);
    expect(parseOptions(["--short"], known)?.smallFiles).to.be.below(10_000);
    expect(chosenRows(parseOptions(["--rows", "none"], known)!)).to.deep.equal([]);
    expect(parseOptions(["--help", "--short"], known)).to.equal(undefined);
    const wrong = (...args: readonly string[]) => expect(() => parseOptions(args, known), args.join(" "));
    wrong("--rows", "medium").to.throw(UsageError, 'there is no row "medium"; there are small, large');
    wrong("--rows", "small,none").to.throw(UsageError, 'there is no row "none"');
    wrong("--rounds", "0").to.throw(UsageError, '--rounds "0" must be a whole number');
    wrong("--memory", "10,,30").to.throw(UsageError, '--memory ""');
    wrong("--quick").to.throw(UsageError, "Unknown option '--quick': see scripts/bench --help");
    wrong("small").to.throw(UsageError, "Unexpected argument 'small'");
  });

  it("refuses a folder with too little space", () => {
    const options = parseOptions(["--small", "2000000000"], [])!;
    const needed = neededSpace(rows, options);
    expect(needed.bytes).to.be.above(2e13);
    expect(() => checkSpace(".", { bytes: 2 ** 80, inodes: 1 })).to.throw(UsageError, "name another --folder");
    expect(checkSpace(".", { bytes: 1, inodes: 1 })).to.match(/^needs up to 0.0 GiB and 1 inodes; /);
  });

  it("draws a line for each series, and none of a single point", () => {
    const at = (line: string, x: number, value: number): Figure => ({
      name: `${line} ${x}`,
      value,
      unit: "mebibytes",
      point: { line, x },
    });
    const plot = plotMarkdown(row([at("a", 20, 7), at("a", 10, 5), at("b", 10, 1), at("b", 20, 1)]), "MiB");
    expect(plot).to.include('title "small files, MiB: a; b"\n  x-axis [10, 20]\n  y-axis "MiB" 0 --> 8\n');
    expect(plot).to.include("line [5, 7]\n  line [1, 1]\n```");
    expect(plotMarkdown(row([wall, at("a", 10, 5)]), "MiB")).to.equal(undefined);
  });

  it("changes nothing of the page but what stands between the marks", () => {
    const page = `before\n${beginMark}\nold\n${endMark}\nbehind`;
    const written = withResults(page, "new");
    expect(written).to.equal(`before\n${beginMark}\n\nnew\n\n${endMark}\nbehind`);
    expect(withResults(written, "new")).to.equal(written);
    expect(() => withResults("no marks", "new")).to.throw("docs/performance.md");
  });
});
