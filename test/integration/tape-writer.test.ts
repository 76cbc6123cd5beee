// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import { makeSmallFiles } from "../../scripts/make-tree.ts";
import { PackedStream, packToTape } from "./packed-tape.ts";
import type { Announcement } from "./packed-tape.ts";
import { SimulatedTape } from "./simulated-tape.ts";

const recordSizeBytes = 16384;
const recordSize = BigInt(recordSizeBytes);
const ringBytes = 256 * recordSizeBytes;

describe("native tape writer", () => {
  let folder: string;
  let source: string;
  let tape: SimulatedTape;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-write-"));
    source = join(folder, "source");
    mkdirSync(source);
    tape = await SimulatedTape.create();
  });

  afterEach(async () => {
    await tape.remove();
    rmSync(folder, { recursive: true });
  });

  it("counts exactly the bytes that are on the medium, and announced the digest of each block", async () => {
    makeSmallFiles(source, 1000);
    const { run, announcements, blocks } = await packToTape(tape, source, recordSizeBytes);
    const medium = await tape.medium();
    expect(run.reason).to.equal("limit");
    expect(run.counts).to.deep.equal({ submitted: run.streamOffset, accepted: run.streamOffset });
    expect(BigInt(medium.length)).to.equal(run.streamOffset);
    expect(blocks * recordSize).to.equal(run.streamOffset);
    expect(announcedDigests(announcements)).to.deep.equal(digestsOf(medium));
    expect(run.lastDigest).to.equal(digestsOf(medium).at(-1));
  });

  it("never writes a block that was not acknowledged", async () => {
    makeSmallFiles(source, 1000);
    const stream = new PackedStream(tape, recordSizeBytes, ringBytes);
    let heard: (end: bigint) => void = () => undefined;
    const firstAnnouncement = new Promise<bigint>((resolve) => (heard = resolve));
    stream.onBlocks = (end) => heard(end);
    const running = stream.run();
    stream.start(source);
    await firstAnnouncement;
    stream.writer.acknowledgeBlocks(3n * recordSize);
    while (stream.writer.progress().streamOffset < 3n * recordSize) await after(1);
    // Long enough for a writer that would not wait.
    await after(50);
    stream.writer.requestStop("cut");
    const run = await running;
    expect(run.reason).to.equal("cut");
    expect(run.streamOffset).to.equal(3n * recordSize);
    expect((await tape.medium()).length).to.equal(3 * recordSizeBytes);
    await stream.stop();
  });

  it("goes on behind a stop without announcing a block twice", async () => {
    makeSmallFiles(source, 2000);
    const stream = new PackedStream(tape, recordSizeBytes, ringBytes);
    stream.start(source);
    let accepted = 0n;
    let runs = 0;
    let stops = 0;
    for (let run = await stream.run(100n * recordSize); ; runs++) {
      accepted += run.counts.accepted;
      expect(run.streamOffset).to.equal(accepted);
      if (run.reason === "limit") break;
      expect(run.reason).to.be.oneOf(["checkpoint", "cut"]);
      const running = stream.run(100n * recordSize);
      if (runs % 2 === 0) {
        stops++;
        stream.writer.requestStop("cut");
      }
      run = await running;
    }
    await stream.stop();
    const medium = await tape.medium();
    expect(stops).to.be.greaterThan(1);
    expect(BigInt(medium.length)).to.equal(accepted);
    expect(announcedDigests(stream.announcements)).to.deep.equal(digestsOf(medium));
    expect(stream.writer.progress().counts).to.deep.equal({ submitted: accepted, accepted });
  });

  it("stops at early warning, the block that met it counted", async () => {
    await tape.remove();
    tape = await SimulatedTape.create(4n << 20n, 1n << 20n);
    makeSmallFiles(source, 1000);
    const stream = new PackedStream(tape, recordSizeBytes, ringBytes);
    const running = stream.run();
    stream.start(source);
    const run = await running;
    expect(run.reason).to.equal("earlyWarning");
    expect(run.result?.sense?.endOfMedium).to.equal(true);
    expect(run.counts.accepted).to.equal(run.streamOffset);
    expect(run.streamOffset >= 3n << 20n).to.equal(true);
    const medium = await tape.medium();
    expect(BigInt(medium.length)).to.equal(run.streamOffset);
    expect(announcedDigests(stream.announcements).slice(0, medium.length / recordSizeBytes)).to.deep.equal(
      digestsOf(medium),
    );
    await stream.stop();
  });

  it("ends with the failure of a write, which is submitted and not accepted", async () => {
    makeSmallFiles(source, 100);
    const stream = new PackedStream(tape, recordSizeBytes, ringBytes);
    await tape.drive.loadUnload({ load: false });
    const running = stream.run();
    stream.start(source);
    const run = await running;
    expect(run.reason).to.equal("failed");
    expect(run.result?.sense?.senseKey).to.equal(2);
    expect(run.counts).to.deep.equal({ submitted: recordSize, accepted: 0n });
    expect(run.streamOffset).to.equal(0n);
    await stream.stop();
  });

  it("refuses what makes no sense, with a sentence", async () => {
    const { TapeWriter } = nativeBinding();
    const stream = new PackedStream(tape, recordSizeBytes, ringBytes);
    const options = { drive: tape.drive, ring: stream.ring, streamOffset: 0n, onBlocks: () => undefined };
    expect(() => new TapeWriter({ ...options, streamOffset: 5n })).to.throw(TypeError, "record size");
    expect(() => new TapeWriter({ ...options, drive: {} as typeof tape.drive })).to.throw(TypeError, "a TapeDrive");
    expect(() => stream.writer.acknowledgeBlocks(recordSize)).to.throw(RangeError, "not announced");
    expect(() => stream.writer.requestStop("never" as "cut")).to.throw(TypeError, "reason");
    const running = stream.run();
    const second = await stream.run().catch((error: unknown) => error);
    expect((second as Error).message).to.contain("running already");
    stream.writer.requestStop("checkpoint");
    expect((await running).reason).to.equal("checkpoint");
    await stream.stop();
  });

  it("lets a worker end that never acknowledged anything", async () => {
    await tape.drive.close();
    makeSmallFiles(source, 200);
    const script = join(folder, "worker.mjs");
    writeFileSync(script, workerThatNeverAcknowledges(join(tape.folder, "library"), source));
    const worker = new Worker(script);
    const message = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the worker ended by itself")));
    });
    expect(message).to.equal("announced");
    await worker.terminate();
    expect(tape.mediumNow().length).to.equal(0);
  });
});

