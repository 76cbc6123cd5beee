// SPDX-License-Identifier: Apache-2.0
/** Runs the native packer as a backup does, with a file in place of the tape: for tests of what it puts into the stream. */
import { closeSync, openSync } from "node:fs";
import { decodeRecords } from "../../lib/catalog/persistent-record.ts";
import type { ObjectRecord, PersistentRecord } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type {
  ContinuedObject,
  NativePacker,
  NativePackerEvent,
  NativeRing,
  PackerSummary,
} from "../../lib/native/binding.ts";

export interface PackingOptions {
  readonly source: Buffer;
  /** Where the stream's bytes go. */
  readonly streamPath: string;
  readonly recordSizeBytes?: number;
  readonly capacityBytes?: number;
  readonly readers?: number;
  readonly segmentBytes?: bigint;
  readonly extentBytes?: bigint;
  readonly streamOffset?: bigint;
  readonly trustCatalog?: boolean;
  readonly linkTargets?: Buffer;
  readonly continued?: ContinuedObject;
  /** Makes the source be asked about; paths as they come. */
  readonly answer?: (paths: readonly Buffer[]) => Buffer;
  /** Runs when readers have begun, before anything is taken from the ring. */
  readonly beforeDraining?: (packer: NativePacker, ring: NativeRing) => Promise<void>;
}

export interface Packing {
  readonly records: readonly PersistentRecord[];
  readonly frames: number;
  readonly summary: PackerSummary;
  /** Stream offsets, the last one is the stream's end. */
  readonly barriers: readonly bigint[];
  readonly questions: readonly (readonly Buffer[])[];
}

/** One source from its beginning to the barrier behind it; barriers on the way are released at once. */
export class PackingRun {
  readonly ring: NativeRing;
  readonly packer: NativePacker;
  readonly #options: PackingOptions;
  readonly #frames: Buffer[] = [];
  readonly #barriers: bigint[] = [];
  readonly #questions: (readonly Buffer[])[] = [];
  #summary: PackerSummary | undefined;
  #onBarrier: () => void = () => undefined;

  constructor(options: PackingOptions) {
    const binding = nativeBinding();
    this.#options = options;
    this.ring = new binding.Ring({
      recordSizeBytes: options.recordSizeBytes ?? 16384,
      capacityBytes: options.capacityBytes ?? 2 ** 20,
    });
    this.packer = new binding.Packer({
      ring: this.ring,
      readers: options.readers ?? 2,
      streamOffset: options.streamOffset ?? 0n,
      firstContainerId: 1n,
      segmentBytes: options.segmentBytes ?? 2n ** 50n,
      ...(options.extentBytes === undefined ? {} : { extentBytes: options.extentBytes }),
      onEvent: (event) => this.#onEvent(event),
    });
  }

  start(): void {
    this.packer.start({
      index: 0,
      path: this.#options.source,
      crossMounts: false,
      asks: this.#options.answer !== undefined,
      trustCatalog: this.#options.trustCatalog ?? false,
      ...(this.#options.linkTargets === undefined ? {} : { linkTargets: this.#options.linkTargets }),
      ...(this.#options.continued === undefined ? {} : { continued: this.#options.continued }),
    });
  }

  async finish(): Promise<Packing> {
    const descriptor = openSync(this.#options.streamPath, "w");
    try {
      for (;;) {
        const barrier = new Promise<void>((resolve) => (this.#onBarrier = resolve));
        const alreadyThere = this.#barriers.length;
        await nativeBinding().drainRing(this.ring, descriptor);
        if (this.#barriers.length === alreadyThere) await barrier;
        if (this.#summary !== undefined) break;
        this.packer.release();
      }
    } finally {
      closeSync(descriptor);
      await this.packer.stop();
    }
    return {
      records: decodeRecords(Buffer.concat(this.#frames), "the packer"),
      frames: this.#frames.length,
      summary: this.#summary,
      barriers: this.#barriers,
      questions: this.#questions,
    };
  }

  #onEvent(event: NativePackerEvent): void {
    switch (event.kind) {
      case "records":
        this.#frames.push(event.bytes);
        break;
      case "question":
        this.#questions.push(event.paths);
        if (this.#options.answer !== undefined) this.packer.answer(event.id, this.#options.answer(event.paths));
        break;
      case "barrier":
        this.#barriers.push(event.streamOffset);
        this.#onBarrier();
        break;
      case "sourceDone":
        this.#summary = event.summary;
        break;
      case "failed":
        throw new Error(event.message);
      case "stopped":
        break;
    }
  }
}

export async function pack(options: PackingOptions): Promise<Packing> {
  const run = new PackingRun(options);
  run.start();
  if (options.beforeDraining !== undefined) await options.beforeDraining(run.packer, run.ring);
  return run.finish();
}

export type RecordOf<Type extends PersistentRecord["type"]> = Extract<PersistentRecord, { readonly type: Type }>;

export function recordsOf<Type extends PersistentRecord["type"]>(packing: Packing, type: Type): RecordOf<Type>[] {
  return packing.records.filter((record): record is RecordOf<Type> => record.type === type);
}

/** Each object with its member path; where an object was recorded several times, its last record. */
export function objectsByPath(packing: Packing): Map<string, ObjectRecord> {
  const containers = new Map(recordsOf(packing, "containerOpen").map((open) => [open.containerId, open.path]));
  return new Map(
    recordsOf(packing, "object").map((object) => {
      const container = containers.get(object.containerId) ?? Buffer.from("(no container)/");
      return [Buffer.concat([container, object.name]).toString("latin1"), object];
    }),
  );
}
