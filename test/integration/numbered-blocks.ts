// SPDX-License-Identifier: Apache-2.0
/** Blocks that say which they are: each carries its run, its number and a digest, and has a length of its own. */
import { createHash } from "node:crypto";
import type { TapeDrive } from "../../lib/device/index.ts";

const headerBytes = 8;
const digestBytes = 32;
const lengthsBytes = [65_536, 1000, 262_144, 1_048_576, 262_145, 512] as const;

export function blockLength(number: number): number {
  return lengthsBytes[number % lengthsBytes.length] ?? 512;
}

export function numberedBlock(run: number, number: number): Buffer {
  const block = Buffer.alloc(blockLength(number), `run ${run} block ${number} `);
  block.writeUInt32BE(run, 0);
  block.writeUInt32BE(number, 4);
  digestOf(block).copy(block, block.length - digestBytes);
  return block;
}

function digestOf(block: Buffer): Buffer {
  return createHash("sha256").update(block.subarray(0, -digestBytes)).digest();
}

/**
 * Rewinds, and reads blocks of a run until the end of data.
 * @returns how many there are
 * @throws where one is missing, doubled, out of order or damaged
 */
export async function countNumberedBlocks(drive: TapeDrive, run: number): Promise<number> {
  await drive.rewind();
  for (let number = 0; ; number++) {
    // Of exactly that length: a longer READ makes tgt send less than the block.
    const read = await drive.read(blockLength(number));
    if (read.kind === "endOfData") return number;
    if (read.kind !== "block") throw new Error(`block ${number}: ${read.kind} ${read.result.detail ?? ""}`);
    const { data } = read;
    if (data.length < headerBytes + digestBytes || !data.subarray(-digestBytes).equals(digestOf(data))) {
      throw new Error(`block ${number} of ${data.length} bytes is damaged`);
    }
    const found = [data.readUInt32BE(0), data.readUInt32BE(4), data.length];
    const expected = [run, number, blockLength(number)];
    if (found.join() !== expected.join())
      throw new Error(`run, block, length: ${found.join()}, not ${expected.join()}`);
  }
}
