// SPDX-License-Identifier: Apache-2.0
/** Streams generated records to a drive, and times what it does with them. Time is given: it may be a simulated one. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError } from "../errors.ts";
import type { SampleData } from "../native/binding.ts";
import { RateOverTime } from "./rate-over-time.ts";
import type { RateInterval } from "./rate-over-time.ts";

/** So much is written between two looks at the clock; a drive of our day takes it in less than a tenth of a second. */
const batchBytes = 16 * 1024 * 1024;

/** What ended a stretch. */
export type StretchEnd = "size" | "time" | "interrupted" | "endOfTape";

/** Records of one size, written one after the other. Times in microseconds. */
export interface Stretch {
  readonly recordSizeBytes: number;
  readonly bytes: bigint;
  /** Until the last record was accepted. */
  readonly writingUs: number;
  /** Of that, what WRITE commands took; the rest is this program's. */
  readonly inCommandsUs: number;
  /** Until all was on the medium: what the command that waits for it took. */
  readonly synchronisingUs: number;
  /** The quickest tenth of all WRITEs took no more: what the way to the drive takes, where its buffer has room. */
  readonly quickUs: number;
  readonly longestUs: number;
  /** WRITEs that took a second and more. */
  readonly longWrites: number;
  readonly ended: StretchEnd;
  readonly intervals: readonly RateInterval[];
}

/**
 * Bytes a second in the second half of the time: what fills the drive's buffer at first goes as fast as the way to it.
 */
export function steadyRate({ bytes, writingUs, intervals }: Stretch): number {
  const late = intervals.filter(({ startUs }) => startUs >= writingUs / 2);
  const us = late.reduce((sum, { durationUs }) => sum + durationUs, 0);
  if (us > 0) return (late.reduce((sum, interval) => sum + Number(interval.bytes), 0) * 1_000_000) / us;
  return writingUs === 0 ? 0 : (Number(bytes) * 1_000_000) / writingUs;
}

export interface StretchLimits {
  readonly bytes: bigint;
  readonly us: number;
}

export interface SampleStreamEnvironment {
  readonly nowUs: () => number;
  readonly data: SampleData;
  readonly signal: AbortSignal | undefined;
  /** Where each stretch that finds no room goes on. */
  readonly goToStart: () => Promise<void>;
  readonly onWritten: (recordSizeBytes: number, bytes: bigint, writingUs: number) => void;
}

const longWriteUs = 1_000_000;

export class SampleStream {
  readonly #drive: TapeDrive;
  readonly #environment: SampleStreamEnvironment;
  #records = 0n;
  #isAtEnd = false;

  constructor(drive: TapeDrive, environment: SampleStreamEnvironment) {
    this.#drive = drive;
    this.#environment = environment;
  }

  /** Writes up to a limit and waits until all is on the medium. */
  async write(recordSizeBytes: number, limits: StretchLimits): Promise<Stretch> {
    if (this.#isAtEnd) await this.#environment.goToStart();
    this.#isAtEnd = false;
    // The bytes are made now, and not while it counts.
    await this.#drive.writeSamples(this.#environment.data, 0n, 0, recordSizeBytes);
    const durations = new Durations();
    const rate = new RateOverTime();
    const start = this.#environment.nowUs();
    let bytes = 0n;
    let writingUs = 0;
    let ended = this.#endOf(limits, bytes, writingUs);
    while (ended === undefined) {
      const written = await this.#batch(recordSizeBytes, limits.bytes - bytes, durations);
      const now = this.#environment.nowUs() - start;
      rate.add(writingUs, now, written);
      bytes += written;
      writingUs = now;
      this.#environment.onWritten(recordSizeBytes, bytes, writingUs);
      ended = this.#isAtEnd ? "endOfTape" : this.#endOf(limits, bytes, writingUs);
    }
    const synchronisingUs = await this.synchronise();
    return {
      recordSizeBytes,
      bytes,
      writingUs,
      ...durations.summary(),
      synchronisingUs,
      ended,
      intervals: rate.intervals(),
    };
  }

  /** A synchronous filemark: returns when all that was written is on the medium. Says how long that took. */
  async synchronise(): Promise<number> {
    const start = this.#environment.nowUs();
    await this.#drive.synchronise(1);
    return this.#environment.nowUs() - start;
  }

  #endOf(limits: StretchLimits, bytes: bigint, writingUs: number): StretchEnd | undefined {
    if (this.#environment.signal?.aborted === true) return "interrupted";
    if (bytes >= limits.bytes) return "size";
    return writingUs >= limits.us ? "time" : undefined;
  }

  async #batch(recordSizeBytes: number, leftBytes: bigint, durations: Durations): Promise<bigint> {
    const size = BigInt(recordSizeBytes);
    const left = (leftBytes + size - 1n) / size;
    const most = BigInt(Math.max(1, Math.floor(batchBytes / recordSizeBytes)));
    const count = Number(left < most ? left : most);
    const run = await this.#drive.writeSamples(this.#environment.data, this.#records, count, recordSizeBytes);
    this.#records += BigInt(run.blocks);
    durations.add(run.durationsUs);
    this.#isAtEnd = run.earlyWarning || run.programmableEarlyWarning;
    if (run.blocks < count && !this.#isAtEnd) {
      throw new DeviceError(`${this.#drive.name} accepted only a part of a block of ${recordSizeBytes} bytes`);
    }
    return BigInt(run.blocks) * size;
  }
}

/** How long commands took. Kept as a count for each eighth of a power of two: there may be millions. */
class Durations {
  readonly #counts = new Map<number, number>();
  #count = 0;
  #inCommandsUs = 0;
  #longestUs = 0;
  #longWrites = 0;

  add(durationsUs: Buffer): void {
    for (let offset = 0; offset < durationsUs.length; offset += 4) {
      const us = durationsUs.readUInt32BE(offset);
      const step = stepOf(us);
      this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
      this.#count++;
      this.#inCommandsUs += us;
      this.#longestUs = Math.max(this.#longestUs, us);
      if (us >= longWriteUs) this.#longWrites++;
    }
  }

  summary(): Pick<Stretch, "inCommandsUs" | "quickUs" | "longestUs" | "longWrites"> {
    return {
      inCommandsUs: this.#inCommandsUs,
      quickUs: this.#quickUs(),
      longestUs: this.#longestUs,
      longWrites: this.#longWrites,
    };
  }

  #quickUs(): number {
    let left = this.#count / 10;
    for (const step of [...this.#counts.keys()].sort((one, other) => one - other)) {
      left -= this.#counts.get(step) ?? 0;
      if (left <= 0) return Math.min(Math.ceil(2 ** (step / stepsPerDoubling)), this.#longestUs);
    }
    return this.#longestUs;
  }
}

const stepsPerDoubling = 8;

/** The step whose upper end is the first one not below. */
function stepOf(us: number): number {
  return Math.ceil(Math.log2(Math.max(us, 1)) * stepsPerDoubling);
}
