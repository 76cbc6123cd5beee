// SPDX-License-Identifier: Apache-2.0
/**
 * The fingerprint of an object: 52 bytes, big-endian, that say whether it is still the same:
 * dev u64, ino u64, size u64, mtime ns i64, ctime ns i64, mode u32, uid u32, gid u32.
 */
import { CatalogError } from "../errors.ts";

export const fingerprintBytes = 52;

export interface Fingerprint {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly sizeBytes: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export function encodeFingerprint(fingerprint: Fingerprint): Buffer {
  const bytes = Buffer.allocUnsafe(fingerprintBytes);
  bytes.writeBigUInt64BE(fingerprint.dev, 0);
  bytes.writeBigUInt64BE(fingerprint.ino, 8);
  bytes.writeBigUInt64BE(fingerprint.sizeBytes, 16);
  bytes.writeBigInt64BE(fingerprint.mtimeNs, 24);
  bytes.writeBigInt64BE(fingerprint.ctimeNs, 32);
  bytes.writeUInt32BE(fingerprint.mode, 40);
  bytes.writeUInt32BE(fingerprint.uid, 44);
  bytes.writeUInt32BE(fingerprint.gid, 48);
  return bytes;
}

export function decodeFingerprint(bytes: Buffer): Fingerprint {
  if (bytes.length !== fingerprintBytes) {
    throw new CatalogError(`a fingerprint has ${fingerprintBytes} bytes, not ${bytes.length}`, {
      code: "ERR_TAPE_RECORD",
    });
  }
  return {
    dev: bytes.readBigUInt64BE(0),
    ino: bytes.readBigUInt64BE(8),
    sizeBytes: bytes.readBigUInt64BE(16),
    mtimeNs: bytes.readBigInt64BE(24),
    ctimeNs: bytes.readBigInt64BE(32),
    mode: bytes.readUInt32BE(40),
    uid: bytes.readUInt32BE(44),
    gid: bytes.readUInt32BE(48),
  };
}

/**
 * A directory as an entry of its parent: size, mtime and ctime are left out, for a change inside the directory must
 * not make its parent incomplete.
 */
export function directoryEntryFingerprint(bytes: Buffer): Buffer {
  const masked = Buffer.from(bytes);
  masked.fill(0, 16, 40);
  return masked;
}
