// SPDX-License-Identifier: Apache-2.0
/** Measures whether this host can keep a drive streaming, on a cartridge that is put back into the state it was in. */
import type { DeviceAddress } from "../device/index.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { UnitAttentionError, messageOf } from "../errors.ts";
import { sourceVerdict, verdict } from "../media-server/bench-verdict.ts";
import type { Verdict } from "../media-server/bench-verdict.ts";
import { benchDrive } from "../media-server/drive-bench.ts";
import type { DriveBench, DriveBenchOptions } from "../media-server/drive-bench.ts";
import { ScratchCartridge } from "../media-server/scratch-cartridge.ts";
import type { ScratchState } from "../media-server/scratch-cartridge.ts";
import { benchClock } from "./bench-clock.ts";
import type { BenchClock } from "./bench-clock.ts";
import { checkSource } from "./source-folder.ts";
import { benchSource } from "./source-bench.ts";
import type { SourceBench } from "./source-bench.ts";
import type { TapeOwner } from "./tape-owner.ts";
import { realWorld } from "./world.ts";

export type { BenchProgress } from "../media-server/drive-bench.ts";

export interface DriveBenchRequest extends DriveBenchOptions {
  /** Files to feed the drive from, after it was measured with generated data. */
  readonly source?: { readonly path: Buffer; readonly readers: number; readonly ringBytes: number };
}

export interface DriveBenchReport extends DriveBench {
  readonly data: DriveBenchOptions["data"];
  readonly isSimulatedTime: boolean;
  readonly interrupted: boolean;
  readonly verdict: Verdict;
  readonly source?: SourceBench & { readonly verdict: Verdict };
  /** How the cartridge was left. */
  readonly cartridge: { readonly state: ScratchState; readonly description: string };
  readonly rewindUs: number;
}

/**
 * Looks at all that can be wrong before anything is written.
 * @throws OperatorError where this cartridge may not be written over, ConfigError where there is no such source
 */
export async function takeScratch(
  drive: TapeDrive,
  owner: TapeOwner,
  { source, overwrite }: { readonly source?: DriveBenchRequest["source"] | undefined; readonly overwrite: boolean },
): Promise<ScratchCartridge> {
  if (source !== undefined) checkSource(source.path);
  return ScratchCartridge.take(drive, {
    mayBeWriteOnce: overwrite,
    ...(owner.kind === "ours" ? { header: owner.header } : {}),
  });
}

/**
 * Measures, and gives the cartridge back, whatever happens.
 * @param address of the drive, for whose time it is
 */
export async function runDriveBench(
  drive: TapeDrive,
  address: DeviceAddress,
  scratch: ScratchCartridge,
  request: DriveBenchRequest,
): Promise<DriveBenchReport> {
  const clock = benchClock(address);
  const { blockBytes } = await drive.modeStatus();
  await drive.setVariableBlocks();
  let measured: Measured;
  try {
    measured = await measure(drive, clock, scratch, request);
  } catch (error) {
    throw await withState(scratch, error);
  }
  let rewindUs: number;
  let state: ScratchState;
  try {
    const start = clock.nowUs();
    await drive.rewind();
    rewindUs = clock.nowUs() - start;
    state = await scratch.giveBack();
  } catch (error) {
    if (error instanceof Error) error.message = `${error.message}. The cartridge: ${leftText("it was not put back")}`;
    throw error;
  }
  if (blockBytes !== 0) await drive.setBlockBytes(blockBytes);
  return {
    ...measured,
    data: request.data,
    isSimulatedTime: clock.isSimulated,
    interrupted: request.signal?.aborted === true,
    cartridge: { state, description: stateText(state) },
    rewindUs,
  };
}

type Measured = Omit<DriveBenchReport, "data" | "isSimulatedTime" | "interrupted" | "cartridge" | "rewindUs">;

async function measure(
  drive: TapeDrive,
  clock: BenchClock,
  scratch: ScratchCartridge,
  request: DriveBenchRequest,
): Promise<Measured> {
  const { source, ...options } = request;
  const goToStart = (): Promise<void> => scratch.goToStart();
  const bench = await benchDrive(drive, { nowUs: clock.nowUs, goToStart }, options);
  const measured = { ...bench, verdict: verdict(bench) };
  if (source === undefined || request.signal?.aborted === true) return measured;
  await goToStart();
  const environment = { clock, every: realWorld.every };
  const recordSizeBytes = bench.bestRecordSizeBytes;
  const fed = await benchSource(drive, environment, { ...options, ...source, recordSizeBytes });
  return { ...measured, source: { ...fed, verdict: sourceVerdict(bench, fed) } };
}

/** The same error, which also says what is on the cartridge now. */
async function withState(scratch: ScratchCartridge, error: unknown): Promise<unknown> {
  if (error instanceof Error) error.message = `${error.message}. The cartridge: ${await stateAfter(scratch, error)}`;
  return error;
}

async function stateAfter(scratch: ScratchCartridge, error: Error): Promise<string> {
  // Whose cartridge this is has to be found out anew, by a person: nothing of it is touched (U1).
  if (error instanceof UnitAttentionError) return leftText("it was not touched any more: it may be another one now");
  try {
    return stateText(await scratch.giveBack());
  } catch (cause) {
    return leftText(messageOf(cause));
  }
}

function leftText(why: string): string {
  return `measured data may be left on it, behind its label if it has one (${why}); tidemark drive erase makes it blank`;
}

function stateText(state: ScratchState): string {
  switch (state) {
    case "blank":
      return "blank: erased at its beginning";
    case "labelled":
      return "the empty tape volume that it was";
    case "filemark":
      return "a filemark at its beginning and nothing else, for the drive knows no ERASE";
  }
}
