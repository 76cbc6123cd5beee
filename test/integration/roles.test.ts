// SPDX-License-Identifier: Apache-2.0
/** The roles together in one process: order of start, what is asked, what is written, what is counted. */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import type { Roles } from "../../lib/service/roles.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { ProtocolMessage } from "../../lib/protocol/connection.ts";
import type { JobResult } from "../../lib/protocol/job.ts";
import { Installation } from "./installation.ts";
import { killedWhenWritten } from "./killed-process.ts";

const mib = 2 ** 20;

describe("roles", () => {
  let installation: Installation;
  let source: string;
  let messages: ProtocolMessage[];

  beforeEach(async () => {
    installation = await new Installation().make({
      config: '[tape]\nrecordSize = "64 KiB"\n[pipeline]\nringSize = "4 MiB"\n',
    });
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    source = join(installation.folder, "source");
    mkdirSync(source);
    messages = [];
  });
  afterEach(() => installation.remove());

  const withRoles = <T>(work: (roles: Roles) => Promise<T>): Promise<T> =>
    installation.withRoles(work, (message) => messages.push(message));

  const backup = (): Promise<JobResult> => withRoles((roles) => roles.jobManager.backup([Buffer.from(source)], {}));
  const resume = (): Promise<JobResult> => withRoles((roles) => roles.jobManager.resume("1", {}));
  const first = (to: ProtocolMessage["to"]): number => messages.findIndex((message) => message.to === to);

  it("media server and catalog server are up before the data server is contacted: a new job", async () => {
    makeSmallFiles(source, 50);
    await backup();
    expect(first("mediaServer")).to.be.at.least(0);
    expect(first("mediaServer")).to.be.lessThan(first("dataServer"));
    expect(first("catalogServer")).to.be.lessThan(first("dataServer"));
    const writing = messages.findIndex(({ name }) => name === "beginWriting");
    expect(writing).to.be.lessThan(messages.findIndex(({ to, name }) => to === "dataServer" && name === "open"));
  });

  it("media server and catalog server are up before the data server is contacted: a resume", async () => {
    makeSmallFiles(join(source, "small"), 50);
    writeFileSync(join(source, "large"), new Noise(1).bytes(90 * mib));
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    await resume();
    expect(messages.findIndex(({ name }) => name === "examine")).to.be.lessThan(first("dataServer"));
    expect(messages.findIndex(({ name }) => name === "generate")).to.be.lessThan(first("dataServer"));
  });

  describe("for every container object the data server asks", () => {
    // One reader walks depth first, in order: a-complete and its files are on tape when the large file is written.
    beforeEach(async () => {
      makeSmallFiles(join(source, "a-complete"), 150, 1);
      mkdirSync(join(source, "partial"));
      writeFileSync(join(source, "partial", "a-before"), "written before the cut");
      writeFileSync(join(source, "partial", "large"), new Noise(1).bytes(90 * mib));
      writeFileSync(join(source, "partial", "z-after"), "not yet written");
      makeSmallFiles(join(source, "z-not-listed"), 150, 2);
      writeFileSync(installation.configPath, `${readFileSync(installation.configPath, "utf8")}readers = 1\n`);
      expect(await killedWhenWritten(installation, 50 * mib, "backup", source)).to.equal(true);
    });

    /** Stream offsets of the files below a folder of the source, behind the resume's boundary or before it. */
    async function filesWritten(folder: string, boundary: bigint): Promise<{ before: string[]; behind: string[] }> {
      return withRoles((roles) => {
        const below = Buffer.from(join(source, folder).slice(1));
        const files = [...roles.store.objectsInStreamOrder("1", [below])].filter(({ kind }) => kind === 0);
        const names = (wanted: typeof files): string[] => wanted.map(({ name }) => name.toString()).sort();
        return Promise.resolve({
          before: names(files.filter(({ headerOffset }) => headerOffset < boundary)),
          behind: names(files.filter(({ headerOffset }) => headerOffset >= boundary)),
        });
      });
    }

    it("not listed: write", async () => {
      const { bytesSaved } = await resume();
      const asked = messages.filter(({ from, to }) => from === "dataServer" && to === "catalogServer");
      expect(asked.map(({ name }) => name)).to.include("judgeContainers");
      const { before, behind } = await filesWritten("z-not-listed", bytesSaved);
      expect(before).to.deep.equal([]);
      expect(behind.length).to.equal(150);
    });

    it("listed and partial: write what is missing of it", async () => {
      const { bytesSaved, objectsContinued } = await resume();
      expect(objectsContinued).to.equal(1n);
      const { before, behind } = await filesWritten("partial", bytesSaved);
      expect(before).to.deep.equal(["a-before", "large"]);
      expect(behind).to.deep.equal(["z-after"]);
    });

    it("listed and complete: skip", async () => {
      const { bytesSaved, containersSkipped, objectsSkipped } = await resume();
      const { before, behind } = await filesWritten("a-complete", bytesSaved);
      expect(before.length).to.equal(150);
      expect(behind).to.deep.equal([]);
      expect(Number(containersSkipped)).to.be.at.least(foldersOf(150));
      // On tape were a-complete's files and folders, a-before, and the root with its three entries.
      expect(objectsSkipped).to.equal(150n + BigInt(foldersOf(150)) + 1n + 4n);
    });

    it("a complete container object is skipped without reading its files", async () => {
      const result = await resume();
      // Opened: the 150 files of the directory that was not listed, the continued one (checked, then read), z-after.
      expect(Number(result.filesOpened)).to.be.at.most(153);
    });

    it("a complete container object whose file changed since is looked at again, and only that file is written", async () => {
      const folder = join(source, "a-complete", "part-0", "folder-0");
      const before = await installation.json<{ objectsDurable: number }>("job", "resume", "1", "--plan");
      expect(before.objectsDurable).to.be.greaterThan(150);
      writeFileSync(join(folder, readdirSync(folder)[0] ?? ""), "changed since");
      const result = await resume();
      expect(result.status).to.equal("complete");
      expect(Number(result.filesOpened)).to.be.at.most(154);
    });
  });

  it("label, segments, footers and void are the volume's bytes in the catalog, and the image's", async () => {
    makeSmallFiles(source, 400);
    await backup();
    const [volume] = await withRoles((roles) =>
      Promise.resolve(roles.store.volumes.list().filter(({ state }) => state === "appendable")),
    );
    const image = statSync(join(installation.libraryFolder, "media", `${volume?.volumeTag ?? ""}.tape`)).size;
    expect(volume?.bytes).to.equal(BigInt(image));
    const segments = await withRoles((roles) => Promise.resolve(roles.store.finishedJob("1")?.segments ?? []));
    const blocks = segments.reduce((sum, segment) => sum + (segment.endPosition ?? 0n) - 1n - segment.headBlock, 0n);
    expect(volume?.bytes).to.equal((volume?.labelBytes ?? 0n) + blocks * 65_536n);
  });

  it("while interrupted: durable <= image <= accepted by the drive", async () => {
    writeFileSync(join(source, "large"), new Noise(1).bytes(90 * mib));
    expect(await killedWhenWritten(installation, 40 * mib, "backup", source)).to.equal(true);
    const plan = await installation.json<{ tape: { counts: Record<string, number>; relation: string } }>(
      "job",
      "resume",
      "1",
      "--plan",
    );
    const image = statSync(join(installation.libraryFolder, "media", "TMK001L9.tape")).size;
    expect(plan.tape.counts["durable"]).to.be.at.most(image);
    expect(plan.tape.counts["accepted"]).to.equal(image);
    expect(plan.tape.counts["submitted"]).to.be.at.least(image);
  });

  it("a second job is appended behind the first, and both are restored", async () => {
    makeSmallFiles(source, 100);
    await backup();
    writeFileSync(join(source, "new"), "new");
    await backup();
    const tags = await withRoles((roles) =>
      Promise.resolve(roles.store.finishedJob("2")?.segments.map(({ volumeTag, tapeFile }) => [volumeTag, tapeFile])),
    );
    expect(tags).to.deep.equal([["TMK001L9", 2]]);
    const target = join(installation.folder, "restored");
    await installation.succeed("restore", "--job", "2", "--to", target);
    expect(readFileSync(join(target, source, "new"), "utf8")).to.equal("new");
  });

  it("20,000 files cross from native code to JavaScript fewer than 400 times", async () => {
    installation.remove();
    installation = await new Installation().make({ config: "" });
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    source = join(installation.folder, "source");
    makeSmallFiles(source, 20_000);
    const before = nativeBinding().crossings();
    const result = await backup();
    expect(Number(result.objectsWritten)).to.be.at.least(20_000);
    expect(nativeBinding().crossings() - before).to.be.lessThan(400);
  });
});

/** Folders that `makeSmallFiles` makes for so many files: `part-N` and `folder-N`. */
function foldersOf(files: number): number {
  const folders = Math.ceil(files / 100);
  return folders + Math.ceil(folders / 20);
}
