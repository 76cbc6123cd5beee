// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps other hosts off a drive while this process has it open: a persistent reservation, exclusive access (SPC-5 5.13;
 * fault catalogue, U4 and H8). Processes of this host are kept off by the drive's lock. A drive that knows no persistent
 * reservations has only that.
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import {
  IllegalRequestError,
  OperatorError,
  SenseError,
  StatusError,
  TapeError,
  UnitAttentionError,
} from "../errors.ts";
import { isOwnKey, keyText, reservationKey } from "./reservation-key.ts";

const reservationConflict = 0x18;
/** Attentions that come in between; more of them mean a broken drive. */
const attempts = 8;

export class DriveFence {
  readonly #drive: TapeDrive;
  readonly #key: bigint;

  private constructor(drive: TapeDrive, key: bigint) {
    this.#drive = drive;
    this.#key = key;
  }

  /**
   * Reserves the drive. What is ours already, from before a reset or from a process that died, is taken over.
   * @returns undefined where the drive knows no persistent reservations
   * @throws OperatorError ERR_TAPE_DEVICE_RESERVED naming who else has it: somebody may have moved the tape
   */
  static async around(drive: TapeDrive, installation: number, jobId?: string): Promise<DriveFence | undefined> {
    const key = reservationKey(installation, jobId);
    const fence = new DriveFence(drive, key);
    try {
      return (await pastAttentions(drive, () => reserve(drive, key, installation))) ? fence : undefined;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      // Somebody was quicker; or the key is registered, and nobody knows what came of the rest.
      await fence.release();
      throw isConflict(error) ? heldBy(drive) : error;
    }
  }

  /** A reservation that is not ours any more is nothing to give back, and a drive that does not answer has lost it. */
  async release(): Promise<void> {
    try {
      await pastAttentions(this.#drive, () => this.#drive.release(this.#key));
    } catch (error) {
      if (!(error instanceof TapeError)) throw error;
    }
  }
}

/** A command that gets an attention as its answer was not carried out: it comes again, and so does what was before it. */
async function pastAttentions<T>(drive: TapeDrive, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await takeAttentions(drive);
      return await work();
    } catch (error) {
      if (!(error instanceof UnitAttentionError) || attempt === attempts) throw error;
    }
  }
}

/** All of them first: a reservation that was asked for would get the next attention as its answer. */
async function takeAttentions(drive: TapeDrive): Promise<void> {
  try {
    await drive.attend();
  } catch (error) {
    // One that complains of its cartridge is reserved all the same: the cartridge must come out of it.
    if (!(error instanceof SenseError)) throw error;
  }
}

/** @returns false where the drive has no such command */
async function reserve(drive: TapeDrive, key: bigint, installation: number): Promise<boolean> {
  // Asked before anything is registered: even that would change how long the other one's reservation lasts (APTPL).
  const held = await drive.reservation();
  if (held === undefined) return false;
  if (held.holder !== undefined && !isOwnKey(held.holder.key, installation)) throw heldBy(drive, held.holder.key);
  try {
    await drive.reserve(key);
  } catch (error) {
    if (isNotOffered(error)) return false;
    // Left by a dead process through another path or session: its key is this installation's, whose lease we have.
    if (!isConflict(error) || held.holder === undefined) throw error;
    await drive.preempt(key, held.holder.key);
  }
  return true;
}

/** Without a key: the old kind of reservation (RESERVE, SPC-2 5.5.1), or one that came in between. */
function heldBy(drive: TapeDrive, key?: bigint): OperatorError {
  const who = key === undefined ? "another host, which tells no key" : `another host, key ${keyText(key)}`;
  return new OperatorError(
    `${drive.name} is reserved by ${who}: nothing was written, and the reservation is left alone. ` +
      `Find out what that host does with the drive; if it is gone: tidemark drive reserve --preempt`,
    { code: "ERR_TAPE_DEVICE_RESERVED" },
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.scsiStatus === reservationConflict;
}

/** No such command, or not this action of it (5/20, 5/24, 5/26). */
function isNotOffered(error: unknown): boolean {
  return error instanceof IllegalRequestError && [0x20, 0x24, 0x26].includes(error.asc);
}
