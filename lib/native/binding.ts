// SPDX-License-Identifier: Apache-2.0
/**
 * The only importer of the compiled addon. It loads the `.node` file, checks that this Node can run it,
 * and gives the addon's surface a type. Everything native is reached through {@link nativeBinding}.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname, resolve } from "node:path";
import { existsSync } from "node:fs";

import type { NativeRecordSieve } from "./record-sieve.ts";
import type { NativeSimulatedPower } from "./simulated-power.ts";
import type {
  DeviceAddress,
  DeviceOptions,
  NativeMediumChanger,
  NativeResult,
  NativeTapeDrive,
  ReadStop,
} from "./device.ts";

export type * from "./device.ts";
export type * from "./simulated-faults.ts";
export type * from "./simulated-power.ts";

export interface SimulatedLibraryOptions {
  readonly drives: number;
  readonly storageElements: number;
  readonly importExportElements: number;
  /** One per storage element from the first on; the rest stay empty. */
  readonly barcodes: readonly string[];
  readonly capacityBytes: bigint;
  /** Bytes before the end at which early warning begins. */
  readonly earlyWarningBytes: bigint;
  /** Size of each drive's write buffer. */
  readonly bufferBytes: number;
  /** How its drives behave; `lto-9` where it is not given. Quirks are added with `+`, any number of them. */
  readonly profile?: SimulatedBehaviour;
  /** Those of the barcodes whose cartridges are WORM. */
  readonly wormBarcodes?: readonly string[];
  /** Cartridges that are nowhere in the library: whoever plays the operator puts them in. */
  readonly shelfBarcodes?: readonly string[];
  /** Of those cartridges that have another one than `capacityBytes`. */
  readonly capacities?: Readonly<Record<string, bigint>>;
  /**
   * How cartridges come into the drive; `robot` where it is not given. `sequential`: there is no changer; the one
   * drive holds the first cartridge, and UNLOAD puts it back and takes the next.
   */
  readonly feed?: "robot" | "sequential";
  /** Sequential feed: behind the last storage element comes the first. */
  readonly wrap?: boolean;
  /**
   * Six hexadecimal digits, in capitals, that all serial numbers have in them. Drawn where it is not given; two
   * libraries that are to behave alike byte by byte have the same.
   */
  readonly id?: string;
}

/**
 * `lto-9`: knows everything, tells the truth. `tgt`: knows only what the tape device of Linux's tgt knows: no LOCATE,
 * no position, no logs, no attributes. `zeros`: READ POSITION, log pages and attributes succeed and are all zero.
 * `descriptor-sense`: sense data in descriptor format.
 */
export type SimulatedProfile = "lto-9" | "tgt" | "zeros" | "descriptor-sense";

/** A profile, and behind it any quirks. */
export type SimulatedBehaviour =
  SimulatedProfile | SimulatedGeneration | `${SimulatedProfile | SimulatedGeneration}+${string}`;

/**
 * A generation of LTO: density codes, capacities, names and place of the compression log of its own; all else as `lto-9`.
 */
export type SimulatedGeneration = `lto-${5 | 6 | 7 | 8 | 9 | 10}`;

/** One more way of real drives, which a profile can be given (docs/internals/simulator.md, "Profiles"). */
export type SimulatedQuirk =
  | "nameless-early-warning"
  | "recovered-early-warning"
  | "buffer-survives-end"
  | "file-off-by-one"
  | "empty-buffer"
  | "descriptor-sense"
  | "no-protection"
  | "no-configuration-extension"
  | "compression"
  | "timed";

export interface RingOptions {
  readonly recordSizeBytes: number;
  readonly capacityBytes: number;
  /**
   * A packer of one reader and the writer work one after the other: the packer until the ring is full, a barrier stands
   * or the source has ended, and until JavaScript has processed all its events; only then the writer until no record is
   * full, keeping its turn between two runs; and so on. With one drive the order of events, announcements of blocks and
   * commands is then the same in each run: the simulation's mode. Who fills the ring from a tape takes no turns.
   */
  readonly takesTurns?: boolean;
}

/** The ring of tape records between a packer and a writer (design: data path). */
export interface NativeRing {
  readonly recordSizeBytes: number;
  readonly capacityBytes: number;
  /** Bytes filled and not yet taken by the writer. */
  filledBytes(): bigint;
  close(): void;
}

