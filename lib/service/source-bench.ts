// SPDX-License-Identifier: Apache-2.0
/**
 * Feeds a drive from real files through the packer and the tape writer, as a backup does, but for the catalog: what it
 * wrote cannot be restored, and is not meant to be.
 */
import { writeError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { ConfigError, TransportError } from "../errors.ts";
import type { SourceStretch } from "../media-server/bench-verdict.ts";
import type { BenchProgress } from "../media-server/drive-bench.ts";
import { RateOverTime } from "../media-server/rate-over-time.ts";
import type { RateInterval } from "../media-server/rate-over-time.ts";
import { nativeBinding } from "../native/binding.ts";
import type { NativePackerEvent, NativeTapeWriter, WriterRun } from "../native/binding.ts";
import type { BenchClock } from "./bench-clock.ts";

export interface SourceBenchOptions {
  readonly path: Buffer;
  readonly recordSizeBytes: number;
  readonly ringBytes: number;
  readonly readers: number;
  readonly sizeBytes: bigint;
  readonly durationMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchProgress) => void;
}

export interface SourceBench extends SourceStretch {
  readonly ended: "size" | "time" | "interrupted" | "endOfTape" | "sourceDone";
  /** Empty in simulated time. */
  readonly intervals: readonly RateInterval[];
}

export interface SourceBenchEnvironment {
  readonly clock: BenchClock;
  readonly every: (ms: number, callback: () => void) => () => void;
}

/** Larger than any source: the only barrier is the one at its end. */
const oneSegment = 1n << 50n;
const noCheckpoint = 1n << 60n;
const lookMs = 100;

export async function benchSource(
  drive: TapeDrive,
  environment: SourceBenchEnvironment,
  options: SourceBenchOptions,
): Promise<SourceBench> {
  const { clock } = environment;
  const { recordSizeBytes } = options;
  const binding = nativeBinding();
  const ring = new binding.Ring({ recordSizeBytes, capacityBytes: options.ringBytes });
  const source = new Source((offset) => writer.setLimit(offset));
  const packer = new binding.Packer({
    ring,
    readers: options.readers,
    streamOffset: 0n,
    firstContainerId: 1n,
    segmentBytes: oneSegment,
    onEvent: (event) => source.take(event, writer),
  });
  const writer = new binding.TapeWriter({
    drive: drive.native,
    ring,
    streamOffset: 0n,
    onBlocks: ({ streamOffset, digests }) =>
      writer.acknowledgeBlocks(streamOffset + BigInt(digests.length / 8) * BigInt(recordSizeBytes)),
  });
  const size = options.sizeBytes + BigInt(recordSizeBytes) - 1n;
  const start = clock.nowUs();
  const watch = new Watch(writer, environment, options);
  try {
    packer.start({ index: 0, path: options.path, crossMounts: false, asks: false, trustCatalog: false });
    const run = await writer.run({ limit: size - (size % BigInt(recordSizeBytes)), checkpointBytes: noCheckpoint });
    const writingUs = clock.nowUs() - start;
    watch.end(writingUs);
    drive.advanced(run.blocksWritten);
    source.check();
    checkRun(run, drive);
    const { waitingForRingUs, waitingForDriveUs } = writer.progress();
    const synchronising = clock.nowUs();
    await drive.synchronise(1);
    return {
      bytes: run.streamOffset,
      objects: packer.progress().objects,
      writingUs,
      synchronisingUs: clock.nowUs() - synchronising,
      ...(clock.isSimulated
        ? {}
        : { waitingForRingUs: Number(waitingForRingUs), waitingForDriveUs: Number(waitingForDriveUs) }),
      ringBytes: options.ringBytes,
      ended: endOf(run, source, options),
      intervals: clock.isSimulated ? [] : watch.intervals(),
    };
  } finally {
    watch.stop();
    await packer.stop();
    ring.close();
  }
}

/** What the packer tells that matters where nothing is kept. */
class Source {
  readonly #onEnd: (streamOffset: bigint) => void;
  isDone = false;
  #failure: string | undefined;

  constructor(onEnd: (streamOffset: bigint) => void) {
    this.#onEnd = onEnd;
  }

  take(event: NativePackerEvent, writer: NativeTapeWriter): void {
    if (event.kind === "barrier") this.#onEnd(event.streamOffset);
    if (event.kind === "sourceDone") this.isDone = true;
    if (event.kind !== "failed") return;
    this.#failure = event.message;
    writer.requestStop("cut");
  }

  /** @throws ConfigError where it cannot be read at all */
  check(): void {
    if (this.#failure === undefined) return;
    throw new ConfigError(`the source cannot be read: ${this.#failure}`, { code: "ERR_TAPE_SOURCE" });
  }
}

/** Looks at the writer now and then: for the rate over time, and for reasons to stop it. */
class Watch {
  readonly #writer: NativeTapeWriter;
  readonly #clock: BenchClock;
  readonly #start: number;
  readonly #rate = new RateOverTime();
  #bytes = 0n;
  #us = 0;
  readonly stop: () => void;

  constructor(
    writer: NativeTapeWriter,
    { clock, every }: SourceBenchEnvironment,
    { durationMs, signal, onProgress, recordSizeBytes }: SourceBenchOptions,
  ) {
    this.#writer = writer;
    this.#clock = clock;
    this.#start = clock.nowUs();
    this.stop = every(lookMs, () => {
      this.end(this.#clock.nowUs() - this.#start);
      onProgress?.({ phase: "source", recordSizeBytes, bytes: this.#bytes, elapsedUs: this.#us });
      if (signal?.aborted === true || this.#us >= durationMs * 1000) this.#writer.requestStop("cut");
    });
  }

  end(us: number): void {
    const { streamOffset } = this.#writer.progress();
    this.#rate.add(this.#us, us, streamOffset - this.#bytes);
    this.#bytes = streamOffset;
    this.#us = us;
  }

  intervals(): readonly RateInterval[] {
    return this.#rate.intervals();
  }
}

function checkRun({ reason, result }: WriterRun, drive: TapeDrive): void {
  if (reason !== "failed" && reason !== "positionLost") return;
  drive.forgetPlace();
  const what = `write of a block of the source (${drive.name})`;
  throw result === undefined ? new TransportError(`${what} failed`, "unknown") : writeError(result, what);
}

function endOf({ reason }: WriterRun, source: Source, { signal }: SourceBenchOptions): SourceBench["ended"] {
  if (reason === "earlyWarning") return "endOfTape";
  if (signal?.aborted === true) return "interrupted";
  if (reason === "cut") return "time";
  return source.isDone ? "sourceDone" : "size";
}
