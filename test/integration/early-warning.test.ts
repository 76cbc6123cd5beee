// SPDX-License-Identifier: Apache-2.0
/** W2: programmable early warning is set where the drive has it and the medium is large enough to be warned of. */
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/tape-drive.ts";
import { segmentRecordLimit } from "../../lib/media-server/early-warning.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openRoles } from "../../lib/service/roles.ts";
import { Installation } from "./installation.ts";

const mib = 2n ** 20n;

describe("room for a segment's records behind early warning (W1, W2)", () => {
  let installation: Installation;

  afterEach(() => installation.remove());

  async function withDrive(capacity: string, work: (drive: TapeDrive) => Promise<void>): Promise<void> {
    installation = await new Installation().make({ profile: "lto-9", capacity });
    await installation.withCartridge("TMK001L9", work);
  }

  it("a drive that can be told when to warn is told, and a footer may be large", async () => {
    await withDrive("1 TiB", async (drive) => {
      expect(await segmentRecordLimit(drive)).to.equal(256n * mib);
      // At least twice what a footer may have (tape-format.md).
      const page = await drive.deviceConfigurationExtension();
      expect(page?.programmableEarlyWarningMegabytes).to.be.at.least(2 * 256);
    });
  });

  it("on a small medium there is no warning before anything is written", async () => {
    await withDrive("200 MiB", async (drive) => {
      // As it stood for a larger medium.
      await drive.setProgrammableEarlyWarning(600);
      expect(await segmentRecordLimit(drive)).to.equal(16n * mib);
      const page = await drive.deviceConfigurationExtension();
      expect(page?.programmableEarlyWarningMegabytes).to.equal(0);
    });
  });

  for (const [capacity, limit] of [
    ["1 TiB", 256n * mib],
    ["200 MiB", 16n * mib],
  ] as const) {
    it(`a session that begins to write on ${capacity} says so, whatever was written before`, async () => {
      installation = await new Installation().make({ profile: "lto-9", capacity });
      await installation.succeed("volume", "label", "TMK001L9", "--yes");
      const { catalogManager, close, jobEnvironment, mediaServer, store } = openRoles(
        loadConfig(installation.configPath),
      );
      try {
        const sources = [Buffer.from("/source")];
        const entry = { status: "running", startedAtMs: 1, pool: "default", sources, interruptions: 0 } as const;
        const { jobId } = store.jobs.create(entry);
        const session = mediaServer.openSession({ jobId, purpose: "backup" });
        const { mediaSet, volume } = await session.prepare({ pool: "default" });
        const { recordSizeBytes } = volume;
        const settings = { pool: "default", recordSizeBytes, crossMounts: false };
        const ring = jobEnvironment.createRing(recordSizeBytes, 4 << 20);
        const begun = await session.beginWriting({
          token: await catalogManager.createJob({ jobId, sources, settings }),
          ring,
          streamOffset: 0n,
          pool: "default",
          mediaSet,
          nextSegment: 1,
          afterCut: false,
          checkpointBytes: 1n << 30n,
          checkpointMs: 60_000,
          memberAt: () => undefined,
        });
        expect(begun).to.equal(limit);
        await session.endSegmentAt(0n);
        expect(await session.nextSegment()).to.equal(limit);
        await session.close();
        ring.close();
      } finally {
        await close();
      }
    });
  }
});
