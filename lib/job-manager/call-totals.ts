// SPDX-License-Identifier: Apache-2.0
/** What one call did: a job that met an error goes on by itself, and whoever asked for it hears of all its attempts. */
import { noTime, sumOfTimes } from "../protocol/job-time.ts";
import type { JobTime } from "../protocol/job-time.ts";
import type { JobResult } from "../protocol/job.ts";
import type { SourceVolume } from "../protocol/source-volume.ts";
import type { ByteCounts } from "../protocol/tape.ts";

/** What an attempt found on tape when it began to write. */
export interface AttemptStart {
  readonly streamOffset: bigint;
  /** Durable objects, and those of them in source volumes that were complete. */
  readonly objects: bigint;
  readonly objectsOfComplete: bigint;
  /** It goes on inside an object, which is then counted beside those that are written. */
  readonly continuesObject: boolean;
  /** Bytes past the last durable mark that were found on tape, and count. */
  readonly adoptedBytes: bigint;
}

export const fromTheBeginning: AttemptStart = {
  streamOffset: 0n,
  objects: 0n,
  objectsOfComplete: 0n,
  continuesObject: false,
  adoptedBytes: 0n,
};

export function objectsOfComplete(sources: readonly SourceVolume[]): bigint {
  return sources.reduce((sum, { status, objects }) => (status === "complete" ? sum + objects : sum), 0n);
}

export class CallTotals {
  #first: AttemptStart | undefined;
  #last: AttemptStart | undefined;
  #counts: ByteCounts = { submitted: 0n, accepted: 0n, durable: 0n, verified: 0n };
  #time = noTime;

  attemptBegan(start: AttemptStart): void {
    // What an earlier attempt of this call left past its last durable mark has become durable by this one's adoption.
    if (this.#first !== undefined) this.#addDurable(start.adoptedBytes);
    this.#first ??= start;
    this.#last = start;
  }

  attemptFailed(counts: ByteCounts, time: JobTime): void {
    this.#counts = sumOf(this.#counts, counts);
    this.#time = sumOfTimes(this.#time, time);
  }

  /** The last attempt's result as that of the whole call. */
  of(result: JobResult): JobResult {
    const counts = sumOf(this.#counts, result.counts);
    const time = sumOfTimes(this.#time, result.time);
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined || first === last) return { ...result, counts, time };
    const end = result.bytesSaved + result.bytesWritten;
    // What is done with of the source volumes that this call had to look at; one that changed is written again.
    const found = result.objectsSkipped + last.objectsOfComplete - first.objectsOfComplete;
    const kept = least(last.objects - first.objects, found);
    const isContinued = first.continuesObject ? 1n : 0n;
    const continuedNow = last.continuesObject ? result.objectsContinued : 0n;
    return {
      ...result,
      objectsWritten: result.objectsWritten + continuedNow + kept - isContinued,
      objectsSkipped: found - kept,
      objectsContinued: isContinued,
      bytesSaved: first.streamOffset,
      bytesWritten: end - first.streamOffset,
      counts,
      time,
    };
  }

  #addDurable(bytes: bigint): void {
    const { submitted, accepted, durable } = this.#counts;
    const now = durable + bytes;
    // A block of unknown outcome was submitted and not accepted, until it was found.
    this.#counts = { ...this.#counts, durable: now, accepted: most(accepted, now), submitted: most(submitted, now) };
  }
}

function sumOf(left: ByteCounts, right: ByteCounts): ByteCounts {
  return {
    submitted: left.submitted + right.submitted,
    accepted: left.accepted + right.accepted,
    durable: left.durable + right.durable,
    verified: left.verified + right.verified,
  };
}

function most(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
