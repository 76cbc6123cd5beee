// SPDX-License-Identifier: Apache-2.0
/** A job's stream as it lies on the media: which block of which cartridge holds which byte of it. */
import type { Image } from "./image.ts";
import { readHead, readLabel } from "./image-label.ts";
import type { Head } from "./image-label.ts";

/** A segment as the product tells of it; stream bytes [streamStart, streamEnd). */
export interface ToldSegment {
  readonly segment: number;
  readonly epoch: number;
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly headBlock: number;
  readonly firstDataBlock: number;
  readonly streamStart: number;
  readonly streamEnd: number;
}

export interface Stretch {
  readonly told: ToldSegment;
  readonly head: Head;
  readonly from: number;
  readonly to: number;
  /** Those of the stream: all blocks lie one behind the other. */
  readonly bytes: Buffer;
}

export class ImageStream {
  readonly stretches: readonly Stretch[];
  readonly problems: readonly string[];

  /** What is not on the media as it is told becomes a problem, and a hole in the stream. */
  constructor(
    jobId: string,
    recordBytes: number,
    segments: readonly ToldSegment[],
    images: ReadonlyMap<string, Image>,
  ) {
    const stretches: Stretch[] = [];
    const problems: string[] = [];
    let reached = 0;
    for (const told of segments) {
      const found = locate(jobId, recordBytes, told, images);
      if (typeof found === "string") {
        problems.push(`segment ${told.segment} (${told.volumeTag}, tape file ${told.tapeFile}): ${found}`);
      } else if (found.to > found.from) {
        if (found.from < reached)
          problems.push(`segment ${told.segment} holds stream bytes from ${found.from} on a second time`);
        reached = found.to;
        stretches.push(found);
      }
    }
    this.stretches = stretches;
    this.problems = problems;
  }

  /** Bytes [from, to) of the stream; undefined where not all of them are on the media. */
  read(from: number, to: number): Buffer | undefined {
    const pieces = this.pieces(from, to);
    if (pieces === undefined) return undefined;
    const [first] = pieces;
    return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
  }

  /** The same, not put together where a segment ends between them. */
  pieces(from: number, to: number): readonly Buffer[] | undefined {
    const pieces: Buffer[] = [];
    let at = from;
    for (let index = this.#indexAt(from); at < to; index++) {
      const stretch = this.stretches[index];
      if (stretch === undefined || stretch.from > at) return undefined;
      const end = Math.min(to, stretch.to);
      pieces.push(stretch.bytes.subarray(at - stretch.from, end - stretch.from));
      at = end;
    }
    return pieces;
  }

  #indexAt(offset: number): number {
    let low = 0;
    let high = this.stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stretches[middle]?.to ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function locate(
  jobId: string,
  recordBytes: number,
  told: ToldSegment,
  images: ReadonlyMap<string, Image>,
): Stretch | string {
  const image = images.get(told.volumeTag);
  if (image === undefined) return "there is no such cartridge";
  let head: Head;
  try {
    if (readLabel(image).uuid !== told.volumeUuid) return "the cartridge has another label";
    const block = image.block(told.headBlock);
    if (block === undefined) return `object ${told.headBlock} is no block`;
    head = readHead(block);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (head.volumeUuid !== told.volumeUuid || head.jobId !== jobId) return "its head is another volume's or job's";
  if (head.segment !== told.segment || head.epoch !== told.epoch || head.streamOffset !== told.streamStart)
    return `its head says segment ${head.segment}, epoch ${head.epoch}, stream offset ${head.streamOffset}`;
  if (told.firstDataBlock !== told.headBlock + 1) return "its data does not stand behind its head";
  const blocks = (told.streamEnd - told.streamStart) / recordBytes;
  if (!Number.isInteger(blocks)) return `it does not end at a block boundary: ${told.streamEnd}`;
  for (let index = 0; index < blocks; index++) {
    const length = image.block(told.firstDataBlock + index)?.length;
    if (length !== recordBytes)
      return `object ${told.firstDataBlock + index} is ${length === undefined ? "no block" : `${length} bytes long`}`;
  }
  const first = image.block(told.firstDataBlock) ?? Buffer.alloc(0);
  // The blocks share one memory, in which they stand one behind the other.
  const bytes = Buffer.from(first.buffer, first.byteOffset, blocks * recordBytes);
  return { told, head, from: told.streamStart, to: told.streamEnd, bytes };
}
