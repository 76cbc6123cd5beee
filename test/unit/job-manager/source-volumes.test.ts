// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { stillToBackUp } from "../../../lib/job-manager/source-volumes.ts";
import type { SourceVolume } from "../../../lib/protocol/source-volume.ts";

function volume(index: number, status: SourceVolume["status"]): SourceVolume {
  return { index, path: Buffer.from(`/v${index}`), status, objects: 0n, exceptions: 0n };
}

describe("source volumes that still need backup", () => {
  it("are all of the job's minus the completely backed-up ones, the partially backed-up one first", () => {
    const volumes = [volume(0, "complete"), volume(1, "notStarted"), volume(2, "partial"), volume(3, "notStarted")];
    expect(stillToBackUp(volumes).map(({ index }) => index)).to.deep.equal([2, 1, 3]);
  });

  it("begin with the one whose object goes on, where others are partial again", () => {
    const volumes = [volume(0, "partial"), volume(1, "partial"), volume(2, "notStarted")];
    expect(stillToBackUp(volumes, 1).map(({ index }) => index)).to.deep.equal([1, 0, 2]);
  });

  it("are none once all are complete", () => {
    expect(stillToBackUp([volume(0, "complete")])).to.deep.equal([]);
  });
});
