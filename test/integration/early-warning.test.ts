// SPDX-License-Identifier: Apache-2.0
/** W2: programmable early warning is set where the drive has it and the medium is large enough to be warned of. */
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/tape-drive.ts";
import { segmentRecordLimit } from "../../lib/media-server/early-warning.ts";
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
});
