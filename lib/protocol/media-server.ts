// SPDX-License-Identifier: Apache-2.0
import type { EpochToken } from "./catalog-manager.ts";
import type { JobTime } from "./job-time.ts";
import type { RecordRing } from "./record-ring.ts";
import type { ByteCounts, ContinuedPart, CutMember, Segment, TapeFacts, TapeVolumeIdentity } from "./tape.ts";

export interface WriteSession {
  readonly token: EpochToken;
  readonly ring: RecordRing;
  readonly streamOffset: bigint;
  readonly pool: string;
  /** UUID of the media set that the job's volumes belong to. */
  readonly mediaSet: string;
  readonly nextSegment: number;
  readonly checkpointBytes: bigint;
  readonly checkpointMs: number;
  /** Resume: the volume examined before, where to go on, and what ends there. */
  readonly resume?: {
    readonly boundary: bigint;
    /** Object `boundary - 1` is a filemark: none is written before the new segment. */
    readonly behindFilemark: boolean;
    /** Filemarks before the boundary on the volume, the label's included. */
    readonly filemarks: number;
  };
  /** A segment was cut where the session begins: its records go first, into a footer-only segment. */
  readonly afterCut: boolean;
  /** The member that the first segment goes on with, and the part before it. */
  readonly continued?: { readonly member: CutMember; readonly part: ContinuedPart };
  /** Which member lies across this record boundary, if any: asked at each cut. */
  readonly memberAt: (streamOffset: bigint) => CutMember | undefined;
}

export interface WriteProgress {
  readonly streamOffset: bigint;
  readonly bytesAtRisk: bigint;
  readonly volumeTag: string;
  readonly position: bigint;
}

/** Pieces of the stream on one volume, in order of position. */
export interface StreamStretch {
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly firstBlock: bigint;
  readonly blocks: bigint;
  readonly streamOffset: bigint;
  readonly recordSizeBytes: number;
}

/** Where a sink has come with a stretch. */
export interface StretchEnd {
  readonly blocksRead: bigint;
  /** `wrongLength`: a block is there that is no record; `damaged`: on its way here. `stopped`: the sink wants no more. */
  readonly stoppedAt:
    "count" | "filemark" | "endOfData" | "endOfMedium" | "wrongLength" | "damaged" | "failed" | "stopped";
  /** The device's last answer, as the media server knows it. */
  readonly result: object;
}

/** Takes stream bytes off a tape: the restoring end of a data server. */
export interface StretchSink {
  /** Blocks may be left out between two calls: what lies in them is found missing by the sink. */
  readonly takesGaps: boolean;
  extract(drive: object, stretch: StreamStretch): Promise<StretchEnd>;
}

/** Blocks that could not be read. The objects that they hold are among the damaged ones. */
export interface UnreadableBlocks {
  readonly volumeTag: string;
  readonly firstBlock: bigint;
  readonly blocks: bigint;
  readonly reason: string;
}

/** Puts stream bytes off tapes into a ring, for another drive to write. */
export interface StreamFeed extends StretchSink {
  /** Members that lie across record boundaries: stream offsets of their headers, in order, u64 big-endian each. */
  expectMembers(packedOffsets: Uint8Array): void;
  /** The member that was expected, has passed by, and is cut by this record boundary. */
  memberAt(streamOffset: bigint): CutMember | undefined;
  /** Nothing comes for now. */
  end(): void;
  /** A stretch that waits for room in the ring ends; nothing more comes. */
  close(): void;
}

export interface LabelWish {
  readonly volumeTag: string;
  readonly pool: string;
  readonly recordSizeBytes: number;
  /** Write over another product's label, or over data without one. */
  readonly overwriteForeign: boolean;
}

/** A tape file that holds a segment, and is ended by a filemark. */
export interface FileOnTape {
  readonly jobId: string;
  readonly segment: number;
  /** The first block that may belong to a footer. */
  readonly firstBlock: bigint;
  readonly filemark: bigint;
}

export interface FooterOnTape {
  readonly footerBlock: bigint;
  /**
   * The segment's persistent records (a CBOR sequence), piece by piece.
   * @throws FormatError where a block of it cannot be read
   */
  pieces(): AsyncIterable<Uint8Array>;
}

/** What a session is for; the more urgent one is served first. */
export interface SessionRequest {
  readonly jobId: string;
  readonly purpose: "backup" | "restore" | "verify" | "copy";
  /** Higher is served first. Where it is not given, a restore goes before a backup, and a backup before the rest. */
  readonly priority?: number;
  /** Ends every wait. */
  readonly signal?: AbortSignal;
  readonly onNotice?: (notice: MediaNotice) => void;
}

/** What a person who watches the job wants to hear. */
export type MediaNotice =
  | { readonly kind: "waitingForDrive"; readonly text: string }
  | { readonly kind: "waitingForOperator"; readonly text: string }
  | { readonly kind: "volumeMounted"; readonly volumeTag: string; readonly drive: string; readonly text: string }
  | { readonly kind: "gaveWay"; readonly text: string }
  | { readonly kind: "volumeClosed"; readonly volumeTag: string; readonly text: string }
  | { readonly kind: "volumeAltered"; readonly volumeTag: string; readonly text: string };

