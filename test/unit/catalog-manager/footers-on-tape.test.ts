// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { FootersOnTape } from "../../../lib/catalog-manager/footers-on-tape.ts";
import * as records from "../catalog/records.ts";

describe("footers on tape", () => {
  /** Segment n is on volume vn, and its footer at block 9. */
  const claims = records.folded(
    records.job(),
    ...[1, 2, 3, 4].flatMap((segment) => {
      const volumeUuid = `v${segment}`;
      const close = records.segmentClose(segment, records.r(segment), { volumeUuid, footerBlock: 9n, endBlock: 11n });
      return [records.segmentOpen(segment, records.r(segment - 1), { volumeUuid }), close];
    }),
  );
  let footers: FootersOnTape;
  const lost = (volumeUuid: string, fromBlock = 0n) => ({ type: "volumeLost", volumeUuid, fromBlock }) as const;
  const add = (segment: number, through: bigint, epoch = 1): void =>
    footers.add({ segment, volumeUuid: `v${segment}`, footerBlock: 9n, epoch, through });

  beforeEach(() => {
    footers = new FootersOnTape();
    add(1, 10n);
    add(2, 20n);
    add(3, 30n);
  });

  it("hold all frames up to the last one", () => expect(footers.heldThrough(claims)).to.equal(30n));

  it("hold nothing behind one that is lost with its volume, whatever stands there", () => {
    footers.lose(lost("v2"), 1);
    expect(footers.heldThrough(claims)).to.equal(10n);
  });

  it("stand before the place from which a volume is lost", () => {
    footers.lose(lost("v2", 10n), 1);
    expect(footers.heldThrough(claims)).to.equal(30n);
  });

  it("of a later epoch close the gap that it began with", () => {
    footers.lose(lost("v2"), 1);
    footers.begin(claims);
    add(4, 40n, 2);
    expect(footers.heldThrough(claims)).to.equal(40n);
    footers.lose(lost("v4"), 1);
    expect(footers.heldThrough(claims), "written behind the loss").to.equal(40n);
  });
});
