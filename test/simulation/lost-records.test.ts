// SPDX-License-Identifier: Apache-2.0
/**
 * H4: records are lost that had been on the disk, and the segments that they tell of are whole on tape. What their
 * footers tell of is not written again; what a start has taken back is, whatever stands on the tape.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { encodeFrame } from "../../lib/catalog/frame.ts";
import { FrameScanner } from "../../lib/catalog/frame-scanner.ts";
import { decodeRecords, encodeRecords } from "../../lib/catalog/persistent-record.ts";
import type { PersistentRecord, SegmentCloseRecord } from "../../lib/catalog/persistent-record.ts";
import { TemporaryCatalogReader } from "../../lib/catalog/temporary-catalog-reader.ts";
import type { InterruptionStatus } from "../../lib/service/api.ts";
import { nodeFileSystem } from "../../lib/service/node-file-system.ts";
import { CourseRun } from "./course.ts";
import type { Course, Proofs } from "./course.ts";
import { parseFault } from "./fault-text.ts";
import { readImage } from "./image.ts";
import { SimulatedInstallation } from "./installation.ts";
import { jobPlan, sourceVolumes } from "./job-plan.ts";

interface Found {
  readonly path: string;
  /** Of the frame in its file. */
  readonly position: number;
  readonly records: readonly PersistentRecord[];
}

