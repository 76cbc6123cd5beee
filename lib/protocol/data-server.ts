// SPDX-License-Identifier: Apache-2.0
import type { EpochToken, ObjectAcross } from "./catalog-manager.ts";
import type { StretchSink } from "./media-server.ts";
import type { RecordRing } from "./record-ring.ts";
import type { CutMember } from "./tape.ts";

export interface DataServerSession {
  readonly token: EpochToken;
  readonly ring: RecordRing;
  /** As many as the source needs where it is not said. */
  readonly readers?: number;
  readonly streamOffset: bigint;
  readonly firstContainerId: bigint;
  /** A segment ends at the first member boundary at or past so many bytes, or once its records take so many. */
  readonly segmentBytes: bigint;
  readonly segmentRecordBytes: bigint;
}

export interface SourceRequest {
  readonly index: number;
  readonly path: Uint8Array;
  readonly crossMounts: boolean;
  /** Ask the catalog server for every container object. */
  readonly asks: boolean;
  readonly trustCatalog: boolean;
  readonly linkTargets?: Uint8Array;
  readonly continued?: ObjectAcross;
}

export interface SourceSummary {
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

/** What the data server tells the job manager. */
export interface DataServerListener {
  /** Every member before `streamOffset` is in the ring and its records were sent; reservations wait for `release`. */
  barrier(streamOffset: bigint): void;
  sourceDone(summary: SourceSummary): void;
  failed(error: Error): void;
}

/** Walks source volumes on a client computer and encodes what must be written as pax members. */
export interface DataServer {
  open(session: DataServerSession, listener: DataServerListener): Promise<void>;
  /** Can this object be continued: is it still there and unchanged? */
  canContinue(sourcePath: Uint8Array, object: ObjectAcross): Promise<boolean>;
  startSource(request: SourceRequest): Promise<void>;
  /** Reservations go on behind a barrier, in a segment whose records may take so many bytes. */
  release(segmentRecordBytes: bigint): void;
  memberAt(streamOffset: bigint): CutMember | undefined;
  progress(): {
    readonly bytesReserved: bigint;
    readonly objects: bigint;
    readonly readers: number;
    readonly currentPath: Uint8Array;
  };
  close(): Promise<void>;
  /** Restores to a folder on this computer. */
  openRestore(target: { readonly folder: Uint8Array; readonly overwrite: boolean }): Promise<RestoreSession>;
  /** Compares what is read with what the catalog knows; nothing is created. */
  openVerification(): Promise<VerificationSession>;
}

export interface RestoreSummary {
  readonly objectsRestored: bigint;
  readonly bytesRestored: bigint;
  /** Of those: bytes that were compared with nothing, for they could not be read back when a resume cut there. */
  readonly bytesUnproved: bigint;
  readonly damagedCount: bigint;
  readonly damaged: readonly { readonly path: Uint8Array; readonly reason: string }[];
}

export interface RestoreSession extends StretchSink {
  expect(packedObjects: Uint8Array): void;
  finishDirectories(packedDirectories: Uint8Array): Promise<void>;
  finish(): Promise<RestoreSummary>;
  progress(): { readonly objects: bigint; readonly bytes: bigint };
}

export interface VerificationSummary {
  readonly objectsVerified: bigint;
  /** Of the data of those: compared with the catalog's digests. */
  readonly bytesVerified: bigint;
  /** Read beside those, and compared with nothing: the catalog has no digest of them. */
  readonly bytesUnproved: bigint;
  readonly damagedCount: bigint;
  /** At most 1000. */
  readonly damaged: readonly { readonly path: Uint8Array; readonly reason: string }[];
}

export interface VerificationSession extends StretchSink {
  expect(packedObjects: Uint8Array): void;
  /** What was expected and not met is damaged. */
  finish(): Promise<VerificationSummary>;
  progress(): { readonly objects: bigint; readonly bytes: bigint };
}
