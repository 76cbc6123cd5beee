// SPDX-License-Identifier: Apache-2.0
/** U4, H8: drives are reserved against other hosts, and nobody is fought for one. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import { DriveFence } from "../../lib/media-server/drive-fence.ts";
import type { SimulatedFault } from "../../lib/native/simulated-faults.ts";
import { reservationKey } from "../../lib/media-server/reservation-key.ts";
import { FaultyJob } from "./faulty-job.ts";

const foreignKey = reservationKey(0x12345678, "9");
const anotherInitiator = 77;

describe("U4: reservations of drives", function () {
  this.timeout(120_000);
  let job: FaultyJob;

  beforeEach(async () => {
    job = await new FaultyJob().make();
  });
  afterEach(() => job.remove());

  /** What a host that went away has left in a drive, and what outlives its power. */
  function hold(drive: number, key: bigint, type = 3): void {
    writeFileSync(
      join(job.installation.libraryFolder, `drive-${drive}.reservations`),
      `generation 1\nregistration ${anotherInitiator} ${key}\nholder ${anotherInitiator} ${type}\n`,
    );
  }

  async function withDrive<T>(work: (drive: TapeDrive) => Promise<T>): Promise<T> {
    const drive = TapeDrive.open({ kind: "simulated", folder: job.installation.libraryFolder, unit: "drive-0" });
    try {
      return await work(drive);
    } finally {
      await drive.close();
    }
  }

  it("a drive that another host has is passed over, and left as it is", async () => {
    hold(0, foreignKey);
    await job.backUp();
    await withDrive(async (drive) => {
      await drive.attend();
      expect((await drive.reservation())?.holder?.key).to.equal(foreignKey);
    });
    await job.expectWhole();
  });

  it("every drive is another host's: exit code 5 and the holder's key, and nothing was written", async () => {
    hold(0, foreignKey);
    hold(1, foreignKey);
    const before = job.installation.medium("TMK001L9");
    const { code, error } = await job.run("backup", job.source);
    expect(code).to.equal(5);
    expect(error).to.include("key 544d123456780009 (job 9 of another Tidemark installation)");
    expect(job.installation.medium("TMK001L9").equals(before)).to.equal(true);
  });

  for (const isOn of [true, false]) {
    it(`library.reservations = ${isOn}: drives are ${isOn ? "" : "not "}reserved`, async () => {
      job.remove();
      job = await new FaultyJob().make(`reservations = ${isOn}\n`);
      // A key of another host that holds nothing and is to outlive the power: whoever registers another changes that.
      const path = join(job.installation.libraryFolder, "drive-0.reservations");
      const before = `generation 1\nregistration ${anotherInitiator} 5\n`;
      writeFileSync(path, before);
      await job.backUp();
      const after = readFileSync(path, "utf8");
      if (isOn) expect(after).to.not.equal(before);
      else expect(after).to.equal(before);
    });
  }

  it("what a dead process of this installation has left is taken over, from another path too", async () => {
    const installation = 0xabcdef01;
    hold(0, reservationKey(installation, "3"));
    await withDrive(async (drive) => {
      const fence = await DriveFence.around(drive, installation, "4");
      expect((await drive.reservation())?.holder).to.include({
        key: reservationKey(installation, "4"),
        type: "exclusiveAccess",
      });
      expect((await drive.reservationKeys())?.keys).to.deep.equal([reservationKey(installation, "4")]);
      await fence?.release();
      expect((await drive.reservation())?.holder).to.equal(undefined);
      expect((await drive.reservationKeys())?.keys).to.deep.equal([]);
    });
  });

  describe("nothing stays reserved that nobody uses", () => {
    const command = (count: number): SimulatedFault["when"] => ({ operation: "PERSISTENT RESERVE OUT", count });
    const attention = { unitAttention: [0x2a, 9] } as const;

    /** Another initiator, who has the drive open all the time so that it remembers, finds nothing behind `work`. */
    async function expectFreeBehind(work: (drive: TapeDrive) => Promise<void>): Promise<void> {
      const folder = job.installation.libraryFolder;
      const other = TapeDrive.open({ kind: "simulated", folder, unit: "drive-0", initiator: "other" });
      try {
        await other.attend();
        await withDrive(work);
        await other.attend();
        expect((await other.reservation())?.holder).to.equal(undefined);
        expect((await other.reservationKeys())?.keys).to.deep.equal([]);
      } finally {
        await other.close();
      }
    }

    for (const [what, count] of [
      ["the release", 3],
      ["the taking back of the key", 4],
    ] as const) {
      it(`an attention comes in front of ${what}`, async () => {
        job.inject({ unit: "drive-0", when: command(count), effect: attention });
        await expectFreeBehind(async (drive) => {
          const fence = await DriveFence.around(drive, 1, "4");
          expect((await drive.reservation())?.holder).to.not.equal(undefined);
          await fence?.release();
        });
      });
    }

    it("nobody knows whether it was reserved", async () => {
      job.inject({ unit: "drive-0", when: command(2), effect: { hostStatus: 3, executed: true } });
      await expectFreeBehind(async (drive) => {
        const error = await DriveFence.around(drive, 1, "4").catch((reason: unknown) => reason);
        expect(error).to.have.property("outcome", "unknown");
      });
    });
  });

  it("a holder of another installation is named, and keeps what it has", async () => {
    hold(0, foreignKey);
    await withDrive(async (drive) => {
      const error = await DriveFence.around(drive, 1, "4").catch((reason: unknown) => reason);
      expect(error).to.have.property("code", "ERR_TAPE_DEVICE_RESERVED");
      expect((await drive.reservation())?.holder?.key).to.equal(foreignKey);
    });
  });
});
