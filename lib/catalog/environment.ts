// SPDX-License-Identifier: Apache-2.0
/**
 * What the catalog needs of the world. It is injected, so that a simulation can lose an unsynchronised tail, fill
 * a disk or fail an fsync at any call, and replay it.
 */
import type { RecordSieve } from "./record-sieve.ts";

/** A file that only grows. */
export interface AppendFile {
  /**
   * Appends what it can and says how many bytes that was; the caller goes on with the rest.
   * @throws Error with a `code` as the operating system has it: `ENOSPC`, `EIO`.
   */
  append(bytes: Uint8Array): Promise<number>;
  /** fdatasync: contents and size are on the disk when it resolves. */
  synchronise(): Promise<void>;
  close(): Promise<void>;
}

/** A file that is only read. */
export interface ReadFile {
  readonly sizeBytes: number;
  /** Fewer bytes than asked for only at the end of the file. */
  readAt(position: number, bytes: number): Promise<Buffer>;
  /** fdatasync: what other descriptors wrote is on the disk when it resolves. */
  synchronise(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Makes a new file; one of that name must not exist. */
  create(path: string): Promise<AppendFile>;
  /** @returns undefined where there is no such file. */
  open(path: string): Promise<ReadFile | undefined>;
  /** Makes a folder and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, sorted; none where the folder does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** fsync of a folder: names made or removed in it are on the disk when it resolves. */
  synchroniseFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; one that does not exist is no error. */
  remove(path: string): Promise<void>;
  /** Removes an empty folder; one that does not exist is no error. */
  removeFolder(path: string): Promise<void>;
  /** Bytes that an unprivileged process may still write on this folder's disk. */
  freeBytes(path: string): Promise<bigint>;
}

export interface Clock {
  nowMs(): number;
}

export interface Random {
  bytes(count: number): Buffer;
}

/** XXH3-128, canonical: 16 bytes, big-endian. */
export type Hash128 = (bytes: Uint8Array) => Buffer;

export interface Environment {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash128: Hash128;
  readonly newSieve: () => RecordSieve;
}
