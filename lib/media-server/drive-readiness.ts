// SPDX-License-Identifier: Apache-2.0
/** Waiting for a drive that works by itself: loading, calibrating, cleaning. Bounded by time, never busy. */
import { resultError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { IllegalRequestError, OperatorError, SenseError } from "../errors.ts";
import type { NativeResult } from "../native/binding.ts";
import { pause } from "./library-environment.ts";
import type { LibraryEnvironment } from "./library-environment.ts";

type Waiting = Pick<LibraryEnvironment, "after" | "nowMs">;

const pollMs = 1000;
/** An LTO-9 drive calibrates a new cartridge for up to two hours (fault catalogue, U8). */
const loadLimitMs = 150 * 60 * 1000;
/** A robot lets go of a cartridge before the drive has noticed it. */
const noticeLimitMs = 2 * 60 * 1000;
const cleaningLimitMs = 30 * 60 * 1000;

/** What a drive that is not ready says of its medium. */
export type Unreadiness = "empty" | "becomingReady" | "notThreaded" | "cleaning" | "other";

export function unreadiness({ sense }: NativeResult): Unreadiness {
  if (sense?.asc === 0x3a) return "empty";
  if (sense?.asc === 0x30 && sense.ascq === 0x03) return "cleaning";
  if (sense?.asc !== 0x04) return "other";
  if (sense.ascq === 0x02) return "notThreaded";
  return sense.ascq <= 0x01 || sense.ascq === 0x07 ? "becomingReady" : "other";
}

/**
 * Waits until the cartridge that was put into the drive can be used. LOAD is sent where the drive does not thread it by
 * itself.
 * @throws OperatorError where only a person can help
 */
export async function waitUntilLoaded(drive: TapeDrive, volumeTag: string, waiting: Waiting): Promise<void> {
  const since = waiting.nowMs();
  let loads = 0;
  for (;;) {
    const { ready, notReady } = await drive.attend();
    if (ready || notReady === undefined) return;
    const state = unreadiness(notReady);
    const waitedMs = waiting.nowMs() - since;
    if (state === "notThreaded" && loads === 0) {
      loads++;
      await drive.load();
    } else if (
      (state === "becomingReady" && waitedMs < loadLimitMs) ||
      (state === "empty" && waitedMs < noticeLimitMs)
    ) {
      await pause(waiting, pollMs);
    } else {
      const cause = resultError(notReady, `waiting for ${drive.name} with ${volumeTag}`);
      throw new OperatorError(`look at ${drive.name}: it does not become ready with ${volumeTag} (${cause.message})`, {
        cause,
      });
    }
  }
}

/** Waits until the drive is done with a cleaning cartridge and has let go of it. Says whether it took it. */
export async function waitUntilCleaned(drive: TapeDrive, waiting: Waiting): Promise<"cleaned" | "refused"> {
  const since = waiting.nowMs();
  for (;;) {
    let notReady: NativeResult | undefined;
    try {
      notReady = (await drive.attend()).notReady;
    } catch (error) {
      // Incompatible or used up: 3/30/xx, 5/30/xx (SPC-5 annex F).
      if (error instanceof SenseError && error.asc === 0x30) return "refused";
      throw error;
    }
    const state = notReady === undefined ? "other" : unreadiness(notReady);
    if (state === "empty" || state === "notThreaded") return (await isRefused(drive)) ? "refused" : "cleaned";
    if (notReady?.sense?.asc === 0x30 && state !== "cleaning") return "refused";
    if (waiting.nowMs() - since >= cleaningLimitMs) return "refused";
    await pause(waiting, pollMs);
  }
}

/** Attentions and TapeAlert flags from before; a drive that does not tell them has none. */
export async function forgetAlerts(drive: TapeDrive): Promise<void> {
  try {
    await drive.attend();
    await drive.takeTapeAlertFlags();
  } catch (error) {
    if (!(error instanceof SenseError)) throw error;
  }
}

/** TapeAlert 22 (used up) and 23 (no cleaning cartridge that this drive takes), SSC-4 annex A. */
async function isRefused(drive: TapeDrive): Promise<boolean> {
  const flags = (await drive.tapeAlertFlags()) ?? (await drive.takeTapeAlertFlags()) ?? [];
  return flags.includes(22) || flags.includes(23);
}

/** Makes the drive let go of its cartridge, also where removal was prevented (fault catalogue, C2). */
export async function letGo(drive: TapeDrive): Promise<void> {
  try {
    await drive.attend();
  } catch (error) {
    // A cartridge that the drive complains of must come out all the more.
    if (!(error instanceof SenseError)) throw error;
  }
  try {
    await drive.unload();
  } catch (error) {
    if (!(error instanceof IllegalRequestError) || error.asc !== 0x53) throw error;
    await allowRemoval(drive);
  }
}

export async function allowRemoval(drive: TapeDrive): Promise<void> {
  await drive.preventRemoval(false);
  await drive.unload();
}
