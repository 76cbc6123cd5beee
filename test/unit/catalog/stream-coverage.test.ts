// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { StreamCoverage } from "../../../lib/catalog/stream-coverage.ts";

describe("stream coverage", () => {
  it("says of any range whether every byte of it is covered", () => {
    const range = fc
      .tuple(fc.nat(40), fc.nat(40))
      .map(([from, length]) => ({ from: BigInt(from), to: BigInt(from + length - 8) }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), fc.nat(60), fc.nat(20), (ranges, from, length) => {
        const coverage = new StreamCoverage(ranges);
        const covered = (byte: number): boolean => ranges.some((one) => one.from <= byte && byte < one.to);
        const bytes = Array.from({ length }, (_, index) => from + index);
        const expected = length > 0 ? bytes.every(covered) : covered(from) || covered(from - 1);
        expect(coverage.holds(BigInt(from), BigInt(from + length))).to.equal(expected);
        for (const one of coverage.ranges) expect(one.from < one.to).to.equal(true);
      }),
    );
  });
});
