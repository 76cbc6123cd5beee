// SPDX-License-Identifier: Apache-2.0
/** Where the time of a session that writes goes: counted by the native writers, and here where JavaScript waits. */
import type { NativeTapeWriter } from "../native/binding.ts";
import type { JobTime } from "../protocol/job-time.ts";

type WriterProgress = Pick<
  ReturnType<NativeTapeWriter["progress"]>,
  "waitingForRingUs" | "waitingForDriveUs" | "ringFullUs"
>;
type Kind = "driveMs" | "syncMs" | "catalogMs";

const noProgress: WriterProgress = { waitingForRingUs: 0n, waitingForDriveUs: 0n, ringFullUs: 0n };

export class WriteTime {
  readonly #nowMs: () => number;
  readonly #startMs: number;
  readonly #spent: Record<Kind, number> = { driveMs: 0, syncMs: 0, catalogMs: 0 };
  /** One thing at a time is waited for here. */
  #waiting: { readonly kind: Kind; readonly sinceMs: number } | undefined;
  #former = noProgress;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** No promise of its own: what is measured goes on as if nobody looked. @returns ends what it begins */
  begin(kind: Kind): () => void {
    const sinceMs = this.#nowMs();
    this.#waiting = { kind, sinceMs };
    return () => {
      this.#waiting = undefined;
      this.#spent[kind] += this.#passed(sinceMs);
    };
  }

  /** Another volume or drive has a writer of its own. The ring is the same one. */
  writerEnds({ waitingForDriveUs, waitingForRingUs }: WriterProgress): void {
    this.#former = {
      waitingForRingUs: this.#former.waitingForRingUs + waitingForRingUs,
      waitingForDriveUs: this.#former.waitingForDriveUs + waitingForDriveUs,
      ringFullUs: 0n,
    };
  }

  /** Up to now; `writer` is the present one. */
  upToNow(writer: WriterProgress = noProgress): JobTime {
    const { catalogMs, driveMs, syncMs } = this.#spent;
    const now = { catalogMs, driveMs, syncMs };
    if (this.#waiting !== undefined) now[this.#waiting.kind] += this.#passed(this.#waiting.sinceMs);
    return {
      totalMs: this.#passed(this.#startMs),
      sourceMs: milliseconds(this.#former.waitingForRingUs + writer.waitingForRingUs),
      driveMs: now.driveMs + milliseconds(this.#former.waitingForDriveUs + writer.waitingForDriveUs),
      syncMs: now.syncMs,
      catalogMs: now.catalogMs,
      ringFullMs: milliseconds(writer.ringFullUs),
    };
  }

  /** A clock that was set back has not made a wait shorter than nothing. */
  #passed(sinceMs: number): number {
    return Math.max(0, this.#nowMs() - sinceMs);
  }
}

function milliseconds(microseconds: bigint): number {
  return Math.round(Number(microseconds) / 1000);
}