describe("H4: lost records", function () {
  this.timeout(120_000);
  const plan = jobPlan("reference");
  let installation: SimulatedInstallation;
  let folder: string;
  before(() => {
    installation = new SimulatedInstallation(plan);
    folder = join(installation.config.stateFolder, "jobs", "1");
  });
  after(() => installation.remove());

  async function interrupted(proofs: Proofs, ...commands: readonly number[]): Promise<CourseRun> {
    await installation.reset();
    const run = new CourseRun(installation, sourceVolumes(plan), 1, proofs);
    for (const number of commands) await run.attempt([parseFault(`c${number}.kill-done`)]);
    return run;
  }

  async function frames(): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const name of readdirSync(folder).filter((each) => /^catalog-\d+\.tmc$/.test(each))) {
      const path = join(folder, name);
      const file = await nodeFileSystem.open(path);
      if (file === undefined) throw new Error(`${path} is gone`);
      const scanner = new FrameScanner(file);
      for (;;) {
        const { position } = scanner;
        const frame = await scanner.next();
        if (frame === undefined) break;
        found.push({ path, position, records: decodeRecords(frame.payload, path) });
      }
      await file.close();
    }
    return found;
  }

  /** A bit flips in the frame. */
  function flip({ path, position }: Found): void {
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(position + 44) ^ 4, position + 44);
    writeFileSync(path, bytes);
  }

  function isOf(type: PersistentRecord["type"]): (frame: Found) => boolean {
    return ({ records }) => records.some((record) => record.type === type);
  }

  function closesIn(found: readonly Found[]): readonly SegmentCloseRecord[] {
    return found.flatMap(({ records }) => records.flatMap((each) => (each.type === "segmentClose" ? each : [])));
  }

  function mustFind<T>(what: T | undefined): T {
    if (what === undefined) throw new Error("it is not there");
    return what;
  }

  /** What `job show` tells of the interruptions. */
  const told = (): Promise<readonly InterruptionStatus[]> =>
    installation.withService(99, async (service) => (await service.showJob("1")).interruptionHistory);

  /** Those before a place on the first cartridge. */
  function objectsBefore(end: bigint): string {
    const { objects } = readImage(installation.libraryFolder, "SIM001L9");
    const contents = objects
      .slice(0, Number(end))
      .map((each) => (each.kind === "block" ? each.bytes.toString("hex") : ""));
    return contents.join("\n");
  }

  const writes = ({ attempts }: Course): number =>
    mustFind(attempts.at(-1)).trace.commands.filter(({ operation }) => operation === "WRITE(6)").length;

  it("H4: come back from the footers of whole segments, and nothing of those is written again", async () => {
    const run = await interrupted("all", 520);
    const snapshot = installation.keep();
    const found = await frames();
    const last = mustFind(closesIn(found).at(-1));
    const onTape = objectsBefore(last.endBlock);
    const undamaged = await run.copy().finish();
    installation.restore(snapshot);
    const [, second] = found.filter(isOf("durable"));
    flip(mustFind(second));
    const course = await run.finish();
    expect(course.violations).to.deep.equal([]);
    const [story] = await told();
    expect(story).to.include({ boundaryBlock: last.endBlock, streamOffset: last.streamOffset });
    expect(story?.reasons?.join("\n")).to.match(
      /catalog is damaged.*\nfooters on SIM001L9 gave back lost records, of 3 segments up to object \d+ and of \d{3} objects in them: they count as written/,
    );
    expect(objectsBefore(last.endBlock) === onTape).to.equal(true);
    // What the cut segment had is all that comes again.
    expect(writes(course) - writes(undamaged)).to.be.lessThan(Number(mustFind(story?.discardedObjects)) + 1);
  });

  it("H4: of several starts come back, where each of them has gone on on the tape", async () => {
    const run = await interrupted("restore", 250, 150, 200);
    const found = await frames();
    const last = mustFind(closesIn(found).at(-1));
    // Nothing is left of what stood behind the first durable mark in the first start's file; later files testify to it.
    const { path, position } = mustFind(found.find(isOf("durable")));
    const cut = mustFind(found.find((frame) => frame.path === path && frame.position > position));
    writeFileSync(path, readFileSync(path).subarray(0, cut.position));
    const { violations } = await run.finish();
    expect(violations).to.deep.equal([]);
    const stories = await told();
    expect(stories.map(({ epoch }) => epoch)).to.deep.equal([2, 3, 4]);
    expect(stories.at(-1)).to.include({ boundaryBlock: last.endBlock, streamOffset: last.streamOffset });
    expect(stories.at(-1)?.reasons?.join("\n")).to.match(/of 6 segments up to object/);
  });

  describe("that a later start had taken back", () => {
    /** A start that went back into a closed segment, and whose process ended before it wrote anything. */
    async function takenBack(): Promise<{ readonly run: CourseRun; readonly boundary: bigint }> {
      const run = await interrupted("restore", 520);
      const found = await frames();
      const durables = found.flatMap(({ records }) => records.flatMap((each) => (each.type === "durable" ? each : [])));
      const mark = mustFind(durables.find(({ segment }) => segment === 3));
      const { position: boundaryBlock, streamOffset, volumeUuid } = mark;
      const { last } = await new TemporaryCatalogReader(nodeFileSystem, folder).summary();
      const { crc: previousCrc, sequence } = mustFind(last);
      const again = { ...mark, epoch: 2 };
      const origin = { epoch: 2, nonce: Buffer.alloc(8, 5) };
      const payloads = [
        [{ type: "epoch", ...origin }, { type: "truncate", volumeUuid, boundaryBlock, streamOffset, epoch: 2 }, again],
        [again],
        [],
      ] satisfies readonly (readonly PersistentRecord[])[];
      let chain = { previousCrc, sequence };
      const bytes = payloads.map((records) => {
        // Each testifies to the one before.
        const header = { ...origin, ...chain, sequence: chain.sequence + 1n, synchronised: chain.sequence };
        const frame = encodeFrame(header, encodeRecords(records));
        chain = { previousCrc: frame.crc, sequence: header.sequence };
        return frame.bytes;
      });
      const number = String(readdirSync(folder).filter((name) => name.startsWith("catalog-")).length + 1);
      writeFileSync(join(folder, `catalog-${number.padStart(6, "0")}.tmc`), Buffer.concat(bytes));
      return { run, boundary: boundaryBlock };
    }

    it("H4: are not taken from the tape where its TRUNCATE is left", async () => {
      const { run, boundary } = await takenBack();
      flip(mustFind((await frames()).findLast(isOf("durable"))));
      const { violations } = await run.finish();
      expect(violations).to.deep.equal([]);
      const story = (await told()).at(-1);
      expect(story).to.include({ boundaryBlock: boundary });
      expect(story?.reasons?.join("\n"))
        .to.match(/catalog is damaged/)
        .and.not.match(/gave back/);
    });

    it("H4: are not taken from the tape where its TRUNCATE is lost with them", async () => {
      const { run } = await takenBack();
      const found = await frames();
      const marks = found.filter(isOf("durable"));
      const second = mustFind(marks[1]);
      flip(second);
      const { violations } = await run.finish();
      expect(violations).to.deep.equal([]);
      const story = (await told()).at(-1);
      // Blocks announced before the damage are on the tape as they were announced; no segment behind them counts.
      expect(second.records[0]).to.include({ type: "durable", position: story?.boundaryBlock });
      expect(story?.reasons?.join("\n")).to.match(/a later start is among the lost records and has left nothing on/);
    });
  });
});
