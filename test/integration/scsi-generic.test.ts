// SPDX-License-Identifier: Apache-2.0
/** The SG_IO transport over the kernel's own sg and st drivers, in a User-mode Linux guest with a tgt library. */
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { NativeResult } from "../../lib/device/index.ts";
import { needsGuest } from "../needs.ts";
import { tgtLayout } from "../peers/tgt-layout.ts";
import { runInGuest } from "../vm/guest.ts";

const library = { drives: 1, cartridges: 1, cartridgeMiB: 256 };
const program = fileURLToPath(new URL("./scsi-generic-guest.ts", import.meta.url));

interface Described {
  readonly message: string;
  readonly code: string;
}

describe("the SG_IO transport in User-mode Linux", () => {
  let sections: ReadonlyMap<string, unknown>;

  /** What a section of the guest's program found. */
  function found<T>(section: string): T {
    const value = sections.get(section) as T & { readonly failed?: string };
    expect(value, section).to.be.an("object");
    expect(value.failed, section).to.equal(undefined);
    return value;
  }

  before(async function () {
    needsGuest(this, "python3");
    const { cartridges, drives } = tgtLayout(library);
    const { stdout, stderr, log } = await runInGuest({
      command: [process.execPath, program],
      library,
      environment: { TIDEMARK_SLOT: String(cartridges[0]?.address), TIDEMARK_BAY: String(drives[0]?.address) },
      timeoutMs: 240_000,
    });
    const lines = stdout.split("\n").filter((line) => line !== "");
    sections = new Map(
      lines.map((line) => {
        const { section, value } = JSON.parse(line) as { readonly section: string; readonly value: unknown };
        return [section, value];
      }),
    );
    if (!sections.has("killed")) throw new Error(`the guest's program did not come to its end:\n${stderr}\n${log}`);
  });

  it("moves a cartridge through the changer's sg node", () => {
    expect(found<{ deviceType: number }>("load").deviceType).to.equal(8);
  });

  it("finds the sg node of a drive by its sg node, its tape node and a link", () => {
    const { serials, wrong } = found<{ serials: string[]; wrong: Described }>("nodes");
    const [drive] = tgtLayout(library).drives;
    expect(serials).to.deep.equal([drive?.serialNumber, drive?.serialNumber, drive?.serialNumber]);
    expect(wrong.code).to.equal("ERR_TAPE_DEVICE_UNKNOWN");
    expect(wrong.message).to.contain("/dev/null has no SCSI generic node");
  });

  it("writes and reads blocks of 512 bytes to 1 MiB; R2: takes nothing for data that did not arrive", () => {
    const { count, shorter } = found<{ count: number; shorter: string }>("blocks");
    expect(count).to.equal(12);
    expect(shorter).to.equal("whole");
  });

  it("W10: refuses more bytes than the host adapter takes, before it sends them", () => {
    const { limitBytes, tooLarge } = found<{ limitBytes: number; tooLarge: NativeResult }>("blocks");
    expect(tooLarge.outcome).to.equal("notSent");
    expect(tooLarge.detail).to.match(/^16777215 bytes are more than the host adapter of .* takes at once \(\d+\)/);
    expect(tooLarge.detail).to.include(` (${limitBytes}): `);
  });

  it("U11: holds the tape node, so that nobody else can use the drive, and lets it go", () => {
    const value = found<{ tapeOpen: string; second: Described; noTape: Described; serialNumber: string }>("exclusive");
    expect(value.tapeOpen).to.equal("EBUSY");
    expect(value.second.code).to.equal("ERR_TAPE_DEVICE_LOCKED");
    expect(value.second.message).to.match(/is in use: another program has \/dev\/nst\d+ open$/);
    expect(value.noTape.message).to.contain("no tape node that could be held");
    expect(value.serialNumber).to.equal(tgtLayout(library).drives[0]?.serialNumber);
  });

  it("T1: signals with SA_RESTART during SG_IO double no block, because the device's thread blocks them", () => {
    const value = found<{ writes: number; onTape: number; received: number; usr2Blocked: boolean }>("signals");
    expect(value.usr2Blocked).to.equal(true);
    expect(value.received).to.be.greaterThan(value.writes);
    expect(value.onTape).to.equal(value.writes);
  });

  it("T1: a program that does not block them has blocks on the tape that it was never told of", () => {
    const value = found<{ reported: number; onTape: number }>("unprotected");
    expect(value.onTape).to.be.greaterThan(value.reported);
  });

  it("T3: a timeout gives an unknown outcome, whatever the SCSI status says", () => {
    const { kind, result, onTape } = found<{ kind: string; result: NativeResult; onTape: number }>("timeout");
    expect(kind).to.equal("unknown");
    expect(result.outcome).to.equal("unknown");
    expect(result.scsiStatus).to.equal(0);
    expect(result.hostStatus).not.to.equal(0);
    expect(onTape).to.be.within(5, 6);
  });

  it("H1: of a process that is killed in mid-WRITE the tape has what was accepted, or one block more", () => {
    const { accepted, onTape, signal } = found<{ accepted: number; onTape: number; signal: string }>("killed");
    expect(signal).to.equal("SIGKILL");
    expect(onTape - accepted).to.be.within(0, 1);
  });
});