function digestsOf(medium: Buffer): bigint[] {
  const digests: bigint[] = [];
  for (let offset = 0; offset < medium.length; offset += recordSizeBytes) {
    digests.push(nativeBinding().xxh3_64(medium.subarray(offset, offset + recordSizeBytes)));
  }
  return digests;
}

/** They follow one another without a gap. */
function announcedDigests(announcements: readonly Announcement[]): bigint[] {
  const digests: bigint[] = [];
  for (const announcement of announcements) {
    expect(announcement.streamOffset).to.equal(BigInt(digests.length) * recordSize);
    for (let offset = 0; offset < announcement.digests.length; offset += 8) {
      digests.push(announcement.digests.readBigUInt64BE(offset));
    }
  }
  return digests;
}

function workerThatNeverAcknowledges(library: string, source: string): string {
  const binding = new URL("../../lib/native/binding.ts", import.meta.url).href;
  return `
    import { parentPort } from "node:worker_threads";
    import { nativeBinding } from ${JSON.stringify(binding)};
    const native = nativeBinding();
    const drive = new native.TapeDrive({ kind: "simulated", folder: ${JSON.stringify(library)}, unit: "drive-0" });
    for (let count = 0; count < 3; count++) await drive.testUnitReady();
    await drive.loadUnload({ load: true });
    const ring = new native.Ring({ recordSizeBytes: ${recordSizeBytes}, capacityBytes: ${ringBytes} });
    const packer = new native.Packer({
      ring, readers: 1, streamOffset: 0n, firstContainerId: 1n, segmentBytes: 1n << 50n, onEvent: () => undefined,
    });
    const writer = new native.TapeWriter({
      drive, ring, streamOffset: 0n, onBlocks: () => parentPort.postMessage("announced"),
    });
    globalThis.inUse = [ring, packer, writer];
    void writer.run({ checkpointBytes: 1n << 60n });
    packer.start({
      index: 0, path: Buffer.from(${JSON.stringify(source)}), crossMounts: false, asks: false, trustCatalog: false,
    });
  `;
}