/**
 * Events of a packer. `records` is a frame of CBOR persistent records (a CBOR sequence);
 * `question` asks about containers and is answered by {@link NativePacker.answer}.
 */
export type NativePackerEvent =
  | { readonly kind: "records"; readonly bytes: Buffer; readonly count: number; readonly maximumEndOffset: bigint }
  | { readonly kind: "question"; readonly id: number; readonly paths: readonly Buffer[] }
  /** Reservations stand still, every member before `streamOffset` is filled, all frames were delivered. */
  | { readonly kind: "barrier"; readonly streamOffset: bigint }
  /** The source volume has been walked to its end; a barrier follows by itself. */
  | { readonly kind: "sourceDone"; readonly summary: PackerSummary }
  /** Nothing more will come; readers are joined. */
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly message: string };

export interface PackerSummary {
  readonly objectsWritten: bigint;
  readonly objectsSkipped: bigint;
  readonly objectsContinued: bigint;
  readonly objectsUnreadable: bigint;
  readonly containersWritten: bigint;
  readonly containersPartial: bigint;
  readonly containersSkipped: bigint;
  readonly dataBytes: bigint;
  readonly filesOpened: bigint;
}

export interface PackerOptions {
  readonly ring: NativeRing;
  /** As many as the source needs, from 2 to 64, where it is not said. A ring that takes turns has one. */
  readonly readers?: number;
  /** Where the stream goes on; a multiple of the record size. */
  readonly streamOffset: bigint;
  readonly firstContainerId: bigint;
  /** A barrier is made by itself at the first member boundary at or past this many bytes in a segment. */
  readonly segmentBytes: bigint;
  /** A digest is recorded for every so many bytes of an object's archived data, more for huge ones: 64 MiB. */
  readonly extentBytes?: bigint;
  /** Where the ring takes turns a promise is awaited before anything else happens; else it is not looked at. */
  readonly onEvent: (event: NativePackerEvent) => void | Promise<void>;
}

/** A member that lies across a record boundary, or begins at it. */
export interface StreamMember {
  readonly path: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  /** Bytes of data in the archive, before padding to 512. */
  readonly archivedBytes: bigint;
  /** Sparse members only: the file's real size. */
  readonly sparseRealBytes?: bigint;
  /** Sparse members only: end of map and first data block; a cut before it cannot be continued. */
  readonly firstDataEndOffset?: bigint;
}

/** An object that an earlier epoch cut; the packer goes on inside it before it walks. */
export interface ContinuedObject {
  readonly containerPath: Buffer;
  readonly name: Buffer;
  /** 52 bytes, see persistent records. Changed: the packer reports `continued: false` and zero-fills nothing. */
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly sparseMap?: Buffer;
}

export interface NativePacker {
  /**
   * Walks one source volume. Resolves when it has begun; `sourceDone` tells the end.
   * `asks`: containers are asked about first (resume); else nothing is listed.
   */
  start(source: {
    readonly index: number;
    readonly path: Buffer;
    readonly crossMounts: boolean;
    readonly asks: boolean;
    /** Skip readdir and stat of complete containers. */
    readonly trustCatalog: boolean;
    /**
     * Link targets that are claimed already: u32 count, then for each its 52-byte fingerprint, u64 header offset,
     * u16 length and member path, all big-endian. An object whose fingerprint differs from its target's is written
     * whole, for a link would bring the old content back.
     */
    readonly linkTargets?: Buffer;
    readonly continued?: ContinuedObject;
  }): void;
  answer(id: number, packedAnswers: Buffer): void;
  /** Ask for a barrier at the next member boundary. */
  requestBarrier(): void;
  /** Reservations go on after a barrier. */
  release(): void;
  /** Delivers all frames that hold records; resolves when their events have been posted. */
  flush(): Promise<void>;
  memberAt(streamOffset: bigint): StreamMember | undefined;
  progress(): {
    readonly bytesReserved: bigint;
    readonly objects: bigint;
    /** At work, or allowed to be. */
    readonly readers: number;
    readonly currentPath: Buffer;
  };
  /** Quiesces: reservations stop, readers are joined, unsent frames are thrown away. */
  stop(): Promise<void>;
}

/** The four counts, in bytes (design: byte accounting). `durable` and `verified` are raised by TypeScript. */
export interface LedgerCounts {
  readonly submitted: bigint;
  readonly accepted: bigint;
}

