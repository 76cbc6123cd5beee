// SPDX-License-Identifier: Apache-2.0
/**
 * The only importer of the compiled addon. It loads the `.node` file, checks that this Node can run it,
 * and gives the addon's surface a type. Everything native is reached through {@link nativeBinding}.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname, resolve } from "node:path";
import { existsSync } from "node:fs";

/** Decoded sense data (SPC-5 4.4); absent fields were not delivered by the device. */
export interface NativeSense {
  readonly deferred: boolean;
  readonly senseKey: number;
  readonly asc: number;
  readonly ascq: number;
  readonly filemark: boolean;
  readonly endOfMedium: boolean;
  readonly incorrectLength: boolean;
  /** The INFORMATION field, signed, only where the VALID bit was set. */
  readonly information?: bigint;
  readonly raw: Buffer;
}

/** What one SCSI command came to. `completed` says that the device answered, not that it succeeded. */
export interface NativeResult {
  /** Name of the command, for messages: `WRITE(6)`. */
  readonly command: string;
  readonly outcome: "completed" | "notSent" | "unknown";
  readonly scsiStatus: number;
  readonly hostStatus: number;
  readonly driverStatus: number;
  readonly errno: number;
  readonly sense?: NativeSense;
  readonly residual: number;
  readonly durationUs: number;
  /**
   * Number of the session that carried the command, counted per device: between two results with different numbers a
   * session was lost, and with it the position. 0 where the transport has no sessions.
   */
  readonly nexus: number;
  /** One sentence where the transport knows more than a number, such as which process holds the drive. */
  readonly detail?: string;
}

/** Where a device is. */
export type DeviceAddress =
  | {
      readonly kind: "simulated";
      /** Folder of the simulated library. */
      readonly folder: string;
      /** `changer`, or `drive-0`, `drive-1` ... */
      readonly unit: string;
    }
  | {
      readonly kind: "sg";
      /** `/dev/sg3`, `/dev/nst0`, or any link to such a node. */
      readonly path: string;
    }
  | {
      readonly kind: "iscsi";
      /**
       * `iscsi://[user%password@]host[:port]/target-name/lun`. What it does not tell of CHAP comes from the variables
       * LIBISCSI_CHAP_USERNAME and LIBISCSI_CHAP_PASSWORD; with LIBISCSI_CHAP_TARGET_USERNAME and
       * LIBISCSI_CHAP_TARGET_PASSWORD the target must prove itself too. No message and no trace has any of it.
       */
      readonly url: string;
      /** As whom to log in; without it a name made of the host name. Reservations belong to it. */
      readonly initiatorName?: string;
    }
  | {
      readonly kind: "replay";
      /** A recording: a trace that was written with `traceData`. */
      readonly path: string;
    };

export interface DeviceOptions {
  /** A file that gets one line of JSON for each command; created for its owner alone, and appended to. */
  readonly tracePath?: string;
  /** Also the data of READ and WRITE: the trace is a recording, which can be replayed. */
  readonly traceData?: boolean;
  /** sg: holds the drive's tape node while open, so that no other program can use it. */
  readonly exclusive?: boolean;
  /**
   * Shortens all timeouts to this. A command that merely takes its time then ends with an unknown outcome: for tests,
   * and for emulations that never take as long as a tape drive may.
   */
  readonly timeoutLimitMs?: number;
}

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
}

export interface NativeInquiry {
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serialNumber: string;
}

export interface NativePosition {
  /** False where the drive says that it does not know (LOLU, LONU). */
  readonly known: boolean;
  readonly partition: number;
  /** Number of the next logical object (block or filemark), from the beginning of the partition. */
  readonly objectNumber: bigint;
  readonly beginningOfPartition: boolean;
  /** Between early warning and the end of the partition. */
  readonly endOfPartition: boolean;
  /** Present where the drive reported its buffer and did not set LOCU/BYCU. A hint, never a claim. */
  readonly bytesInBuffer?: bigint;
}

/** What a command came to; `value` where it did its work and its answer could be decoded. */
export interface NativeAnswer<T> {
  readonly result: NativeResult;
  readonly value?: T;
}

export type NativeReadOutcome =
  | { readonly kind: "block"; readonly data: Buffer; readonly result: NativeResult }
  | { readonly kind: "filemark" | "endOfData" | "endOfMedium"; readonly result: NativeResult }
  /** The block is longer than the buffer; the tape stands behind it. */
  | { readonly kind: "tooLong"; readonly blockBytes: number; readonly result: NativeResult }
  | { readonly kind: "failed"; readonly result: NativeResult };

export interface NativeWriteOutcome {
  readonly kind: "written" | "failed" | "unknown";
  /** Bytes (or filemarks, for write filemarks) accepted: the length less the valid residue. */
  readonly accepted: number;
  readonly earlyWarning: boolean;
  /** Told once, on entering the zone. */
  readonly programmableEarlyWarning: boolean;
  readonly result: NativeResult;
}

/** One entry per object met by {@link NativeTapeDrive.digestBlocks}. */
export interface NativeBlockScan {
  /** XXH3-64 of each block read, big-endian, 8 bytes each, in order. */
  readonly digests: Buffer;
  /** Length of each block, u32 big-endian, in order. */
  readonly lengths: Buffer;
  /** What ended the scan. */
  readonly stoppedAt: "count" | "filemark" | "endOfData" | "endOfMedium" | "failed";
  readonly result: NativeResult;
}

/**
 * A tape drive. Every call is queued to the device's own thread and resolves, never rejects, when the
 * command has ended; rejection means wrong arguments or a closed device.
 */
