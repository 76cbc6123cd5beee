// SPDX-License-Identifier: Apache-2.0
/**
 * Walks the whole stream of a finished job as a tar reader would: member behind member, over cuts and volumes. What is
 * restored last of a path must be what the product claims, and the stream must be as docs/reference/tape-format.md says.
 */
import type { ImageStream, Stretch } from "./image-stream.ts";
import { TarProblem, padded, readHeaders, readSparseMap } from "./image-tar.ts";
import type { Member } from "./image-tar.ts";
import type { ToldFinished } from "./told.ts";

interface Placed {
  readonly member: Member;
  readonly start: number;
  readonly dataStart: number;
  readonly end: number;
}

const directoryType = "5";

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h, and room for names. */
const longestHeaders = 3 * 65_536;

export function checkStream(jobId: string, told: ToldFinished, stream: ImageStream): readonly string[] {
  const walk = new Walk(stream, told.recordBytes);
  try {
    walk.run(told.endOffset);
  } catch (error) {
    if (!(error instanceof TarProblem)) throw error;
    return [`the stream of job ${jobId}: ${error.message}`];
  }
  const claims = new Map(told.objects.map(({ path, headerOffset }) => [path, headerOffset]));
  const violations = [...walk.problems];
  for (const { member, start } of walk.last.values()) {
    const claim = claims.get(member.path);
    if (claim === undefined) violations.push(`${JSON.stringify(member.path)} is on tape at ${start} and not claimed`);
    // A directory's member is repeated; whichever counts says the same.
    else if (claim !== start && member.type !== directoryType)
      violations.push(`${JSON.stringify(member.path)} is claimed at ${claim}, a later member stands at ${start}`);
  }
  return violations;
}

class Walk {
  readonly problems: string[] = [];
  /** The last whole member of each path. */
  readonly last = new Map<string, Placed>();
  readonly #stream: ImageStream;
  readonly #recordBytes: number;
  #open: Placed | undefined;

  constructor(stream: ImageStream, recordBytes: number) {
    this.#stream = stream;
    this.#recordBytes = recordBytes;
  }

  run(endOffset: number): void {
    let at = 0;
    let before: Stretch | undefined;
    for (const stretch of this.#stream.stretches) {
      if (stretch.from !== at) throw new TarProblem(`bytes ${at} to ${stretch.from} are on no medium`);
      this.#enter(stretch, before);
      this.#walk(stretch);
      at = stretch.to;
      before = stretch;
    }
    if (at !== endOffset) throw new TarProblem(`it ends at ${at}, not at ${endOffset}`);
    if (this.#open !== undefined && this.#open.end > at)
      throw new TarProblem(`${JSON.stringify(this.#open.member.path)} is cut off at its end`);
    this.#close();
  }

  /** A segment goes on with the member that the one before was cut in, or gives it up. */
  #enter(stretch: Stretch, before: Stretch | undefined): void {
    const open = this.#open;
    const isInside = open !== undefined && open.end > stretch.from;
    const { continues } = stretch.head;
    if (continues === undefined) {
      // What a volume change cuts is gone on with; an interruption begins another epoch.
      if (isInside && before?.head.epoch !== stretch.head.epoch) this.#open = undefined;
      return;
    }
    if (!isInside) throw new TarProblem(`segment ${stretch.head.segment} continues a member where none is cut`);
    const { member, dataStart } = open;
    const bytesLeft = dataStart + member.archivedBytes - stretch.from;
    const offset = (member.realBytes ?? member.archivedBytes) - bytesLeft;
    const path = continues.path.endsWith("/") ? continues.path.slice(0, -1) : continues.path;
    if (path !== member.path || continues.bytesLeft !== bytesLeft || continues.offset !== offset)
      throw new TarProblem(`the head of segment ${stretch.head.segment} does not join ${JSON.stringify(member.path)}`);
  }

  #walk({ from, to, bytes }: Stretch): void {
    let at = this.#open === undefined ? from : Math.max(from, this.#open.end);
    while (at < to) {
      const headers = this.#headersAt(bytes, from, at, to);
      if (headers === undefined) return;
      this.#close();
      this.#open = headers;
      at = headers.end;
    }
  }

  /** @returns undefined where only fillers are left of the segment */
  #headersAt(bytes: Buffer, from: number, at: number, to: number): Placed | undefined {
    try {
      return this.#placed(bytes.subarray(at - from), at, to);
    } catch (error) {
      // A header set longer than a record may run on in the next segment.
      const across = to < this.#end ? this.#stream.read(at, Math.min(to + longestHeaders, this.#end)) : undefined;
      if (across === undefined || !(error instanceof TarProblem)) throw error;
      return this.#placed(across, at, to);
    }
  }

  #placed(bytes: Buffer, at: number, to: number): Placed | undefined {
    const { globals, member, start, end } = readHeaders(bytes, 0);
    for (const [keyword, value] of globals) {
      if (keyword !== "comment" || value.trim() !== "") this.problems.push(`a filler at ${at} says something`);
    }
    if (at + start >= to) return undefined;
    if (member === undefined) throw new TarProblem(`no member stands at ${at + end}`);
    const dataStart = at + end;
    const placed = { member, start: at + start, dataStart, end: dataStart + padded(member.archivedBytes) };
    this.#checkPlace(placed, bytes.subarray(end));
    return placed;
  }

  get #end(): number {
    return this.#stream.stretches.at(-1)?.to ?? 0;
  }

  /** No headers straddle a block boundary, unless they are longer than a block; a sparse map counts as headers. */
  #checkPlace({ member, start, dataStart }: Placed, data: Buffer): void {
    const first = Math.floor(start / this.#recordBytes);
    let end = dataStart;
    if (member.realBytes !== undefined) {
      const map = readSparseMap(data);
      end += map.bytes + Math.min(512, member.archivedBytes - map.bytes);
    }
    if (Math.floor((end - 1) / this.#recordBytes) === first || start % this.#recordBytes === 0) return;
    this.problems.push(`the headers of ${JSON.stringify(member.path)} at ${start} straddle a block boundary`);
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.last.set(this.#open.member.path, this.#open);
    this.#open = undefined;
  }
}
