// SPDX-License-Identifier: Apache-2.0
/** What a drive tells of itself and of its cartridge, once before the cartridge is put away. */
import { partitionCapacities, sequentialAccess, tapeUsage } from "../device/log-extracts.ts";
import type { TapeUsage } from "../device/log-extracts.ts";
import { tapeAlert } from "../device/tape-alert.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { TapeError } from "../errors.ts";
import type { DriveEntry, DriveRegister } from "../protocol/library-state.ts";
import type { CartridgeRegister, CartridgeWear } from "../protocol/volume.ts";
import { changeDrive } from "./drive-handles.ts";
import { mediumCapacity, mediumLoads, remainingMediumCapacity } from "./medium-memory.ts";

const megabyte = 1_000_000n;
const cleanNow = 20;
const cleanSoon = 21;

export interface DriveHealth {
  /** TapeAlert flags that are set. */
  readonly alerts: readonly number[];
  readonly cleaning: DriveEntry["cleaning"];
  readonly wear: CartridgeWear;
}

/** Reads TapeAlert, log pages and the cartridge's memory. What the drive does not tell is absent. */
export async function readDriveHealth(drive: TapeDrive, atMs: number): Promise<DriveHealth> {
  // Page 12h first, for reading 2Eh takes the flags.
  const alerts =
    (await told(async () => drive.tapeAlertFlags())) ?? (await told(async () => drive.takeTapeAlertFlags())) ?? [];
  const access = await told(async () => drive.logPage(0x0c));
  const isDue = access !== undefined && sequentialAccess(access).cleaningNeeded === true;
  const cleaning = alerts.includes(cleanNow) ? "now" : alerts.includes(cleanSoon) || isDue ? "soon" : "notNeeded";
  return { alerts, cleaning, wear: await readWear(drive, alerts, atMs) };
}

/** The registers that are written. */
interface HealthRegisters {
  readonly drives: DriveRegister;
  readonly cartridges: CartridgeRegister;
  readonly nowMs: () => number;
}

/**
 * Writes down what {@link readDriveHealth} finds: wear of the cartridge, need of cleaning and faults of the drive. That
 * a drive must be cleaned stays noted until it was, unless a person cleans it behind our back (`cleanedByHand`).
 */
export async function noteDriveHealth(
  registers: HealthRegisters,
  driveName: string,
  drive: TapeDrive,
  volumeTag: string | undefined,
  cleanedByHand = false,
): Promise<void> {
  const atMs = registers.nowMs();
  const { alerts, cleaning, wear } = await readDriveHealth(drive, atMs);
  const faults = alerts.map(tapeAlert).filter(({ scope, severity }) => scope === "drive" && severity !== "information");
  const text = faults.map((fault) => `${fault.text}: ${fault.advice}`).join("; ");
  changeDrive(registers.drives, driveName, (entry) => {
    const noted = cleanedByHand ? cleaning : graver(entry.cleaning, cleaning);
    if (noted === entry.cleaning && text === "") return undefined;
    return { ...entry, cleaning: noted, ...(text === "" ? {} : { lastError: { atMs, text } }) };
  });
  if (volumeTag !== undefined) registers.cartridges.change(volumeTag, (cartridge) => ({ ...cartridge, wear }));
}

/** The same before a cartridge or a drive is given up; one that does not answer is given up all the same. */
export async function noteHealthAtParting(...noted: Parameters<typeof noteDriveHealth>): Promise<void> {
  try {
    const drive = noted[2];
    if ((await drive.attend()).ready) await noteDriveHealth(...noted);
  } catch (error) {
    if (!(error instanceof TapeError)) throw error;
  }
}

const gravity: readonly DriveEntry["cleaning"][] = ["notNeeded", "soon", "now"];

function graver(left: DriveEntry["cleaning"], right: DriveEntry["cleaning"]): DriveEntry["cleaning"] {
  return gravity.indexOf(left) < gravity.indexOf(right) ? right : left;
}

async function readWear(drive: TapeDrive, alerts: readonly number[], atMs: number): Promise<CartridgeWear> {
  const statistics = await told(async () => drive.logPage(0x17));
  const usage: TapeUsage = statistics === undefined ? {} : tapeUsage(statistics);
  const partition = statistics === undefined ? undefined : partitionCapacities(statistics)[0];
  const capacityBytes = scaled(partition?.nativeMegabytes, megabyte) ?? (await told(() => mediumCapacity(drive)));
  const remainingBytes =
    scaled(partition?.remainingMegabytes, megabyte) ?? (await told(() => remainingMediumCapacity(drive)));
  const loads = (await told(() => mediumLoads(drive))) ?? usage.mounts;
  const lifetimeWrittenBytes = scaled(usage.lifeWrittenMegabytes, megabyte);
  const lifetimeReadBytes = scaled(usage.lifeReadMegabytes, megabyte);
  const names = alerts.map(tapeAlert).filter(({ scope }) => scope === "volume");
  return {
    atMs,
    ...(loads === undefined ? {} : { loads: Number(loads) }),
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(remainingBytes === undefined ? {} : { remainingBytes }),
    ...(lifetimeWrittenBytes === undefined ? {} : { lifetimeWrittenBytes }),
    ...(lifetimeReadBytes === undefined ? {} : { lifetimeReadBytes }),
    ...(names.length === 0 ? {} : { alerts: names.map(({ name }) => name) }),
  };
}

function scaled(count: bigint | undefined, unit: bigint): bigint | undefined {
  return count === undefined ? undefined : count * unit;
}

/** Nobody loses a backup because a drive does not tell how it is. */
async function told<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TapeError) return undefined;
    throw error;
  }
}
