// SPDX-License-Identifier: Apache-2.0
import { FormatError } from "../errors.ts";
import type { NativeStreamReader, NativeTapeDrive } from "../native/binding.ts";
import type { StreamFeed, StreamStretch, StretchEnd } from "../protocol/media-server.ts";
import type { CutMember } from "../protocol/tape.ts";

/** Fills a ring with stretches of stream from tapes, so that another drive writes them unchanged. */
export class LocalStreamFeed implements StreamFeed {
  /** The stream is copied as it is, or not at all. */
  readonly takesGaps = false;
  readonly #reader: NativeStreamReader;

  constructor(reader: NativeStreamReader) {
    this.#reader = reader;
  }

  expectMembers(packedOffsets: Uint8Array): void {
    this.#reader.expectMembers(Buffer.from(packedOffsets));
  }

  async extract(drive: object, stretch: StreamStretch): Promise<StretchEnd> {
    const { blocks, streamOffset } = stretch;
    if (this.#reader.streamOffset() !== streamOffset) {
      throw new FormatError(
        `a stretch at stream offset ${streamOffset} does not follow ${this.#reader.streamOffset()}`,
      );
    }
    return this.#reader.read({ drive: drive as NativeTapeDrive, blocks });
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
