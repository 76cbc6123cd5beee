// SPDX-License-Identifier: Apache-2.0
/**
 * A frame of the temporary catalog. Big-endian:
 *
 *     0  magic "TMCF"
 *     4  u32 length of the payload
 *     8  u64 sequence number, from 1
 *    16  u32 epoch
 *    20  u32 CRC of the frame before this one (0 before the first): the chain
 *    24  8 bytes nonce
 *    32  u64 sequence number of the last frame known to be on the disk when this one was made
 *    40  payload: persistent records
 *     n  u32 CRC32C of everything before it
 *
 * A frame's own CRC tells whether it is whole; the stored CRC of its predecessor tells whether it belongs here. The
 * last synchronised sequence number makes a lost frame provable: a whole frame that says "up to 90 was on the disk"
 * behind a frame 80 that cannot be read is damage, not the ordinary end of a file that lost its tail.
 */
import { crc32c } from "./crc32c.ts";

export interface FrameHeader {
  readonly sequence: bigint;
  readonly epoch: number;
  readonly nonce: Buffer;
  readonly previousCrc: number;
  readonly synchronised: bigint;
}

export interface Frame extends FrameHeader {
  readonly payload: Buffer;
  readonly crc: number;
  /** Bytes of the whole frame. */
  readonly frameBytes: number;
}

export const frameMagic = Buffer.from("TMCF");
export const frameHeaderBytes = 40;
export const frameTrailerBytes = 4;
export const nonceBytes = 8;

/** No frame is longer: a length read from a damaged header must not make anyone reserve gigabytes. */
export const payloadMaximumBytes = 64 * 1024 * 1024;

export function encodeFrame(
  header: FrameHeader,
  payload: Uint8Array,
): { readonly bytes: Buffer; readonly crc: number } {
  if (payload.length > payloadMaximumBytes) throw new RangeError(`a frame of ${payload.length} bytes is too long`);
  if (header.nonce.length !== nonceBytes)
    throw new RangeError(`a nonce has ${nonceBytes} bytes, not ${header.nonce.length}`);
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + payload.length + frameTrailerBytes);
  frameMagic.copy(bytes, 0);
  bytes.writeUInt32BE(payload.length, 4);
  bytes.writeBigUInt64BE(header.sequence, 8);
  bytes.writeUInt32BE(header.epoch, 16);
  bytes.writeUInt32BE(header.previousCrc, 20);
  header.nonce.copy(bytes, 24);
  bytes.writeBigUInt64BE(header.synchronised, 32);
  bytes.set(payload, frameHeaderBytes);
  const crc = crc32c(bytes.subarray(0, bytes.length - frameTrailerBytes));
  bytes.writeUInt32BE(crc, bytes.length - frameTrailerBytes);
  return { bytes, crc };
}

/**
 * Bytes of the whole frame whose header stands at `offset`.
 * @returns undefined where no frame's header stands there, or not all of it.
 */
export function frameBytesAt(bytes: Buffer, offset: number): number | undefined {
  if (offset + frameHeaderBytes > bytes.length) return undefined;
  if (bytes.compare(frameMagic, 0, 4, offset, offset + 4) !== 0) return undefined;
  const payload = bytes.readUInt32BE(offset + 4);
  return payload > payloadMaximumBytes ? undefined : frameHeaderBytes + payload + frameTrailerBytes;
}

/**
 * The frame at `offset`, if it is whole by its own CRC. Whether it belongs there is the chain's matter.
 * The payload shares memory with `bytes`.
 */
export function decodeFrame(bytes: Buffer, offset = 0): Frame | undefined {
  const frameBytes = frameBytesAt(bytes, offset);
  if (frameBytes === undefined || offset + frameBytes > bytes.length) return undefined;
  const end = offset + frameBytes - frameTrailerBytes;
  const crc = bytes.readUInt32BE(end);
  if (crc !== crc32c(bytes.subarray(offset, end))) return undefined;
  return {
    sequence: bytes.readBigUInt64BE(offset + 8),
    epoch: bytes.readUInt32BE(offset + 16),
    previousCrc: bytes.readUInt32BE(offset + 20),
    nonce: bytes.subarray(offset + 24, offset + 32),
    synchronised: bytes.readBigUInt64BE(offset + 32),
    payload: bytes.subarray(offset + frameHeaderBytes, end),
    crc,
    frameBytes,
  };
}

/** Does `next` follow directly on `last` (undefined: the beginning of the catalog)? */
export function follows(next: FrameHeader, last: Pick<Frame, "sequence" | "crc"> | undefined): boolean {
  return last === undefined
    ? next.sequence === 1n && next.previousCrc === 0
    : next.sequence === last.sequence + 1n && next.previousCrc === last.crc;
}
