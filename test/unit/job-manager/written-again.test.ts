// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { writtenAgainText } from "../../../lib/job-manager/written-again.ts";

const pathsOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`source/${index}`));

describe("what is written again behind a boundary", () => {
  it("W4: is named, absolute, whatever its source volume's path begins with", () => {
    expect(writtenAgainText({ count: 1n, paths: [Buffer.from("/a/file")] })).to.equal(
      "1 object that was written behind it is written again: /a/file",
    );
    expect(writtenAgainText({ count: 2n, paths: [Buffer.from("a"), Buffer.from("/b")] })).to.equal(
      "2 objects that were written behind it are written again: /a, /b",
    );
  });

  it("is counted where it is more than people read", () => {
    const text = writtenAgainText({ count: 1_000_003n, paths: pathsOf(12) });
    expect(text).to.match(/^1000003 objects .* \/source\/9 and 999993 more$/);
    expect(text).not.to.include("/source/10");
    expect(writtenAgainText({ count: 10n, paths: pathsOf(10) })).to.match(/\/source\/9$/);
  });

  it("is only counted where nothing tells its names", () => {
    expect(writtenAgainText({ count: 1n, paths: [] })).to.match(/is written again$/);
  });

  it("is no sentence where it is nothing", () => {
    expect(writtenAgainText({ count: 0n, paths: [] })).to.equal(undefined);
  });
});
