// SPDX-License-Identifier: Apache-2.0
/** Which media set jobs and volumes come to, where several of them, or a person, decide at the same time. */
import { expect } from "chai";
import { Installation, smallTape } from "./installation.ts";

describe("media sets of jobs", () => {
  let installation: Installation;

  beforeEach(async () => {
    const config = `${smallTape}[backup]\ndrives = 2\n[pools.default]\nallocation = "new set"\n`;
    installation = await new Installation().make({ config });
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
  });
  afterEach(() => installation.remove());

  it("a job in parts has one, also where each job begins its own", async () => {
    await installation.succeed("backup", installation.makeSource("a"), installation.makeSource("b"));
    await installation.withRoles(async ({ store }) => {
      const sets = store.mediaSets.list().map(({ uuid }) => uuid);
      expect(sets).to.have.length(1);
      expect(store.jobs.parts("1").map(({ mediaSet }) => mediaSet)).to.deep.equal([...sets, ...sets]);
      const numbers = store.volumes.list().map(({ mediaSet, setNumber }) => [mediaSet, setNumber]);
      expect(numbers).to.have.deep.members([1, 2].map((number) => [sets[0], number]));
      return Promise.resolve();
    });
  });

  it("a volume that a person takes out of use while a job loads it is not written", async () => {
    await installation.withRoles(async ({ jobEnvironment, mediaServer, store }) => {
      const session = mediaServer.openSession({ jobId: "1", purpose: "backup" });
      const { mediaSet, volume } = await session.prepare({ pool: "default" });
      const before = installation.medium(volume.volumeTag);
      store.volumes.change(volume.volumeUuid, (now) => ({ ...now, state: "retired" }));
      const ring = jobEnvironment.createRing(volume.recordSizeBytes, 1 << 20);
      const refused: unknown = await session
        .beginWriting({
          token: { jobId: "1", epoch: 1, nonce: new Uint8Array(8) },
          ring,
          streamOffset: 0n,
          pool: "default",
          mediaSet,
          nextSegment: 1,
          afterCut: false,
          checkpointBytes: 1n << 20n,
          checkpointMs: 60_000,
          memberAt: () => undefined,
        })
        .catch((error: unknown) => error);
      expect(refused).to.have.property("code", "ERR_TAPE_JOB_INTERRUPTED");
      expect(store.volumes.get(volume.volumeUuid)?.state).to.equal("retired");
      await session.close();
      ring.close();
      expect(installation.medium(volume.volumeTag).equals(before)).to.equal(true);
    });
  });
});
