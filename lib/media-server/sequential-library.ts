// SPDX-License-Identifier: Apache-2.0
/** A stacker: after every UNLOAD the next cartridge comes into the drive by itself (fault catalogue, C12). */
import type { TapeDrive } from "../device/tape-drive.ts";
import { IllegalRequestError, NotReadyError } from "../errors.ts";
import type { OperatorError } from "../errors.ts";
import { ChangerlessLibrary } from "./changerless-library.ts";
import { unreadiness, waitUntilLoaded } from "./drive-readiness.ts";
import { pause } from "./library-environment.ts";
import { askToLoad } from "./requests.ts";

/** No stacker holds more. */
const cartridgesMax = 64;
/** A stacker that brings nothing within this time has nothing left. */
const bringLimitMs = 5 * 60 * 1000;
const pollMs = 1000;

/** Cartridges that were looked at in vain, in search of one. */
interface Round {
  readonly volumeTag: string;
  readonly seen: Set<string>;
  /** LOAD was tried in an empty drive. */
  hasLoaded: boolean;
}

export class SequentialLibrary extends ChangerlessLibrary {
  readonly #exhausted = new Map<number, Round>();

  async mount(drive: number, volumeTag: string, options: { readonly jobId?: string } = {}): Promise<TapeDrive> {
    const opened = await this.handles.open(drive, options.jobId);
    if (await this.#isStillExhausted(drive, opened, volumeTag)) throw this.#wanted(drive, volumeTag, options);
    const round: Round = { volumeTag, seen: new Set(), hasLoaded: false };
    while (round.seen.size < cartridgesMax && (await this.#isLoaded(drive, opened, round))) {
      if (await this.holds(drive, opened, volumeTag)) {
        this.#exhausted.delete(drive);
        this.mounted(drive, volumeTag, options);
        return opened;
      }
      const identity = await this.#identity(drive, opened, round.seen.size);
      if (round.seen.has(identity)) break;
      round.seen.add(identity);
      await this.unload(drive, opened);
    }
    this.#exhausted.set(drive, round);
    throw this.#wanted(drive, volumeTag, options);
  }

  override async closeDrive(drive: number): Promise<void> {
    this.#exhausted.delete(drive);
    await super.closeDrive(drive);
  }

  /** The stack has been gone through for this cartridge, and nobody has touched it since. */
  async #isStillExhausted(drive: number, opened: TapeDrive, volumeTag: string): Promise<boolean> {
    const { attentions } = await this.attend(drive, opened);
    if (attentions.length > 0) this.#exhausted.delete(drive);
    return this.#exhausted.get(drive)?.volumeTag === volumeTag;
  }

  /** By label, else by the serial number in the cartridge's memory; blank ones that have none all differ. */
  async #identity(drive: number, opened: TapeDrive, ordinal: number): Promise<string> {
    return this.sight(drive).seen?.volumeTag ?? (await opened.mediumSerial()) ?? `number ${ordinal}`;
  }

  /** Waits for the stacker to bring the next one. False where none comes. */
  async #isLoaded(drive: number, opened: TapeDrive, round: Round): Promise<boolean> {
    const since = this.environment.nowMs();
    for (;;) {
      const { ready, notReady } = await this.attend(drive, opened);
      if (ready || notReady === undefined) return true;
      const sight = this.sight(drive);
      const state = unreadiness(notReady);
      if (state === "becomingReady" || (state === "notThreaded" && !sight.isUnloaded)) {
        await waitUntilLoaded(opened, round.volumeTag, this.environment);
      } else if (sight.isUnloaded && this.environment.nowMs() - since < bringLimitMs) {
        await pause(this.environment, pollMs);
      } else if (!(await hasBegun(opened, round))) {
        return false;
      }
    }
  }

  #wanted(drive: number, volumeTag: string, options: { readonly jobId?: string }): OperatorError {
    const device = this.handles.name(drive);
    return askToLoad(this.environment, {
      volumeTags: [volumeTag],
      place: `into the stacker of ${device}`,
      device,
      ...options,
    });
  }
}

/** LOAD makes a stacker begin with its first cartridge, where the drive is empty. */
async function hasBegun(opened: TapeDrive, round: Round): Promise<boolean> {
  if (round.hasLoaded) return false;
  round.hasLoaded = true;
  try {
    await opened.load();
    return true;
  } catch (error) {
    if (error instanceof NotReadyError || error instanceof IllegalRequestError) return false;
    throw error;
  }
}
