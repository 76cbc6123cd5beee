// SPDX-License-Identifier: Apache-2.0
/** What a segment that goes on inside a member has to say of it, read from the member's own headers. */
import type { StoredStream } from "../protocol/catalog-server.ts";
import type { SessionPair } from "../protocol/media-server.ts";
import type { CutMember } from "../protocol/tape.ts";
import type { JobManagerEnvironment } from "./environment.ts";

/** Behind a filler come headers, and a sparse file's map of at most a record with the first block of data. */
const recordsBehindHeaders = 3n;
/** Before a member that was given up others may stand that were written again. */
const recordsBeforeGivenUp = 64n;
/** The members behind an expected one are looked at too. */
const andThoseBehind = 1n << 63n;

/** @returns undefined where no member lies across the stream offset */
export async function cutMemberAt(
  environment: JobManagerEnvironment,
  { reading }: SessionPair,
  stream: StoredStream,
  streamOffset: bigint,
): Promise<CutMember | undefined> {
  const { catalogServer, createFeed, createRing } = environment;
  const { jobId, recordSizeBytes } = stream;
  const across = await catalogServer.memberAcross(jobId, streamOffset);
  if (across === undefined) return undefined;
  const recordSize = BigInt(recordSizeBytes);
  const from = (across.headerOffset / recordSize) * recordSize;
  const isGivenUp = across.dataOffset === across.headerOffset;
  const records = isGivenUp ? recordsBeforeGivenUp : recordsBehindHeaders;
  const behind = (across.dataOffset / recordSize + records) * recordSize;
  const to = behind < stream.endOffset ? behind : stream.endOffset;
  const stretches = await catalogServer.streamStretches(jobId, from, to);
  const ring = createRing(recordSizeBytes, Number(to - from) + recordSizeBytes);
  const feed = createFeed(ring, from);
  try {
    const header = Buffer.alloc(8);
    header.writeBigUInt64BE(isGivenUp ? across.headerOffset | andThoseBehind : across.headerOffset);
    feed.expectMembers(header);
    for (const stretch of stretches) await reading.readStretch(stretch, feed);
    return feed.memberAt(streamOffset);
  } finally {
    feed.close();
    ring.close();
  }
}
