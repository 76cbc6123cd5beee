// SPDX-License-Identifier: Apache-2.0
/** The media server: pools, labels, loads and fences tape volumes, writes segments and reads for restore. */
import { readError } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { BlankCheckError, FormatError } from "../errors.ts";
import { labelObjects } from "../format/volume-label.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { LabelWish, MediaServer, MediaSession, SessionPair, SessionRequest } from "../protocol/media-server.ts";
import type { Segment } from "../protocol/tape.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import { withDrive } from "./drive-errand.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { label } from "./labelling.ts";
import type { LabelOutcome } from "./labelling.ts";
import { isWriteProtected } from "./loaded-volume.ts";
import { TapeMediaSession } from "./media-session.ts";
import { PairedQueue } from "./paired-queue.ts";
import { DamagedBlocks } from "./session-failure.ts";

/** The longest block that a 24-bit transfer length can ask for (SSC-4 READ(6)). */
const maximumBlockBytes = 0xffffff;

/** EPIPE of Linux. */
const brokenPipe = 32;

export class LocalMediaServer implements MediaServer {
  readonly #environment: MediaServerEnvironment;
  readonly #damagedBlocks = new DamagedBlocks();

  constructor(environment: MediaServerEnvironment) {
    this.#environment = environment;
  }

  openSession(request: SessionRequest): MediaSession {
    return new TapeMediaSession(this.#environment, request, this.#damagedBlocks);
  }

  openPair(request: SessionRequest): SessionPair {
    const queue = new PairedQueue(this.#environment.queue);
    return {
      reading: new TapeMediaSession(this.#environment, request, this.#damagedBlocks, queue),
      writing: new TapeMediaSession(this.#environment, request, this.#damagedBlocks, queue),
    };
  }

  releaseVolumes(jobId: string, segments: readonly Segment[]): Promise<void> {
    const { requests, volumes } = this.#environment;
    requests.closeOfJob(jobId);
    for (const { volumeUuid } of volumes.list()) {
      volumes.change(volumeUuid, (entry) => {
        if (entry.state !== "inUse" || entry.lastJobId !== jobId) return undefined;
        const end = endOf(entry, segments);
        const { mediaSet: _set, setNumber: _number, ...unwritten } = entry;
        return end.tapeFiles > 1 ? { ...entry, ...end, state: "appendable" } : { ...unwritten, state: "empty" };
      });
    }
    return Promise.resolve();
  }

  async labelVolume(wish: LabelWish): Promise<LabelOutcome> {
    return withDrive(this.#environment, "label", wish.volumeTag, async (drive) => {
      const outcome = await label(this.#environment, drive, wish);
      // Whatever was thought of the cartridge before: it carries our label, and was looked at.
      const looked = { kind: "data", writeProtected: await isWriteProtected(drive) } as const;
      this.#environment.cartridges.change(wish.volumeTag, (cartridge) => ({ ...cartridge, ...looked }));
      return outcome;
    });
  }

  async copyTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }> {
    return withDrive(this.#environment, "restore", volumeTag, async (drive) => {
      await drive.rewind();
      if (tapeFile > 0) await spaceTo(drive, volumeTag, tapeFile);
      // Some targets make and clear a buffer of the size that is asked for, at each block.
      const longest = this.#environment.volumes.getByTag(volumeTag)?.recordSizeBytes ?? maximumBlockBytes;
      const { result, bytes, blocks, stoppedAt, writeErrno } = await drive.copyTapeFile(fd, longest);
      if (writeErrno === undefined || writeErrno === 0) {
        if (stoppedAt !== "filemark" && stoppedAt !== "endOfData")
          throw readError(result, `reading tape file ${tapeFile} of ${volumeTag}`);
      } else if (writeErrno !== brokenPipe) {
        // A reader that has what it wants leaves: tar does not read the zeros behind an archive's end.
        throw new FormatError(`the output could not be written (errno ${writeErrno})`);
      }
      if (blocks === undefined || blocks === 0n) throw new FormatError(`${volumeTag} has no tape file ${tapeFile}`);
      return { bytes: bytes ?? 0n, blocks };
    });
  }

  async close(): Promise<void> {
    await this.#environment.library.close();
  }
}

/** Where a volume ends behind the last of the segments on it; where it ended before, if none is. */
function endOf(
  entry: VolumeEntry,
  segments: readonly Segment[],
): Pick<VolumeEntry, "endPosition" | "tapeFiles" | "bytes"> {
  const last = segments
    .filter((segment) => segment.volumeUuid === entry.volumeUuid && segment.endPosition !== undefined)
    .reduce<Segment | undefined>(
      (latest, segment) => (latest === undefined || segment.tapeFile > latest.tapeFile ? segment : latest),
      undefined,
    );
  if (last?.endPosition === undefined) return entry;
  const tapeFiles = last.tapeFile + 1;
  const bytes = volumeBytesAt({ ...entry, labelObjects }, last.endPosition, tapeFiles);
  return { endPosition: last.endPosition, tapeFiles, bytes };
}

async function spaceTo(drive: TapeDrive, volumeTag: string, tapeFile: number): Promise<void> {
  try {
    await drive.spaceFilemarks(tapeFile);
  } catch (error) {
    if (!(error instanceof BlankCheckError)) throw error;
    throw new FormatError(`${volumeTag} has no tape file ${tapeFile}`, { cause: error });
  }
}
