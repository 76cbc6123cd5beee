// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { OperatorError, senseError } from "../../../lib/errors.ts";
import type { TapeError } from "../../../lib/errors.ts";
import { renewed } from "../../../lib/media-server/renewed-attempts.ts";

const sense = (senseKey: number, asc: number, ascq = 0): TapeError =>
  senseError("a locate", { senseKey, asc, ascq, deferred: false, command: "LOCATE(16)" });

/** Fails with these errors in turn, then succeeds; tells what was done with the drive in between. */
async function attempt(...errors: readonly TapeError[]): Promise<{ readonly did: readonly string[]; failed: unknown }> {
  const did: string[] = [];
  const note = (what: string) => (): Promise<void> => {
    did.push(what);
    return Promise.resolve();
  };
  const seat = { giveUpDrive: note("give up"), leave: note("leave"), reload: note("reload") };
  const left = [...errors];
  let failed: unknown;
  await renewed(seat, () => {
    const error = left.shift();
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  }).catch((error: unknown) => {
    failed = error;
  });
  return { did, failed };
}

describe("what comes in between while a cartridge is looked at", () => {
  it("U2 an attention begins it anew, and not for ever", async () => {
    expect(await attempt(sense(6, 0x29), sense(6, 0x28))).to.deep.equal({ did: ["leave", "leave"], failed: undefined });
    const { did, failed } = await attempt(sense(6, 0x29), sense(6, 0x29), sense(6, 0x29));
    expect(did).to.deep.equal(["leave", "leave"]);
    expect(failed).to.have.property("asc", 0x29);
  });

  it("R6 a place that is not found is looked for once more behind a reload", async () => {
    expect(await attempt(sense(3, 0x3b))).to.deep.equal({ did: ["reload"], failed: undefined });
    expect((await attempt(sense(4, 0x15, 1), sense(4, 0x15, 1))).did).to.deep.equal(["reload"]);
    const { did, failed } = await attempt(sense(3, 0x3b), sense(3, 0x14));
    expect(did).to.deep.equal(["reload"]);
    expect(failed).to.have.property("asc", 0x14);
  });

  it("W6 a drive that fails is given up", async () => {
    expect((await attempt(sense(4, 0x44), sense(4, 0x44))).did).to.deep.equal(["give up", "give up"]);
  });

  it("what a person must do is said at once", async () => {
    const error = new OperatorError("the wrong cartridge", { code: "ERR_TAPE_CARTRIDGE_WRONG" });
    expect(await attempt(error)).to.deep.equal({ did: [], failed: error });
  });
});
