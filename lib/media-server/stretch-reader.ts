// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a stretch of stream from a tape into a sink, through whatever comes in between: a block that cannot be read is
 * tried again by LOCATE, then in another drive, and then passed over (fault catalogue, R5 and R9).
 */
import { isDone, resultError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { FormatError, HardwareError, TapeError } from "../errors.ts";
import type { NativeResult } from "../native/binding.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { StreamStretch, StretchEnd, StretchSink, UnreadableBlocks } from "../protocol/media-server.ts";
import { writeFailureKind } from "./write-failure.ts";

/** How the one who reads comes by drives. */
export interface ReadingSeat {
  /** The stretch's volume in a drive, proved to be it. */
  load(stretch: StreamStretch): Promise<TapeDrive>;
  /** Gives the drive back; the next load begins anew. */
  leave(): Promise<void>;
  /** The drive has failed (W6). */
  giveUpDrive(error: HardwareError): Promise<void>;
  /** Gives the drive back for another one, as long as there is one. False where there is none. */
  avoidDrive(): Promise<boolean>;
}

/** A drive tries a block for minutes before it gives up: after so many the rest of a stretch is not tried any more. */
const unreadableMax = 32;
/** So often in a row something else than the block may come in between. */
const interruptionsMax = 3;
/** READ DECOMPRESSION CRC ERROR and the like: of the block, although the key is that of the hardware (R9). */
const readErrorAsc = 0x11;

/** What ends a stretch in front of its end: nothing of it is behind that. */
const endNames: Readonly<Partial<Record<StretchEnd["stoppedAt"], string>>> = {
  count: "the drive gave less than it was asked for",
  filemark: "a filemark stands there",
  endOfData: "the tape ends there",
  endOfMedium: "the end of the tape is there",
  stopped: "it was stopped",
};

/** Why a stretch ended before its end, or did not begin. */
interface Fault {
  readonly error: Error;
  /** Of the block alone, in a few words. */
  readonly reason: string;
  /** `end`: nothing of the stretch can be behind it. `drive`: it says nothing about the block. */
  readonly of: "block" | "end" | "drive";
}

export class StretchReader {
  readonly #seat: ReadingSeat;
  readonly #sink: StretchSink;
  readonly #unreadable: UnreadableBlocks[] = [];
  #rest: StreamStretch;
  #interruptions = 0;
  /** What was done already for the place that could not be read. */
  #tried = { isRepeated: false, isElsewhere: false };

  constructor(seat: ReadingSeat, stretch: StreamStretch, sink: StretchSink) {
    this.#seat = seat;
    this.#sink = sink;
    this.#rest = stretch;
  }

  /**
   * @returns the blocks that could not be read; the sink got all others
   * @throws where it is not the medium that fails, and where the sink takes no gaps
   */
  async read(): Promise<readonly UnreadableBlocks[]> {
    while (this.#rest.blocks > 0n) {
      const drive = await this.#load();
      const fault = drive === undefined ? undefined : await this.#readOn(drive);
      if (fault === "stopped") break;
      if (fault !== undefined) await this.#meet(fault);
    }
    return this.#unreadable;
  }

  /** @returns undefined where it must be tried again */
  async #load(): Promise<TapeDrive | undefined> {
    try {
      return await this.#seat.load(this.#rest);
    } catch (error) {
      // A label that cannot be read is tried as a block is, but nothing can be passed over: it proves what the tape is.
      if (!isReadError(error)) await this.#meetInterruption(error);
      else if (!(await this.#triesAgain())) throw error;
      await this.#seat.leave();
      return undefined;
    }
  }

  async #readOn(drive: TapeDrive): Promise<Fault | "stopped" | undefined> {
    try {
      await drive.locate(this.#rest.firstBlock);
      drive.forgetPlace();
      const end = await this.#sink.extract(drive.native, this.#rest);
      this.#passed(end.blocksRead);
      if (end.stoppedAt === "stopped") return "stopped";
      return this.#rest.blocks === 0n ? undefined : faultOf(end, this.#rest);
    } catch (error) {
      if (!(error instanceof TapeError)) throw error;
      return faultBy(error);
    }
  }

  /** Says how it goes on, by what is left in the rest. */
  async #meet({ error, reason, of }: Fault): Promise<void> {
    if (of === "drive") return this.#meetInterruption(error);
    if (of === "block" && (await this.#triesAgain())) return;
    if (!this.#sink.takesGaps) throw error;
    const { volumeTag, firstBlock, blocks } = this.#rest;
    const lost = of === "end" || this.#unreadable.length + 1 >= unreadableMax ? blocks : 1n;
    this.#unreadable.push({ volumeTag, firstBlock, blocks: lost, reason });
    this.#passed(lost);
  }

  /** A reset or an unknown outcome moved nothing that counts: what was read is good, the rest is read behind it. */
  async #meetInterruption(error: unknown): Promise<void> {
    const kind = writeFailureKind(error);
    if (kind === "drive" && error instanceof HardwareError) return this.#seat.giveUpDrive(error);
    if ((kind !== "position" && kind !== "block") || ++this.#interruptions > interruptionsMax) throw error;
    await this.#seat.leave();
  }

  /** Once in this drive, once in another one. */
  async #triesAgain(): Promise<boolean> {
    if (!this.#tried.isRepeated) {
      this.#tried = { ...this.#tried, isRepeated: true };
      return true;
    }
    if (this.#tried.isElsewhere) return false;
    this.#tried = { ...this.#tried, isElsewhere: true };
    return this.#seat.avoidDrive();
  }

  #passed(blocks: bigint): void {
    if (blocks === 0n) return;
    this.#tried = { isRepeated: false, isElsewhere: false };
    this.#interruptions = 0;
    this.#rest = behind(this.#rest, blocks);
  }
}

function faultOf({ stoppedAt, result }: StretchEnd, { firstBlock, volumeTag }: StreamStretch): Fault {
  const attempt = `read of block ${firstBlock} of ${volumeTag}`;
  const wrong = (reason: string, of: Fault["of"]): Fault => ({
    error: new FormatError(`${attempt} failed: ${reason}`),
    reason,
    of,
  });
  const end = endNames[stoppedAt];
  if (end !== undefined) return wrong(end, "end");
  const native = result as NativeResult;
  // The drive gave a block, only not one of the stream; or it was damaged on its way here.
  if (stoppedAt !== "failed" || isDone(native))
    return wrong(native.detail ?? "a block of another length stands there", "block");
  return faultBy(resultError(native, attempt));
}

function faultBy(error: Error): Fault {
  return { error, reason: error.message, of: isReadError(error) ? "block" : "drive" };
}

function isReadError(error: unknown): error is TapeError {
  return isMediumFault(error) || (error instanceof HardwareError && error.asc === readErrorAsc);
}

function behind(stretch: StreamStretch, blocks: bigint): StreamStretch {
  return {
    ...stretch,
    firstBlock: stretch.firstBlock + blocks,
    blocks: stretch.blocks - blocks,
    streamOffset: stretch.streamOffset + blocks * BigInt(stretch.recordSizeBytes),
  };
}
