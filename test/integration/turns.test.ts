// SPDX-License-Identifier: Apache-2.0
/** A stream that takes turns: what JavaScript hears, how far both sides are meanwhile, and the tape are always the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurnOfTheLoop } from "node:timers/promises";
import { expect } from "chai";
import { JobManager } from "../../lib/job-manager/job-manager.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativePacker, NativePackerEvent, NativeRing, NativeTapeWriter } from "../../lib/native/binding.ts";
import type { World } from "../../lib/service/world.ts";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import { expectGood, SimulatedTape } from "./simulated-tape.ts";
import { Installation } from "./installation.ts";

const recordSizeBytes = 16384;
const recordSize = BigInt(recordSizeBytes);
/** Verdict, entries, hash, fingerprint, number of objects: a container that is not listed. */
const notListedBytes = 1 + 4 + 16 + 52 + 4;

/** One source to a tape, every message into one hash; JavaScript takes its time, by chance. */
class Course {
  readonly #ring: NativeRing;
  readonly #packer: NativePacker;
  readonly #writer: NativeTapeWriter;
  readonly #hash: Hash = createHash("sha256");
  readonly #chance: Noise;
  messages = 0;
  #limit: bigint | undefined;
  #done = false;

  constructor(tape: SimulatedTape, seed: number) {
    const native = nativeBinding();
    this.#chance = new Noise(seed);
    this.#ring = new native.Ring({ recordSizeBytes, capacityBytes: 12 * recordSizeBytes, takesTurns: true });
    this.#packer = new native.Packer({
      ring: this.#ring,
      readers: 1,
      streamOffset: 0n,
      firstContainerId: 1n,
      segmentBytes: 20n * recordSize,
      onEvent: (event) => this.#hear(event),
    });
    this.#writer = new native.TapeWriter({
      drive: tape.drive,
      ring: this.#ring,
      streamOffset: 0n,
      onBlocks: ({ streamOffset, digests }) => {
        this.#note("blocks", digests);
        void this.#lateness().then(() =>
          this.#writer.acknowledgeBlocks(streamOffset + BigInt(digests.length / 8) * recordSize),
        );
      },
    });
  }

  async run(source: string): Promise<string> {
    const running = this.#writeAll();
    this.#packer.start({ index: 0, path: Buffer.from(source), crossMounts: false, asks: true, trustCatalog: false });
    await running;
    await this.#packer.stop();
    return this.#hash.digest("hex");
  }

  async #writeAll(): Promise<void> {
    for (let atBarrier = false; ;) {
      const limit = this.#limit === undefined ? {} : { limit: this.#limit };
      const running = this.#writer.run({ checkpointBytes: 15n * recordSize, ...limit });
      if (atBarrier) this.#packer.release();
      const run = await running;
      this.#note(`${run.reason} ${run.streamOffset} ${run.counts.submitted}`);
      expect(run.reason).to.be.oneOf(["limit", "checkpoint"]);
      atBarrier = run.reason === "limit";
      if (atBarrier && this.#done) return;
      if (atBarrier) this.#limit = undefined;
    }
  }

  async #hear(event: NativePackerEvent): Promise<void> {
    this.#note(event.kind, event.kind === "records" ? event.bytes : Buffer.alloc(0));
    await this.#lateness();
    if (event.kind === "records" && event.count > 15) this.#packer.requestBarrier();
    if (event.kind === "question") this.#packer.answer(event.id, Buffer.alloc(event.paths.length * notListedBytes));
    if (event.kind === "sourceDone") this.#done = true;
    if (event.kind !== "barrier") return;
    this.#limit = event.streamOffset;
    this.#writer.setLimit(event.streamOffset);
  }

  /** With how far packer and writer are: neither may be at work meanwhile. */
  #note(what: string, bytes: Uint8Array = Buffer.alloc(0)): void {
    this.messages++;
    const packed = this.#packer.progress().bytesReserved;
    this.#hash.update(`${what} ${packed} ${this.#writer.progress().streamOffset} ${this.#ring.filledBytes()}\n`);
    this.#hash.update(bytes);
  }

  async #lateness(): Promise<void> {
    for (let count = this.#chance.number(0, 4); count > 0; count--) await nextTurnOfTheLoop();
  }
}

describe("a ring that takes turns", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-turns-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function makeTree(): string {
    const source = join(folder, "source");
    makeSmallFiles(join(source, "small"), 55);
    mkdirSync(join(source, "large"));
    for (let size = 1; size <= 5; size++) {
      writeFileSync(join(source, "large", `${size}`), new Noise(size).bytes(size * 5 * recordSizeBytes));
    }
    return source;
  }

  it("gives the same messages in the same order, and the same tape, thirty times", async () => {
    const source = makeTree();
    const tape = await SimulatedTape.create();
    try {
      const seen = new Set<string>();
      for (let seed = 1; seed <= 30; seed++) {
        expectGood(await tape.drive.rewind(false));
        const course = new Course(tape, seed);
        const messages = await course.run(source);
        expect(course.messages).to.be.greaterThan(50);
        seen.add(
          `${messages} ${createHash("sha256")
            .update(await tape.medium())
            .digest("hex")}`,
        );
      }
      expect([...seen]).to.have.length(1);
    } finally {
      await tape.remove();
    }
  });

  it("lets a whole job say the same things in the same order each time", async () => {
    const source = makeTree();
    const runs = [await jobMessages(source), await jobMessages(source)];
    expect(runs[0]).to.include("dataServer catalogManager appendFrame");
    expect(runs[1]).to.deep.equal(runs[0]);
  });

  it("is filled by one reader only", () => {
    const native = nativeBinding();
    const ring = new native.Ring({ recordSizeBytes, capacityBytes: 2 ** 20, takesTurns: true });
    const options = { ring, streamOffset: 0n, firstContainerId: 1n, segmentBytes: 1n, onEvent: () => undefined };
    expect(() => new native.Packer({ ...options, readers: 2 })).to.throw(TypeError, "takes turns");
    expect(() => new native.Ring({ recordSizeBytes, capacityBytes: 2 ** 20, takesTurns: 1 as never })).to.throw(
      TypeError,
      "takesTurns",
    );
    ring.close();
  });
});

/** What the roles said to each other in a backup of this source by an installation of its own. */
async function jobMessages(source: string): Promise<string[]> {
  const installation = await new Installation().make({
    config: '[tape]\nrecordSize = "16 KiB"\nsegmentSize = "512 KiB"\n[pipeline]\nringSize = "256 KiB"\nreaders = 1\n',
  });
  try {
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    const messages: string[] = [];
    const { Ring } = nativeBinding();
    const createRing: World["createRing"] = (recordBytes, capacityBytes) =>
      new Ring({ recordSizeBytes: recordBytes, capacityBytes, takesTurns: true });
    const { status } = await installation.withRoles(
      ({ jobEnvironment }) => new JobManager({ ...jobEnvironment, createRing }).backup([Buffer.from(source)], {}),
      ({ from, to, name }) => messages.push(`${from} ${to} ${name}`),
    );
    expect(status).to.equal("complete");
    return messages;
  } finally {
    installation.remove();
  }
}
