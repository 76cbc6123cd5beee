// SPDX-License-Identifier: Apache-2.0
/** The native write path without the roles: packer, ring, tape writer; what JavaScript heard is collected. */
import { decodeRecords } from "../../lib/catalog/persistent-record.ts";
import type { ObjectRecord, PersistentRecord } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type {
  NativePacker,
  NativePackerEvent,
  NativeRing,
  NativeTapeWriter,
  WriterRun,
} from "../../lib/native/binding.ts";
import type { ExpectedObject } from "./packed-objects.ts";
import type { SimulatedTape } from "./simulated-tape.ts";

export interface Announcement {
  readonly streamOffset: bigint;
  readonly digests: Buffer;
}

/** A packer that walks one folder, and a tape writer for its ring. */
export class PackedStream {
  readonly ring: NativeRing;
  readonly packer: NativePacker;
  readonly writer: NativeTapeWriter;
  readonly records: PersistentRecord[] = [];
  readonly announcements: Announcement[] = [];
  /** Takes each announcement; acknowledges it where nothing else is asked for. */
  onBlocks: (end: bigint) => void = (end) => this.writer.acknowledgeBlocks(end);
  readonly walked: Promise<void>;
  /** Where the walk ended: later runs of the writer end there too. */
  #limit: bigint | undefined;
  #walked: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  constructor(tape: SimulatedTape, recordSizeBytes: number, ringBytes: number) {
    const native = nativeBinding();
    this.walked = new Promise((resolve, reject) => {
      this.#walked = resolve;
      this.#failed = reject;
    });
    this.ring = new native.Ring({ recordSizeBytes, capacityBytes: ringBytes });
    this.packer = new native.Packer({
      ring: this.ring,
      readers: 1,
      streamOffset: 0n,
      firstContainerId: 1n,
      segmentBytes: 1n << 50n,
      onEvent: (event) => this.#take(event),
    });
    this.writer = new native.TapeWriter({
      drive: tape.drive,
      ring: this.ring,
      streamOffset: 0n,
      onBlocks: (blocks) => {
        this.announcements.push(blocks);
        this.onBlocks(blocks.streamOffset + BigInt(blocks.digests.length / 8) * BigInt(recordSizeBytes));
      },
    });
  }

  start(source: string): void {
    const path = Buffer.from(source);
    this.packer.start({ index: 0, path, crossMounts: false, asks: false, trustCatalog: false });
  }

  run(checkpointBytes = 1n << 60n): Promise<WriterRun> {
    return this.writer.run({ checkpointBytes, ...(this.#limit === undefined ? {} : { limit: this.#limit }) });
  }

  async stop(): Promise<void> {
    await this.packer.stop();
    this.ring.close();
  }

  #take(event: NativePackerEvent): void {
    if (event.kind === "records") this.records.push(...decodeRecords(event.bytes, "a frame"));
    if (event.kind === "failed") this.#failed(new Error(event.message));
    if (event.kind === "sourceDone") this.#walked();
    if (event.kind !== "barrier") return;
    this.#limit = event.streamOffset;
    this.writer.setLimit(event.streamOffset);
  }
}

export interface PackedTape {
  readonly objects: readonly ExpectedObject[];
  readonly streamOffset: bigint;
  readonly blocks: bigint;
  readonly run: WriterRun;
  readonly announcements: readonly Announcement[];
}

/** Writes a folder to the tape's present position, as one stretch of stream. */
export async function packToTape(tape: SimulatedTape, source: string, recordSizeBytes: number): Promise<PackedTape> {
  const stream = new PackedStream(tape, recordSizeBytes, 256 * recordSizeBytes);
  const running = stream.run();
  stream.start(source);
  await stream.walked;
  const run = await running;
  await stream.stop();
  return {
    objects: expectedOf(stream.records),
    streamOffset: 0n,
    blocks: run.blocksWritten,
    run,
    announcements: stream.announcements,
  };
}

function expectedOf(records: readonly PersistentRecord[]): ExpectedObject[] {
  const folders = new Map<number, Buffer>();
  const objects = new Map<string, ObjectRecord>();
  for (const record of records) {
    if (record.type === "containerOpen") folders.set(record.containerId, record.path);
    if (record.type === "object" && record.outcome === 0) objects.set(String(record.headerOffset), record);
  }
  return [...objects.values()]
    .map((record) => ({
      headerOffset: record.headerOffset,
      endOffset: record.endOffset,
      kind: record.kind,
      digest: record.digest ?? undefined,
      path: Buffer.concat([folders.get(record.containerId) ?? Buffer.alloc(0), record.name]),
    }))
    .sort((a, b) => (a.headerOffset < b.headerOffset ? -1 : 1));
}
