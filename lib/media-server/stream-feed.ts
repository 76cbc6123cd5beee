// SPDX-License-Identifier: Apache-2.0
import { resultError } from "../device/check-result.ts";
import { FormatError } from "../errors.ts";
import type { NativeStreamReader, NativeTapeDrive } from "../native/binding.ts";
import type { StreamFeed, StreamStretch } from "../protocol/media-server.ts";
import type { CutMember } from "../protocol/tape.ts";

/** Fills a ring with stretches of stream from tapes, so that another drive writes them unchanged. */
export class LocalStreamFeed implements StreamFeed {
  readonly #reader: NativeStreamReader;

  constructor(reader: NativeStreamReader) {
    this.#reader = reader;
  }

  expectMembers(packedOffsets: Uint8Array): void {
    this.#reader.expectMembers(Buffer.from(packedOffsets));
  }

  async extract(drive: object, stretch: StreamStretch): Promise<void> {
    const { blocks, streamOffset, volumeTag, firstBlock } = stretch;
    if (this.#reader.streamOffset() !== streamOffset) {
      throw new FormatError(
        `a stretch at stream offset ${streamOffset} does not follow ${this.#reader.streamOffset()}`,
      );
    }
    const end = await this.#reader.read({ drive: drive as NativeTapeDrive, blocks });
    if (end.blocksRead === blocks || end.stoppedAt === "stopped") return;
    const attempt = `read of block ${firstBlock + end.blocksRead} of ${volumeTag}`;
    if (end.stoppedAt === "failed" && (end.result.sense?.senseKey ?? 0) !== 0) throw resultError(end.result, attempt);
    if (end.stoppedAt === "failed" && end.result.outcome !== "completed") throw resultError(end.result, attempt);
    throw new FormatError(`${attempt} failed: ${end.result.detail ?? end.stoppedAt}`);
  }

  memberAt(streamOffset: bigint): CutMember | undefined {
    const member = this.#reader.memberAt(streamOffset);
    // A member that begins at the boundary is not cut by it.
    return member === undefined || member.headerOffset >= streamOffset ? undefined : member;
  }

  end(): void {
    this.#reader.end();
  }

  close(): void {
    this.#reader.close();
  }
}
