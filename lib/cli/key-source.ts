// SPDX-License-Identifier: Apache-2.0
/**
 * Encryption keys come from a file or from an open file descriptor, never from the command line, where every user of
 * the machine can read them. A key is never made a string: strings cannot be wiped.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export interface KeyOptions {
  readonly keyFile?: string;
  readonly keyFd?: string;
}

const keyBytes = 32;
const hexDigits = keyBytes * 2;
/** A text's line may end in CR LF; one byte more tells that there is too much. */
const longestInput = hexDigits + 3;

/** Reads the key, works with it and wipes it, whatever happens. */
export async function withKey<T>(session: Session, options: KeyOptions, work: (key: Buffer) => Promise<T>): Promise<T> {
  const key = readKey(session, options);
  try {
    return await work(key);
  } finally {
    key.fill(0);
  }
}

function readKey(session: Session, { keyFile, keyFd }: KeyOptions): Buffer {
  if ((keyFile === undefined) === (keyFd === undefined)) {
    throw new UsageError("name where the key is, with --key-file FILE or with --key-fd NUMBER");
  }
  if (keyFd !== undefined) return keyFromDescriptor(descriptorNumber(keyFd), `descriptor ${keyFd}`);
  const path = resolve(session.terminal.workingFolder, keyFile ?? "");
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new UsageError(`cannot read the key file ${path}: ${(cause as Error).message}`);
  }
  try {
    const othersMayRead = (fstatSync(descriptor).mode & 0o077) !== 0;
    if (othersMayRead) session.remark(`the key file ${path} can be read by others: chmod 600 it`);
    return keyFromDescriptor(descriptor, `the key file ${path}`);
  } finally {
    closeSync(descriptor);
  }
}

function descriptorNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`"${text}" is no file descriptor: give its number, such as 3`);
  return Number(text);
}

function keyFromDescriptor(descriptor: number, what: string): Buffer {
  // Memory of its own, not a slice of the pool that other buffers share.
  const input = Buffer.alloc(longestInput);
  try {
    return parseKey(input.subarray(0, fill(descriptor, input, what)), what);
  } finally {
    input.fill(0);
  }
}

/** Reads until the end or until the buffer is full. */
function fill(descriptor: number, input: Buffer, what: string): number {
  let filled = 0;
  while (filled < input.length) {
    let read: number;
    try {
      read = readSync(descriptor, input, filled, input.length - filled, null);
    } catch (cause) {
      throw new UsageError(`cannot read the key from ${what}: ${(cause as Error).message}`);
    }
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** 32 raw bytes, or 64 hexadecimal digits and perhaps the end of their line. */
function parseKey(input: Buffer, what: string): Buffer {
  if (input.length === keyBytes) return wipeable(input);
  const digits = withoutLineEnd(input);
  const key = Buffer.alloc(keyBytes);
  if (digits.length === hexDigits && decodeHex(digits, key)) return key;
  key.fill(0);
  throw new UsageError(`${what} holds no key: wanted are 32 bytes, or 64 hexadecimal digits`);
}

function wipeable(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}

function withoutLineEnd(input: Buffer): Buffer {
  const withoutLf = input.at(-1) === 0x0a ? input.subarray(0, -1) : input;
  return withoutLf.length < input.length && withoutLf.at(-1) === 0x0d ? withoutLf.subarray(0, -1) : withoutLf;
}

function decodeHex(digits: Buffer, key: Buffer): boolean {
  for (let index = 0; index < keyBytes; index++) {
    const high = nibble(digits[index * 2] ?? 0);
    const low = nibble(digits[index * 2 + 1] ?? 0);
    if (high < 0 || low < 0) return false;
    key[index] = high * 16 + low;
  }
  return true;
}

function nibble(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = character | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
