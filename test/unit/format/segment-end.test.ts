// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { follows, goesOn } from "../../../lib/format/segment-end.ts";
import type { StreamSegment } from "../../../lib/format/segment-end.ts";

const cut: StreamSegment = { epoch: 1, volumeUuid: "v1", streamStart: 0n, streamEnd: 10n, ended: "cut" };
const next: StreamSegment = { epoch: 1, volumeUuid: "v2", streamStart: 10n, streamEnd: 20n, ended: "closed" };

describe("where the stream goes on behind a segment", () => {
  it("inside the member that the next one continues, on whatever volume and in whatever epoch", () => {
    expect(goesOn({ ...next, epoch: 2, volumeUuid: "v1", continuedHeaderOffset: 3n }, cut)).to.equal(true);
  });
  it("between two members on the next volume, where the end of a tape cut it", () => {
    expect(goesOn(next, cut)).to.equal(true);
    expect(follows(next, cut)).to.equal(true);
  });
  it("not behind an interruption that nothing continues, nor behind a closed segment", () => {
    expect(goesOn({ ...next, epoch: 2 }, cut)).to.equal(false);
    expect(goesOn(next, { ...cut, ended: "closed" })).to.equal(false);
    expect(goesOn(next, undefined)).to.equal(false);
  });
  it("not behind a member that was given up, though the next segment stands on another volume", () => {
    expect(goesOn(next, { ...cut, ended: "givenUp" })).to.equal(false);
    expect(follows(next, { ...cut, ended: "givenUp" })).to.equal(false);
  });
  it("nor, in a copy of version 0.1, on the same volume", () => {
    expect(goesOn({ ...next, volumeUuid: "v1" }, cut)).to.equal(false);
  });
});
