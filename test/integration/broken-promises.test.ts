// SPDX-License-Identifier: Apache-2.0
/**
 * Resumes of jobs whose cartridge does not hold any more what was durable on it, or cannot be written where they stopped:
 * they end complete, and everything comes back. Faults by their rows of the fault catalogue.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/tape-drive.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { SimulatedFault } from "../../lib/native/simulated-faults.ts";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import { Installation } from "./installation.ts";
import { expectRestoredByProduct, expectRestoredByTar } from "./restored.ts";

interface Volume {
  readonly volumeTag: string;
  readonly state: string;
}
interface Details {
  readonly status: string;
  readonly segments: readonly { readonly volumeTag: string; readonly headBlock: number }[];
  readonly tapeVolumes: readonly { readonly volumeTag: string; readonly durablePosition: number }[];
  readonly interruptionHistory: readonly { readonly reasons?: readonly string[] }[];
}

const mib = 2 ** 20;
const first = "TMK001L9";

describe("a cartridge that broke a promise", () => {
  let installation: Installation;
  let source: string;

  const make = async (capacity: string, vault: readonly string[] = []): Promise<void> => {
    const config =
      '[tape]\nrecordSize = "64 KiB"\nsegmentSize = "2 MiB"\n[checkpoint]\nsize = "512 KiB"\n[pipeline]\nringSize = "1 MiB"\nreaders = 1\n';
    installation = await new Installation().make({ capacity, config });
    for (const tag of vault) await installation.succeed("volume", "label", tag, "--pool", "vault", "--yes");
    await installation.succeed("volume", "label", "--all", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
    makeSmallFiles(join(source, "a-small"), 20);
    writeFileSync(join(source, "b-large"), new Noise(3).bytes(3 * mib));
    makeSmallFiles(join(source, "c-small"), 20, 2);
    writeFileSync(join(source, "d-large"), new Noise(4).bytes(3 * mib));
  };
  beforeEach(() => make("40 MiB"));
  afterEach(() => installation.remove());

  function inject(...faults: readonly SimulatedFault[]): void {
    writeFileSync(join(installation.libraryFolder, "faults.json"), JSON.stringify({ seed: 1, faults }));
  }

  /** The job ends at a WRITE that is refused in a way that no other attempt could mend. */
  async function interruptAt(volume: string, object: number): Promise<Details> {
    const sense = { key: 5, asc: 0x20, ascq: 0 };
    inject({ when: { operation: "WRITE(6)", volume, object }, effect: { sense }, times: "always" });
    expect((await installation.run("backup", source)).code).to.not.equal(0);
    inject();
    return installation.json<Details>("job", "show", "1");
  }

  const durableOn = ({ tapeVolumes }: Details, tag: string): bigint =>
    BigInt(tapeVolumes.find(({ volumeTag }) => volumeTag === tag)?.durablePosition ?? 0);

  const altered = (tag: string, work: (drive: TapeDrive) => Promise<void>): Promise<void> =>
    installation.withCartridge(tag, async (drive) => {
      await drive.setVariableBlocks();
      await work(drive);
      await drive.synchronise(0);
    });

  const stateOf = async (tag: string): Promise<string | undefined> =>
    (await installation.json<{ volumes: Volume[] }>("volume", "list")).volumes.find(
      ({ volumeTag }) => volumeTag === tag,
    )?.state;

  /** By tar too where the segments that are left are of a kind of their own: each costs a process. */
  async function expectWhole(byTar = false): Promise<Details> {
    inject();
    const details = await installation.json<Details>("job", "show", "1");
    expect(details.status).to.equal("complete");
    await expectRestoredByProduct(installation, "1", source);
    if (byTar) await expectRestoredByTar(installation, "1", source);
    return details;
  }

  const tagsOf = ({ segments }: Details): readonly string[] => [...new Set(segments.map(({ volumeTag }) => volumeTag))];

  it("H5: the tape ends before its durable mark: what is proved stays, and the rest is written on another cartridge", async () => {
    const durable = durableOn(await interruptAt(first, 90), first);
    await altered(first, async (drive) => {
      await drive.locate(durable - 5n);
      await drive.erase({ entire: false });
    });
    const before = installation.medium(first);
    await installation.succeed("job", "resume", "1");
    const details = await expectWhole(true);
    expect(tagsOf(details)).to.deep.equal([first, "TMK002L9"]);
    expect(details.interruptionHistory.at(-1)?.reasons?.join("\n")).to.match(
      /were durable.*\n.*proved by its digests.*\n.*broken promise/,
    );
    expect(await stateOf(first)).to.equal("altered");
    expect(installation.medium(first).equals(before)).to.equal(true);
  });

  it("H5: written on all the same where the operator says so", async () => {
    const durable = durableOn(await interruptAt(first, 90), first);
    await altered(first, async (drive) => {
      await drive.locate(durable - 5n);
      await drive.erase({ entire: false });
    });
    await installation.succeed("job", "resume", "1", "--append-to", first);
    expect(tagsOf(await expectWhole())).to.deep.equal([first]);
  });

  it("H5: cut back further than digests reach: proved by the head of a segment", async () => {
    const { segments } = await interruptAt(first, 100);
    const head = BigInt(segments.at(-1)?.headBlock ?? 0);
    await altered(first, async (drive) => {
      await drive.locate(head + 1n);
      await drive.erase({ entire: false });
    });
    await installation.succeed("job", "resume", "1");
    expect(tagsOf(await expectWhole())).to.deep.equal([first, "TMK002L9"]);
  });

  it("C8: another block stands before the mark: refused, and given up on the operator's word", async () => {
    const durable = durableOn(await interruptAt(first, 90), first);
    await altered(first, async (drive) => {
      await drive.locate(durable - 1n);
      await drive.write(Buffer.alloc(65_536, 1), "something else");
    });
    const before = installation.medium(first);
    const refused = await installation.run("job", "resume", "1");
    expect(refused.code).to.equal(5);
    expect(refused.error).to.include(`--give-up ${first}`);
    const plan = await installation.succeed("job", "resume", "1", "--plan", "--give-up", first);
    expect(plan).to.include("nothing on it counts any more");
    await installation.succeed("job", "resume", "1", "--give-up", first);
    expect(tagsOf(await expectWhole())).to.deep.equal(["TMK002L9"]);
    expect(await stateOf(first)).to.equal("altered");
    expect(installation.medium(first).equals(before)).to.equal(true);
  });

  it("C8: the label is gone: refused, and given up on the operator's word", async () => {
    await interruptAt(first, 90);
    await altered(first, async (drive) => {
      await drive.rewind();
      await drive.erase({ entire: false });
    });
    const refused = await installation.run("job", "resume", "1");
    expect(refused.code).to.equal(5);
    expect(refused.error).to.match(/carries no label.*--give-up TMK001L9/);
    await installation.succeed("job", "resume", "1", "--give-up", first);
    expect(tagsOf(await expectWhole())).to.deep.equal(["TMK002L9"]);
  });

  it("C8: an earlier cartridge of the job is lost: what only it held is written again behind the rest", async () => {
    installation.remove();
    await make("4 MiB");
    const { segments } = await interruptAt("TMK002L9", 50);
    expect(segments.some(({ volumeTag }) => volumeTag === "TMK002L9")).to.equal(true);
    await installation.succeed("job", "resume", "1", "--give-up", first);
    const details = await expectWhole(true);
    expect(tagsOf(details)).to.not.include(first);
    await installation.succeed("job", "verify", "1");
    expect(await stateOf(first)).to.equal("altered");
    const copied = await installation.run("job", "copy", "1", "--pool", "vault");
    expect(copied.error).to.include("its stream has a hole and cannot be copied");
  });

  it("R4: no valid end of data: read forward to the last good block, loaded anew, and written on from there", async () => {
    const powerCut = { survivors: 2, endOfData: "invalid" } as const;
    inject({ unit: "drive", when: { operation: "WRITE(6)", volume: first, object: 60 }, effect: { powerCut } });
    expect((await installation.run("backup", source)).code).to.not.equal(0);
    nativeBinding().restoreSimulatedPower(installation.libraryFolder);
    inject();
    const plan = await installation.succeed("job", "resume", "1", "--plan");
    expect(plan).to.include("has no valid end of data: it was read forward");
    await installation.succeed("job", "resume", "1");
    expect(tagsOf(await expectWhole())).to.deep.equal([first]);
  });

  const setWorm = (tag: string): void => {
    const path = join(installation.libraryFolder, "media", `${tag}.attributes`);
    writeFileSync(path, readFileSync(path, "utf8").replace("worm no", "worm yes"));
  };

  it("W8: on WORM what stands behind the boundary stays as void, and the job goes on at the end of data", async () => {
    setWorm(first);
    // Announced, on the tape, and refused by digest: a block of its own behind the durable mark.
    await interruptAt(first, 60);
    await altered(first, async (drive) => {
      await drive.spaceToEndOfData();
      await drive.write(Buffer.alloc(65_536, 1), "something else");
      await drive.synchronise(1);
    });
    const medium = join(installation.libraryFolder, "media", `${first}.tape`);
    const before = readFileSync(medium);
    const sense = { key: 5, asc: 0x20, ascq: 0 };
    inject({ when: { operation: "WRITE(6)", volume: first, object: 75 }, effect: { sense }, times: "always" });
    expect((await installation.run("job", "resume", "1")).code).to.not.equal(0);
    inject();
    expect(await installation.succeed("job", "show", "1")).to.match(/cannot be written over: objects \d+ to \d+ stay/);
    await installation.succeed("job", "resume", "1");
    expect(tagsOf(await expectWhole(true))).to.deep.equal([first]);
    // Not one byte of what was there has changed.
    expect(readFileSync(medium).subarray(0, before.length).equals(before)).to.equal(true);
  });

  it("W8, R4: WORM without a valid end of data is read only, and the job goes on on the next cartridge", async () => {
    setWorm(first);
    const powerCut = { survivors: 2, endOfData: "invalid" } as const;
    inject({ unit: "drive", when: { operation: "WRITE(6)", volume: first, object: 60 }, effect: { powerCut } });
    expect((await installation.run("backup", source)).code).to.not.equal(0);
    nativeBinding().restoreSimulatedPower(installation.libraryFolder);
    inject();
    await installation.succeed("job", "resume", "1");
    expect(tagsOf(await expectWhole())).to.deep.equal([first, "TMK002L9"]);
  });

  it("C8: a copy that has lost its first cartridge goes back to its beginning", async () => {
    installation.remove();
    await make("4 MiB", ["TMK005L9", "TMK006L9", "TMK007L9", "TMK008L9"]);
    await installation.succeed("backup", source);
    const sense = { key: 5, asc: 0x20, ascq: 0 };
    inject({ when: { operation: "WRITE(6)", volume: "TMK006L9", object: 30 }, effect: { sense }, times: "always" });
    expect((await installation.run("job", "copy", "1", "--pool", "vault")).code).to.not.equal(0);
    inject();
    await installation.succeed("job", "resume", "2", "--give-up", "TMK005L9");
    const details = await installation.json<Details>("job", "show", "2");
    expect(details.status).to.equal("complete");
    expect(tagsOf(details)).to.not.include("TMK005L9");
    await installation.succeed("job", "verify", "2");
    await expectRestoredByProduct(installation, "2", source);
  });
});