export interface WriterRun {
  readonly reason: "limit" | "checkpoint" | "cut" | "earlyWarning" | "failed" | "positionLost";
  /** Everything before it was accepted; a multiple of the record size. */
  readonly streamOffset: bigint;
  readonly blocksWritten: bigint;
  /** Of this run alone; {@link NativeTapeWriter.progress} has the sum of all runs. */
  readonly counts: LedgerCounts;
  /** XXH3-64 of the last record accepted in this run. */
  readonly lastDigest?: bigint;
  readonly result?: NativeResult;
}

export interface NativeTapeWriter {
  /**
   * Takes the device's thread and writes records from the ring until a reason to stop comes up.
   * `limit`: stream offset at which to stop; `checkpointBytes`: stop after so many. Blocks that were announced and
   * not written stay announced: the next run begins with them. All `onBlocks` of a run come before it resolves.
   */
  run(options: { readonly limit?: bigint; readonly checkpointBytes: bigint }): Promise<WriterRun>;
  /** Lowers the limit of the present run (a barrier became known); a later run is told its own. */
  setLimit(streamOffset: bigint): void;
  requestStop(reason: "checkpoint" | "cut"): void;
  /** The BLOCKS record up to this stream offset has been appended: its records may be written. */
  acknowledgeBlocks(streamOffset: bigint): void;
  progress(): {
    readonly streamOffset: bigint;
    readonly counts: LedgerCounts;
    /** Records that are not there yet were waited for. A ring that takes turns tells no times. */
    readonly waitingForRingUs: bigint;
    /** In WRITE commands. */
    readonly waitingForDriveUs: bigint;
    /** Since the ring was made: its producers waited for room. */
    readonly ringFullUs: bigint;
  };
}

export interface TapeWriterOptions {
  readonly drive: NativeTapeDrive;
  readonly ring: NativeRing;
  readonly streamOffset: bigint;
  /** Digests of whole records about to be written: 8 bytes each, big-endian, from `streamOffset` on. */
  readonly onBlocks: (blocks: { readonly streamOffset: bigint; readonly digests: Buffer }) => void;
}

/**
 * Fills a ring with records that lie on a tape, so that a {@link NativeTapeWriter} on another drive puts them unchanged
 * on another tape. Nobody else may fill the ring until it is closed.
 */
export interface NativeStreamReader {
  /**
   * Reads `blocks` data blocks from the drive's present position: they are the stream's bytes from where the call
   * before ended. Takes the drive's thread, and waits there for room in the ring. `stopped`: the ring was.
   */
  read(options: { readonly drive: NativeTapeDrive; readonly blocks: bigint }): Promise<{
    readonly blocksRead: bigint;
    readonly result: NativeResult;
    readonly stoppedAt: ReadStop | "stopped";
  }>;
  /**
   * Members that lie across record boundaries, by the stream offsets of their headers, in order, u64 big-endian each;
   * with bit 63 set, the members behind it too, up to the next one: before they are read. {@link NativeStreamReader.memberAt} knows them from then on.
   */
  expectMembers(packedOffsets: Buffer): void;
  memberAt(streamOffset: bigint): StreamMember | undefined;
  /** Nothing comes for now: a writer does not wait for more than there is. Not during a read. */
  end(): void;
  /** Everything before it is in the ring. */
  streamOffset(): bigint;
  /** Stops the ring; a read that waits comes back. */
  close(): void;
}

/** `verifyOnly`: headers and digests are compared with what is expected, and nothing is created. */
export type ExtractorOptions =
  | { readonly targetFolder: Buffer; readonly numericOwner: boolean; readonly overwrite: boolean }
  | { readonly verifyOnly: true };

/** Restores objects from a stretch of the stream, or verifies them. Bytes never enter JavaScript. */
export interface NativeExtractor {
  /**
   * Objects in stream order, packed (see PACKED RESTORE OBJECTS). Called before `extract` of the stretch that
   * holds them; they may also be given in several batches.
   */
  expect(packedObjects: Buffer): void;
  /**
   * Reads `blocks` data blocks from the drive's present position: they are stream bytes from `streamOffset` on.
   * Objects that begin in it are restored; one that runs on is kept open for the next stretch.
   */
  extract(stretch: {
    readonly drive: NativeTapeDrive;
    readonly streamOffset: bigint;
    readonly blocks: bigint;
    readonly recordSizeBytes: number;
  }): Promise<{
    readonly blocksRead: bigint;
    readonly result: NativeResult;
    readonly stoppedAt: ReadStop;
  }>;
  /** Directories, deepest first, packed as expected objects: owner, mode and times set at last. */
  finishDirectories(packedDirectories: Buffer): Promise<void>;
  /** Ends; objects still open are damaged. */
  finish(): Promise<RestoreSummary>;
  progress(): { readonly objects: bigint; readonly bytes: bigint };
}

