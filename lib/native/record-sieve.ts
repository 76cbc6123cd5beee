// SPDX-License-Identifier: Apache-2.0
/** What `RecordSieve` gives of the persistent records of a journal; the catalog says what it makes of them. */

export interface NativeLooseRecords {
  readonly kind: "loose";
  readonly records: Buffer;
  readonly ordinals: Uint32Array;
}

export interface NativeWholeContainer {
  readonly kind: "whole";
  readonly containerId: number;
  readonly firstOrdinal: number;
  readonly lastOrdinal: number;
  readonly firstOffset: bigint;
  readonly endOffset: bigint;
  readonly objects: number;
  readonly memberBytes: bigint;
  readonly close: Buffer;
  readonly records: Buffer;
}

export interface NativeRecordSieve {
  /** @throws RangeError of a payload longer than that of any frame, 64 MiB */
  take(payload: Uint8Array): readonly (NativeLooseRecords | NativeWholeContainer)[];
  finish(): readonly (NativeLooseRecords | NativeWholeContainer)[];
}
