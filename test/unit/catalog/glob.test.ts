// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { globMatcher } from "../../../lib/catalog/glob.ts";

const matches = (glob: string | Buffer, path: string | Buffer): boolean =>
  globMatcher(Buffer.from(glob))(Buffer.from(path));

describe("globs", () => {
  it("match whole paths, stars across slashes", () => {
    for (const [glob, path] of [
      ["*.txt", "home/a.txt"],
      ["home/*", "home/a/b"],
      ["*", ""],
      ["a*b*c", "aXbYbZc"],
      ["**a", "ba"],
      ["home/a", "home/a"],
    ] as const) {
      expect(matches(glob, path), `${glob} on ${path}`).to.equal(true);
    }
    for (const [glob, path] of [
      ["*.txt", "a.txt.gz"],
      ["a", "ab"],
      ["ab", "a"],
      ["a*b", "a"],
      ["", "a"],
      ["a?", "a"],
    ] as const) {
      expect(matches(glob, path), `${glob} on ${path}`).to.equal(false);
    }
  });

  it("take a character for ?, or a byte where there is none", () => {
    for (const character of ["x", "\u00e9", "\u20ac", "\u{1f4fc}"]) {
      expect(matches("a?b", `a${character}b`), character).to.equal(true);
      expect(matches("a??b", `a${character}b`), character).to.equal(false);
    }
    expect(matches("a?b", Buffer.from([0x61, 0xff, 0x62]))).to.equal(true);
    expect(matches("a?b", Buffer.from([0x61, 0xe2, 0x62]))).to.equal(true);
  });

  it("know sets and escapes, and take what is none for itself", () => {
    for (const [glob, path] of [
      ["[a-c]", "b"],
      ["[!a-c]", "d"],
      ["[^x]", "y"],
      ["[]]", "]"],
      ["[a-]", "-"],
      ["[z-a]x", "zx"],
      ["[ab", "[ab"],
      ["\\*", "*"],
      ["a\\", "a\\"],
      ["[!]]", "a"],
    ] as const) {
      expect(matches(glob, path), `${glob} on ${path}`).to.equal(path !== "zx");
    }
    expect(matches("[a-c]", "d")).to.equal(false);
    expect(matches("\\*", "x")).to.equal(false);
  });

  it("end soon, whatever the pattern", () => {
    const started = process.hrtime.bigint();
    expect(matches(`${"*a".repeat(50)}b`, "a".repeat(4096))).to.equal(false);
    expect(Number(process.hrtime.bigint() - started) / 1e9).to.be.lessThan(5);
  });

  it("agree with the simplest possible matcher", () => {
    const simple = (glob: string, path: string): boolean => {
      if (glob === "") return path === "";
      if (glob.startsWith("*")) return simple(glob.slice(1), path) || (path !== "" && simple(glob, path.slice(1)));
      return (
        path !== "" && (glob.startsWith("?") || glob.startsWith(path.charAt(0))) && simple(glob.slice(1), path.slice(1))
      );
    };
    const text = (...letters: string[]): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((list) => list.join(""));
    fc.assert(
      fc.property(text("a", "b", "*", "?"), text("a", "b"), (glob, path) => {
        expect(matches(glob, path)).to.equal(simple(glob, path));
      }),
      { numRuns: 500 },
    );
  });
});
