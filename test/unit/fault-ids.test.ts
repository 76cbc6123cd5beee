// SPDX-License-Identifier: Apache-2.0
/** Every row of docs/reference/faults.md has a test whose title begins with its id, in C++ or TypeScript. */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** How many rows each part of the catalogue has: a row is neither lost nor added without this list. */
const rows: Readonly<Record<string, number>> = { W: 14, U: 11, R: 10, T: 6, H: 8, S: 12, C: 13 };
const ids = Object.entries(rows).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
);

/** Rows for which there can be no test here; the table says why. */
const untestable: readonly string[] = [];

/** Ids in front of a title: of a case or a suite, or of a table's row that becomes one. "U4, U5: ...", "U6 ...". */
const title = /(?:\b(?:it|describe|TEST_CASE)\(|\[)\s*["'`]([WURTHSC]\d+(?:, [WURTHSC]\d+)*)(?::| \w)/g;

function idsIn(path: string): readonly string[] {
  return [...read(path).matchAll(title)].flatMap(([, named = ""]) => named.split(", "));
}

const testedIn = new Map(
  globSync(["test/**/*.test.ts", "native/test/*_test.cpp"], { cwd: root }).map((path) => [path, idsIn(path)]),
);

/** What the page's table says in its last column, by id. */
const told = new Map(
  read("docs/reference/faults.md")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, id = ""]) => /^[A-Z]\d+$/.test(id))
    .map(([, id = "", , , where = ""]) => [id, where]),
);

describe("faults", () => {
  it("have a row each on their page", () => {
    expect([...told.keys()]).to.deep.equal(ids);
  });

  it("have a test each whose title begins with the id, but for those that cannot be tested", () => {
    const tested = new Set([...testedIn.values()].flat());
    expect(ids.filter((id) => !tested.has(id))).to.deep.equal(untestable);
  });

  it("are tested where their page says so; what is tested nowhere says why", () => {
    for (const [id, where] of told) {
      if (untestable.includes(id)) {
        expect(where, id).to.match(/^nowhere: \w/);
        continue;
      }
      const paths = [...where.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
      expect(paths, id).not.to.deep.equal([]);
      for (const path of paths) expect(testedIn.get(path), `${id} in ${path}`).to.include(id);
    }
  });

  it("in titles are those of the page", () => {
    for (const [path, named] of testedIn) {
      for (const id of named) expect(ids, `${id} in ${path}`).to.include(id);
    }
  });
});
