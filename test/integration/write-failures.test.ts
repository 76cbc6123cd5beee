// SPDX-License-Identifier: Apache-2.0
/**
 * What a failed write, a failed drive or an attention does to a running job: it goes on by itself, on the next volume, in
 * another drive or on the same tape, and every byte is there once. Faults by their rows of the fault catalogue.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import type { SimulatedFault } from "../../lib/native/simulated-faults.ts";
import { Installation } from "./installation.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

interface Result {
  readonly status: string;
  readonly objectsWritten: number;
  readonly objectsSkipped: number;
  readonly objectsContinued: number;
  readonly objectsUnreadable: number;
  readonly counts: { readonly submitted: number; readonly accepted: number; readonly durable: number };
  readonly bytesWritten: number;
  readonly bytesSaved: number;
}
interface Notice {
  readonly type: string;
  readonly kind: string;
  readonly text: string;
}
interface Volume {
  readonly volumeTag: string;
  readonly state: string;
  readonly bytes: number;
}
interface Details {
  readonly objects: number;
  readonly segments: readonly { readonly volumeTag: string; readonly streamEnd?: number }[];
  readonly interruptionHistory: readonly unknown[];
}

const mib = 2 ** 20;
const writeError = { key: 3, asc: 0x0c, ascq: 0 };

describe("a write that fails in a running job", () => {
  let installation: Installation;
  let source: string;

  beforeEach(async () => {
    installation = await new Installation().make({
      capacity: "40 MiB",
      config: '[tape]\nrecordSize = "64 KiB"\nsegmentSize = "6 MiB"\n[pipeline]\nringSize = "4 MiB"\n',
    });
    await installation.succeed("volume", "label", "--all", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
    makeSmallFiles(join(source, "a-small"), 60);
    writeFileSync(join(source, "b-large"), new Noise(3).bytes(16 * mib));
    makeSmallFiles(join(source, "c-small"), 60, 2);
  });
  afterEach(() => installation.remove());

  function inject(...faults: readonly SimulatedFault[]): void {
    writeFileSync(join(installation.libraryFolder, "faults.json"), JSON.stringify({ seed: 1, faults }));
  }

  async function backUp(): Promise<{ readonly result: Result; readonly notices: readonly Notice[] }> {
    const lines = (await installation.succeed("backup", source, "--json")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line) as Notice);
    return {
      result: events.at(-1) as unknown as Result,
      notices: events.filter(({ type }) => type === "notice"),
    };
  }

  /** Nothing lost, nothing twice: all of the stream is in segments, and all of it comes back in both ways. */
  async function expectWhole(result: Result): Promise<Details> {
    expect(result.status).to.equal("complete");
    const details = await installation.json<Details>("job", "show", "1");
    const end = Math.max(...details.segments.map(({ streamEnd }) => streamEnd ?? 0));
    expect(result.bytesWritten).to.equal(end);
    const { objectsWritten, objectsSkipped, objectsContinued, counts } = result;
    expect([objectsWritten, objectsSkipped, objectsContinued]).to.deep.equal([details.objects, 0, 0]);
    expect(counts.submitted).to.be.at.least(counts.accepted);
    expect(counts.accepted).to.be.at.least(counts.durable);
    expect(counts.durable).to.be.at.least(end);
    inject();
    await expectRestoredByProduct(installation, "1", source);
    await expectRestoredByTar(installation, "1", source);
    return details;
  }

  const stateOf = async (volumeTag: string): Promise<string | undefined> =>
    (await installation.json<{ volumes: Volume[] }>("volume", "list")).volumes.find(
      (volume) => volume.volumeTag === volumeTag,
    )?.state;

  it("W5 current write error: the volume is closed, and the job goes on on the next one", async () => {
    inject({ id: "W5", when: { volume: "TMK001L9", object: 100 }, effect: { sense: writeError }, times: "always" });
    const { result, notices } = await backUp();
    expect(notices.map(({ kind }) => kind)).to.include.members(["volumeClosed", "goesOn"]);
    const { segments } = await expectWhole(result);
    expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9", "TMK002L9");
    expect(await stateOf("TMK001L9")).to.equal("damaged");
  });

  it("W5 in the middle of a file: it goes on on the next volume at the byte", async () => {
    inject({ id: "W5", when: { volume: "TMK001L9", object: 160 }, effect: { sense: writeError }, times: "always" });
    const { result } = await backUp();
    const { segments } = await expectWhole(result);
    expect(segments.map(({ volumeTag }) => volumeTag)).to.include.members(["TMK001L9", "TMK002L9"]);
    const show = await installation.succeed("job", "show", "1");
    expect(show).to.include("b-large");
  });

  it("W4 deferred write error: what the buffer lost is written on the next volume", async () => {
    inject({
      id: "W4",
      unit: "drive",
      when: { operation: "WRITE(6)", volume: "TMK001L9", count: 90 },
      effect: { dropBuffer: 3 },
    });
    const { result } = await backUp();
    await expectWhole(result);
    expect(await stateOf("TMK001L9")).to.equal("damaged");
  });

  it("W5 behind a source volume with exceptions: the job that went on by itself ends with them", async () => {
    inject({ id: "W5", when: { volume: "TMK001L9", object: 160 }, effect: { sense: writeError }, times: "always" });
    const missing = join(installation.folder, "missing");
    const sources = [Buffer.from(missing), Buffer.from(source)];
    const result = await installation.withRoles(({ jobManager }) => jobManager.backup(sources, {}));
    expect(result).to.include({ status: "completeWithExceptions", objectsUnreadable: 1n });
    const { objects } = await installation.json<Details>("job", "show", "1");
    expect(result).to.include({ objectsWritten: BigInt(objects), objectsSkipped: 0n });
  });

  it("W5 in a resume: what it counts is what the resume did, not what was there before", async () => {
    const whole = { id: "T2", unit: "drive", effect: { hostStatus: 7 }, times: "always" } as const;
    inject({ ...whole, when: { operation: "WRITE(6)", volume: "TMK001L9", object: 90 } });
    expect((await installation.run("backup", source)).code).to.equal(4);
    inject({ id: "W5", when: { volume: "TMK001L9", object: 200 }, effect: { sense: writeError }, times: "always" });
    const lines = (await installation.succeed("job", "resume", "1", "--json")).trim().split("\n");
    expect(lines.join("\n")).to.include('"goesOn"');
    const result = JSON.parse(lines.at(-1) ?? "") as Result;
    const { objects, segments } = await installation.json<Details>("job", "show", "1");
    const end = Math.max(...segments.map(({ streamEnd }) => streamEnd ?? 0));
    expect(result.bytesSaved + result.bytesWritten).to.equal(end);
    expect(result.bytesSaved).to.be.within(1, end - 1);
    expect(result.objectsWritten + result.objectsSkipped + result.objectsContinued).to.equal(objects);
    expect(result.objectsSkipped).to.be.within(1, objects - 1);
  });

  it("W14 the synchronising command itself fails: nothing since the last one is claimed unseen", async () => {
    inject({
      id: "W14",
      unit: "drive",
      when: { operation: "WRITE FILEMARKS(6)", volume: "TMK001L9", count: 3 },
      effect: { sense: writeError },
    });
    const { result } = await backUp();
    await expectWhole(result);
    expect(await stateOf("TMK001L9")).to.equal("damaged");
  });

  it("W6 hardware error: the drive goes out of service, and another one takes the cartridge over", async () => {
    inject({
      id: "W6",
      unit: "drive-0",
      when: { operation: "WRITE(6)", count: 120 },
      effect: { sense: { key: 4, asc: 0x44, ascq: 0 } },
      times: "always",
    });
    const { result } = await backUp();
    const { drives } = await installation.json<{ drives: { state: string; reason?: string }[] }>("library", "status");
    expect(drives[0]?.state).to.equal("outOfService");
    expect(drives[0]?.reason).to.include("4/44/00");
    expect(drives[1]?.state).to.equal("inService");
    await expectWhole(result);
  });

  it("W6 with the cartridge stuck in the failed drive: the job goes on without it, and asks for a look at the drive", async () => {
    const sense = { key: 4, asc: 0x44, ascq: 0 };
    const stuck = { id: "W6", unit: "drive-0", effect: { sense }, times: "always" } as const;
    inject(
      { ...stuck, when: { operation: "WRITE(6)", volume: "TMK001L9", count: 120 } },
      { ...stuck, when: { operation: "UNLOAD", volume: "TMK001L9" } },
    );
    const { result, notices } = await backUp();
    const how = notices.filter(({ kind }) => kind === "goesOn").map(({ text }) => text);
    expect(how.join("\n")).to.include("without that cartridge");
    expect(await installation.succeed("library", "requests")).to.include("stuck");
    await expectWhole(result);
  });

  it("W6 at the first mount: the drive that cannot let go of its cartridge is passed over", async () => {
    const sense = { key: 4, asc: 0x44, ascq: 0 };
    inject({ id: "W6", unit: "drive-0", when: { operation: "UNLOAD" }, effect: { sense }, times: "always" });
    const { result } = await backUp();
    await expectWhole(result);
  });

  it("U2 a reset in mid-job: the same volume goes on behind what is really on it", async () => {
    inject({
      id: "U2",
      unit: "drive",
      when: { operation: "WRITE(6)", count: 100 },
      effect: { unitAttention: [0x29, 0] },
    });
    const { result, notices } = await backUp();
    expect(notices.map(({ kind }) => kind)).to.include("goesOn");
    const { segments, interruptionHistory } = await expectWhole(result);
    expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9");
    // Each time the drive is opened the plan begins anew.
    expect(interruptionHistory.length).to.be.at.least(1);
  });

  for (const executed of [true, false]) {
    it(`T2 a WRITE of unknown outcome, ${executed ? "" : "not "}carried out: never repeated, its block is there once`, async () => {
      inject({
        id: "T2",
        unit: "drive",
        when: { operation: "WRITE(6)", count: 130 },
        effect: { hostStatus: 7, executed },
      });
      const { result } = await backUp();
      const { segments } = await expectWhole(result);
      expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9");
    });
  }

  it("an error that comes again wherever the job goes ends it, resumable, with exit code 4", async () => {
    inject({
      id: "T2",
      unit: "drive",
      when: { operation: "WRITE(6)" },
      effect: { hostStatus: 7 },
      times: "always",
    });
    const { code, error } = await installation.run("backup", source);
    expect(code).to.equal(4);
    expect(error).to.include("tidemark job resume 1");
    inject();
    const result = await installation.json<Result>("job", "resume", "1");
    expect(result.status).to.equal("complete");
    await expectRestoredByProduct(installation, "1", source);
  });
});
