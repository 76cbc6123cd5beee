// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { casualtiesPast } from "../../../lib/catalog-manager/casualties.ts";
import { objectOutcome } from "../../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";
import { containerClose, containerOpen, journal, newSieve, object, r, truncate } from "../catalog/records.ts";

async function casualties(boundary: bigint, ...records: readonly PersistentRecord[]): Promise<[bigint, string[]]> {
  const { count, paths } = await casualtiesPast(journal(records), newSieve(), boundary);
  return [count, paths.map((path) => Buffer.from(path).toString())];
}

describe("W4: the objects that a boundary costs", () => {
  const open = containerOpen(1, "a/");

  it("are those that end behind it, by their paths", async () => {
    const list = [open, object(1, "kept", 0n, r(1)), object(1, "cut", r(1), r(3)), object(1, "lost", r(3), r(4))];
    expect(await casualties(r(2), ...list)).to.deep.equal([2n, ["a/cut", "a/lost"]]);
    expect(await casualties(r(4), ...list)).to.deep.equal([0n, []]);
  });

  it("are named one by one of a directory that is complete", async () => {
    const [kept, cut] = [object(1, "a", 0n, r(1)), object(1, "b", r(1), r(3))];
    const close = containerClose(1, "a/", r(3), [
      ["a", kept.fingerprint],
      ["b", cut.fingerprint],
    ]);
    expect(await casualties(r(2), open, kept, cut, close)).to.deep.equal([1n, ["a/b"]]);
    expect(await casualties(r(3), open, kept, cut, close)).to.deep.equal([0n, []]);
  });

  it("were named before, where an earlier resume has voided them", async () => {
    const list = [open, object(1, "once", r(1), r(3)), truncate(5n, r(2)), object(1, "again", r(2), r(3))];
    expect(await casualties(r(1), ...list)).to.deep.equal([1n, ["a/again"]]);
  });

  it("are none of which nothing was written: they could not be read, or were gone", async () => {
    const absent = { ...object(1, "absent", r(3), r(3)), outcome: objectOutcome.unreadable };
    expect(await casualties(r(2), open, absent)).to.deep.equal([0n, []]);
  });

  it("are counted where only the container's close is left of it", async () => {
    const list = [open, containerClose(1, "a/", r(3), []), object(1, "late", r(1), r(3))];
    expect(await casualties(r(2), ...list)).to.deep.equal([1n, []]);
  });

  it("are named up to a thousand", async () => {
    const many = Array.from({ length: 1001 }, (_, index) => object(1, `file-${index}`, r(1), r(3)));
    const [count, paths] = await casualties(r(2), open, ...many);
    expect([count, paths.length]).to.deep.equal([1001n, 1000]);
  });
});
