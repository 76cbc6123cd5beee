// SPDX-License-Identifier: Apache-2.0
/**
 * The buffer of tape records between a data server and a media server. In one process both hold the same ring;
 * a remote data server fills a ring of its own and a socket carries the records over.
 */
export interface RecordRing {
  readonly recordSizeBytes: number;
  readonly capacityBytes: number;
  filledBytes(): bigint;
  close(): void;
}