export interface RestoreSummary {
  readonly objectsRestored: bigint;
  readonly bytesRestored: bigint;
  /** Bytes of files with which nothing is wrong, compared with the catalog's digests. */
  readonly bytesProved: bigint;
  /** Bytes of files for which the catalog has no digest: read, but compared with nothing. */
  readonly bytesUnproved: bigint;
  /** At most 1000; `damagedCount` has them all. */
  readonly damaged: readonly { readonly path: Buffer; readonly reason: string }[];
  readonly damagedCount: bigint;
}

/** An advisory lock that the kernel drops when the process dies (flock). */
export interface NativeFileLock {
  release(): void;
}

export interface NativeBinding extends NativeSimulatedPower {
  createSimulatedLibrary(folder: string, options: SimulatedLibraryOptions): void;
  /**
   * Replaces the fault plan, JSON of a {@link SimulatedFaultPlan}, that units which are opened from now on follow;
   * without one there is none. Throws with `code: "EINVAL"` and changes nothing where it is not understood.
   */
  planSimulatedFaults(folder: string, plan?: string): void;
  readonly TapeDrive: new (address: DeviceAddress, options?: DeviceOptions) => NativeTapeDrive;
  readonly MediumChanger: new (address: DeviceAddress, options?: DeviceOptions) => NativeMediumChanger;
  readonly Ring: new (options: RingOptions) => NativeRing;
  readonly Packer: new (options: PackerOptions) => NativePacker;
  readonly TapeWriter: new (options: TapeWriterOptions) => NativeTapeWriter;
  readonly Extractor: new (options: ExtractorOptions) => NativeExtractor;
  readonly StreamReader: new (options: {
    readonly ring: NativeRing;
    /** Of the first block to be read; a multiple of the record size. */
    readonly streamOffset: bigint;
  }) => NativeStreamReader;
  /** See lib/catalog/record-sieve.ts. */
  readonly RecordSieve: new () => NativeRecordSieve;
  /** Is the object still there, unchanged, so that {@link NativePacker.start} can go on with it? */
  checkContinued(sourcePath: Buffer, object: ContinuedObject): boolean;
  /** Throws with `code: 'EWOULDBLOCK'` and the holder's process id in `holder` where it is locked. */
  lockFile(path: string): NativeFileLock;
  xxh3_64(bytes: Uint8Array): bigint;
  /** 16 bytes, canonical (big-endian). */
  xxh3_128(bytes: Uint8Array): Buffer;
  /** Calls from native threads into JavaScript and calls of packer/writer methods, since load. */
  crossings(): number;
  /** Drains a ring into a file descriptor as a plain writer would: benchmarks and format tests only. */
  drainRing(ring: NativeRing, fd: number, limit?: bigint): Promise<{ readonly bytes: bigint }>;
}

const requiredNapiVersion = 9;
let loaded: NativeBinding | undefined;

/**
 * The addon.
 * @throws Error with a sentence saying what to do, where this Node is too old or the addon is not built.
 */
export function nativeBinding(): NativeBinding {
  if (loaded !== undefined) return loaded;
  const offered = Number(process.versions["napi"] ?? 0);
  if (offered < requiredNapiVersion) {
    throw new Error(
      `this Node.js (${process.version}) offers Node-API ${offered}, Tidemark needs ${requiredNapiVersion}: use Node.js 22.18 or newer`,
    );
  }
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const require = createRequire(import.meta.url);
  const load = require("node-gyp-build") as (folder: string) => NativeBinding;
  try {
    loaded = load(root);
  } catch (cause) {
    throw new Error(`the native addon is missing or cannot be loaded from ${root}: run "npm run build:native" there`, {
      cause,
    });
  }
  return loaded;
}

function packageRoot(start: string): string {
  let folder = start;
  while (!existsSync(resolve(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${start}`);
    folder = parent;
  }
  return folder;
}