export interface PreparedVolume {
  readonly volume: TapeVolumeIdentity;
  readonly mediaSet: string;
}

/**
 * One job's use of the media server: one drive at a time, held from the first need of it to {@link MediaSession.close}.
 * Writing: `prepare` or `examine`, then `beginWriting`.
 */
export interface MediaSession {
  /** Makes sure that the job's pool has a cartridge to write, and loads it. */
  prepare(job: {
    readonly pool: string;
    /** The set it writes already; chosen by the pool's policy where it is not given. */
    readonly mediaSet?: string;
    readonly recordSizeBytes?: number;
    /** UUIDs of the volumes that hold segments of the job. */
    readonly written?: readonly string[];
  }): Promise<PreparedVolume>;
  /** Finds and loads the wanted volume, proves its identity and says what is on it from `durablePosition` on. */
  examine(wanted: {
    readonly jobId: string;
    readonly volumeUuid: string;
    readonly volumeTag: string;
    readonly durablePosition: bigint;
    /** Read from here where the tape ends before the durable position: what lies behind can be proved by its digests. */
    readonly verifyFrom: bigint;
    /** A segment near the durable position: shortens the way on drives that must count. */
    readonly landmark?: { readonly tapeFile: number; readonly headBlock: bigint };
  }): Promise<TapeFacts>;
  /**
   * The footer that ends a tape file of the volume that was examined.
   * @returns undefined where none ends it: the segment was cut, or a place there cannot be read
   */
  footerOf(file: FileOnTape): Promise<FooterOnTape | undefined>;
  /** XXH3-128 of stream bytes on the loaded volume. */
  digestStream(request: {
    readonly firstBlock: bigint;
    readonly skipBytes: number;
    readonly bytes: bigint;
    readonly recordSizeBytes: number;
  }): Promise<Uint8Array>;
  /** Nothing more is written on the volume: what is good on it ends at this position, behind so many filemarks. */
  leaveVolume(volumeUuid: string, end: { readonly position: bigint; readonly filemarks: number }): Promise<void>;
  /** The volume does not hold what was written on it: it is set aside for a person, who is told why. */
  setAside(volumeUuid: string, reason: string): Promise<void>;
  /** The volume does not hold all that was written on it, and is written on all the same: a person is told. */
  raiseAlarm(volumeUuid: string, reason: string): Promise<void>;
  /**
   * Starts writing records as they come.
   * @returns bytes of a segment's records that are sure to fit behind early warning, on this medium in this drive
   */
  beginWriting(session: WriteSession): Promise<bigint>;
  /** The segment ends at this stream offset, at a member boundary: writes up to it, then footer and filemark. */
  endSegmentAt(streamOffset: bigint, options?: { readonly endsJob?: boolean }): Promise<void>;
  /** The segment ends at this stream offset inside a member that does not go on: no footer may follow it directly. */
  cutSegmentAt(streamOffset: bigint): Promise<void>;
  /**
   * Opens the segment that follows an ended one. A more urgent job may have the drive in between.
   * @returns as {@link beginWriting}: it may be another medium by now, or another drive
   */
  nextSegment(): Promise<bigint>;
  /** Synchronises and stops, leaving the segment open for a resume. */
  checkpointAndStop(): Promise<void>;
  /** Settles when writing failed; never resolves otherwise. */
  failure(): Promise<never>;
  progress(): WriteProgress | undefined;
  counts(): ByteCounts;
  /** Where the time went since the session was opened. */
  time(): JobTime;
  endWriting(): Promise<void>;
  /**
   * Loads the volume, goes to the stretch and hands it to the sink: a place that cannot be read is tried again, in
   * another drive too, before it is passed over.
   * @returns the blocks that were passed over
   */
  readStretch(stretch: StreamStretch, sink: StretchSink): Promise<readonly UnreadableBlocks[]>;
  /** Gives the drive back. */
  close(): Promise<void>;
}

/** What one reads, the other writes. */
export interface SessionPair {
  readonly reading: MediaSession;
  readonly writing: MediaSession;
}

/** Drives the tape drives and autoloaders; the only role that touches a device. */
export interface MediaServer {
  openSession(request: SessionRequest): MediaSession;
  /** Two sessions of one job, whose drives are granted both at once. */
  openPair(request: SessionRequest): SessionPair;
  /**
   * The job is over: its volumes may be appended to behind these segments by others. A cancelled job leaves none;
   * its bytes are written over.
   */
  releaseVolumes(jobId: string, segments: readonly Segment[]): Promise<void>;
  /** Writes a label unless the cartridge carries one; refuses a foreign or newer one. */
  labelVolume(
    wish: LabelWish,
  ): Promise<{ readonly outcome: "labelled" | "alreadyLabelled"; readonly volumeUuid: string }>;
  /** Copies one tape file, block by block, to a file descriptor. */
  copyTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }>;
  close(): Promise<void>;
}