export interface NativeTapeDrive {
  inquiry(): Promise<NativeAnswer<NativeInquiry>>;
  testUnitReady(): Promise<NativeResult>;
  readBlockLimits(): Promise<NativeAnswer<{ maximumBytes: number; minimumBytes: number; granularity: number }>>;
  /** MODE SENSE(6) header and block descriptor. */
  modeStatus(): Promise<
    NativeAnswer<{ writeProtected: boolean; bufferedMode: number; blockBytes: number; worm: boolean }>
  >;
  /** Variable-block, buffered mode (MODE SELECT(6), read-modify-write). */
  setVariableBlocks(): Promise<NativeResult>;
  /** Log page 17h parameter 203h; `undefined` where the drive does not tell. */
  endOfDataValid(): Promise<NativeAnswer<boolean>>;
  /** Flags 1..64 that are set, log page 2Eh (cleared by reading). */
  tapeAlerts(): Promise<NativeAnswer<readonly number[]>>;
  /** One MAM attribute's value. */
  readAttribute(id: number): Promise<NativeAnswer<Buffer>>;
  position(): Promise<NativeAnswer<NativePosition>>;
  rewind(): Promise<NativeResult>;
  locate(objectNumber: bigint): Promise<NativeResult>;
  /** SPACE filemarks; negative goes back. */
  spaceFilemarks(count: number): Promise<NativeResult>;
  spaceToEndOfData(): Promise<NativeResult>;
  load(): Promise<NativeResult>;
  unload(): Promise<NativeResult>;
  preventRemoval(prevent: boolean): Promise<NativeResult>;
  allowOverwrite(objectNumber: bigint): Promise<NativeResult>;
  readBlock(maximumBytes: number): Promise<NativeReadOutcome>;
  writeBlock(data: Buffer): Promise<NativeWriteOutcome>;
  /** `immediate: false` synchronises; count 0 only synchronises. */
  writeFilemarks(count: number, immediate: boolean): Promise<NativeWriteOutcome>;
  /** Reads up to `count` blocks from here, without handing their bytes to JavaScript. */
  digestBlocks(count: number, maximumBytes: number): Promise<NativeBlockScan>;
  /**
   * Digest (XXH3-128) of `bytes` bytes that start `skip` bytes into the block here and run on through
   * the following blocks: a cut extent as it stands on tape.
   */
  digestBytes(skip: number, bytes: bigint, maximumBytes: number): Promise<NativeAnswer<Buffer>>;
  /** Streams blocks from here to a file descriptor until a filemark or the end of data. */
  copyTapeFile(
    fd: number,
    maximumBytes: number,
  ): Promise<{
    readonly result: NativeResult;
    readonly bytes: bigint;
    readonly blocks: bigint;
    readonly stoppedAt: string;
    readonly writeErrno?: number;
  }>;
  /** Waits for the queue and ends the thread. */
  close(): Promise<void>;
}

export interface NativeElement {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly full: boolean;
  readonly exception?: { readonly asc: number; readonly ascq: number };
  readonly accessible: boolean;
  readonly volumeTag?: string;
  readonly sourceAddress?: number;
  /** Data transfer elements, from DVCID. */
  readonly driveSerialNumber?: string;
}

export interface NativeMediumChanger {
  inquiry(): Promise<NativeAnswer<NativeInquiry>>;
  testUnitReady(): Promise<NativeResult>;
  initializeElementStatus(): Promise<NativeResult>;
  /** Asked type by type; with volume tags, and drive serial numbers in a second pass. */
  elements(): Promise<NativeAnswer<readonly NativeElement[]>>;
  moveMedium(source: number, destination: number): Promise<NativeResult>;
  close(): Promise<void>;
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
  readonly readers: number;
  /** Where the stream goes on; a multiple of the record size. */
  readonly streamOffset: bigint;
  readonly firstContainerId: bigint;
  /** A barrier is made by itself at the first member boundary at or past this many bytes in a segment. */
  readonly segmentBytes: bigint;
  readonly onEvent: (event: NativePackerEvent) => void;
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
  progress(): { readonly bytesReserved: bigint; readonly objects: bigint; readonly currentPath: Buffer };
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
    readonly waitingForRingUs: bigint;
    readonly waitingForDriveUs: bigint;
  };
}

export interface TapeWriterOptions {
  readonly drive: NativeTapeDrive;
  readonly ring: NativeRing;
  readonly streamOffset: bigint;
  /** Digests of whole records about to be written: 8 bytes each, big-endian, from `streamOffset` on. */
  readonly onBlocks: (blocks: { readonly streamOffset: bigint; readonly digests: Buffer }) => void;
}

/** Restores objects from a stretch of the stream. Bytes never enter JavaScript. */
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
    readonly stoppedAt: "count" | "filemark" | "endOfData" | "endOfMedium" | "failed";
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
  /** At most 1000; `damagedCount` has them all. */
  readonly damaged: readonly { readonly path: Buffer; readonly reason: string }[];
  readonly damagedCount: bigint;
}

/** An advisory lock that the kernel drops when the process dies (flock). */
export interface NativeFileLock {
  release(): void;
}

export interface NativeBinding {
  createSimulatedLibrary(folder: string, options: SimulatedLibraryOptions): void;
  readonly TapeDrive: new (address: DeviceAddress, options?: DeviceOptions) => NativeTapeDrive;
  readonly MediumChanger: new (address: DeviceAddress, options?: DeviceOptions) => NativeMediumChanger;
  readonly Ring: new (options: { readonly recordSizeBytes: number; readonly capacityBytes: number }) => NativeRing;
  readonly Packer: new (options: PackerOptions) => NativePacker;
  readonly TapeWriter: new (options: TapeWriterOptions) => NativeTapeWriter;
  readonly Extractor: new (options: {
    readonly targetFolder: Buffer;
    readonly numericOwner: boolean;
    readonly overwrite: boolean;
  }) => NativeExtractor;
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
