// SPDX-License-Identifier: Apache-2.0
/** Cleaning a drive with a cartridge of the library, within the number of uses that the cartridge is good for. */
import { OperatorError } from "../errors.ts";
import type { CartridgeEntry } from "../protocol/volume.ts";
import type { DriveHandles } from "./drive-handles.ts";
import { forgetAlerts, waitUntilCleaned } from "./drive-readiness.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { isCleaningCartridge, tagOf } from "./library-model.ts";
import { askToLoad, closeRequests } from "./requests.ts";
import type { RobotPlan, RobotWork } from "./robot-plan.ts";

/**
 * Takes cleaning cartridges until one has cleaned. A use is counted before the cartridge goes into the drive: after a
 * crash it is rather taken for used than used once too often.
 * @throws OperatorError ERR_TAPE_CARTRIDGE_MISSING where no cartridge has a use left
 */
export async function cleanDrive(
  environment: LibraryEnvironment,
  plan: RobotPlan,
  handles: DriveHandles,
  drive: number,
): Promise<void> {
  const opened = await handles.open(drive);
  // What a dead process has begun the next one goes on with.
  if (handles.entry(drive).cleaning === "notNeeded") handles.note(drive, { cleaning: "soon" });
  for (;;) {
    // What it complains of from now on is of this cartridge (SSC-4 annex A, flags 22 and 23).
    await forgetAlerts(opened);
    const volumeTag = await plan.run(async (work) => bringCleaner(environment, work, handles.name(drive), drive));
    const outcome = await waitUntilCleaned(opened, environment);
    const entry = volumeTag === undefined ? undefined : environment.cartridges.get(volumeTag);
    if (outcome === "refused" && entry !== undefined) markUsedUp(environment, entry, handles.name(drive));
    // Before the cartridge is put away: a drive that has been cleaned is not cleaned again after a crash.
    if (outcome === "cleaned") handles.note(drive, { cleaning: "notNeeded", lastCleanedAtMs: environment.nowMs() });
    await plan.run(async (work) => work.putAway(drive));
    if (outcome === "cleaned") break;
    if (volumeTag === undefined) {
      throw new OperatorError(`${handles.name(drive)} refused a cleaning cartridge without a barcode: replace it`);
    }
  }
  closeRequests(environment, { kind: "load", device: handles.name(drive) });
}

/** Gives the barcode of the cleaning cartridge that is in the drive then. */
async function bringCleaner(
  environment: LibraryEnvironment,
  work: RobotWork,
  driveName: string,
  drive: number,
): Promise<string | undefined> {
  const bay = work.bayOf(drive);
  // Left there by a process that died: its use was counted when it was brought.
  if (bay.full && isCleaningCartridge(bay)) return tagOf(bay);
  const chosen = chooseCleaner(environment, work);
  if (chosen === undefined) throw missing(environment, driveName);
  await work.putAway(drive);
  const { element, entry } = chosen;
  environment.cartridges.change(entry.volumeTag, (now) => {
    const { used, limit } = usesOf(now, environment);
    return { ...now, cleanings: { used: used + 1, limit } };
  });
  await work.carry(element, bay.address);
  return entry.volumeTag;
}

/** The one that has been used most: the others last the longer. */
function chooseCleaner(environment: LibraryEnvironment, work: RobotWork) {
  const candidates = work.model.full("storage").flatMap((element) => {
    const entry = environment.cartridges.get(tagOf(element) ?? "");
    const isUsable = entry?.kind === "cleaning" && element.accessible && usesLeft(entry, environment) > 0;
    return isUsable ? [{ element, entry }] : [];
  });
  return candidates.sort((left, right) => usesLeft(left.entry, environment) - usesLeft(right.entry, environment))[0];
}

function usesOf(entry: CartridgeEntry, environment: LibraryEnvironment): { used: number; limit: number } {
  return entry.cleanings ?? { used: 0, limit: environment.cleaning.uses };
}

function usesLeft(entry: CartridgeEntry, environment: LibraryEnvironment): number {
  const { used, limit } = usesOf(entry, environment);
  return limit - used;
}

function markUsedUp(environment: LibraryEnvironment, entry: CartridgeEntry, driveName: string): void {
  const { limit } = usesOf(entry, environment);
  const text = `${driveName} did not clean with it: it is used up, or made for other drives`;
  const usedUp = { cleanings: { used: limit, limit }, lastError: { atMs: environment.nowMs(), text } };
  environment.cartridges.change(entry.volumeTag, (now) => ({ ...now, ...usedUp }));
}

function missing(environment: LibraryEnvironment, driveName: string): OperatorError {
  const known = environment.cartridges.list().filter(({ kind }) => kind === "cleaning");
  const usable = known.filter((entry) => usesLeft(entry, environment) > 0).map(({ volumeTag }) => volumeTag);
  const usedUp = known.filter((entry) => usesLeft(entry, environment) <= 0).map(({ volumeTag }) => volumeTag);
  const note = usedUp.length === 0 ? "" : ` (${usedUp.join(", ")}: used up)`;
  return askToLoad(environment, {
    volumeTags: usable,
    what: `${driveName} must be cleaned and no cleaning cartridge has a use left${note}: load a cleaning cartridge`,
    place: "into a slot of the library",
    device: driveName,
  });
}
