// SPDX-License-Identifier: Apache-2.0
import { TransportError, senseError } from "../errors.ts";
import type { NativeExtractor, NativeResult, NativeTapeDrive } from "../native/binding.ts";
import type { UnreadBlocks, VerificationSession, VerificationSummary } from "../protocol/data-server.ts";
import type { StreamStretch } from "../protocol/media-server.ts";

const mediumError = 3;
const endNames = {
  filemark: "a filemark stands there",
  endOfData: "the tape ends there",
  endOfMedium: "the end of the tape is there",
} as const;

/** Takes stretches of stream from a drive and compares them with the expected objects; bytes stay native. */
export class LocalVerificationSession implements VerificationSession {
  readonly #extractor: NativeExtractor;
  #unread: UnreadBlocks | undefined;

  constructor(extractor: NativeExtractor) {
    this.#extractor = extractor;
  }

  expect(packedObjects: Uint8Array): void {
    this.#extractor.expect(Buffer.from(packedObjects));
  }

  async extract(drive: object, stretch: StreamStretch): Promise<void> {
    const { streamOffset, blocks, recordSizeBytes } = stretch;
    this.#unread = undefined;
    const end = await this.#extractor.extract({
      drive: drive as NativeTapeDrive,
      streamOffset,
      blocks,
      recordSizeBytes,
    });
    if (end.blocksRead === blocks) return;
    const block = stretch.firstBlock + end.blocksRead;
    if (end.stoppedAt === "failed") {
      const reason = mediumFault(end.result, `read of block ${block} of ${stretch.volumeTag}`);
      this.#unread = { blocksRead: end.blocksRead, reason, goesOnBehind: true };
    } else if (end.stoppedAt !== "count") {
      this.#unread = { blocksRead: end.blocksRead, reason: endNames[end.stoppedAt], goesOnBehind: false };
    }
  }

  unread(): UnreadBlocks | undefined {
    return this.#unread;
  }

  async finish(): Promise<VerificationSummary> {
    const { objectsRestored, bytesRestored, bytesUnproved, damaged, damagedCount } = await this.#extractor.finish();
    const bytesVerified = bytesRestored - bytesUnproved;
    return { objectsVerified: objectsRestored, bytesVerified, bytesUnproved, damaged, damagedCount };
  }

  progress(): { readonly objects: bigint; readonly bytes: bigint } {
    return this.#extractor.progress();
  }
}

/** @throws where it was not the medium: a drive that fails says nothing about the cartridge in it */
function mediumFault(result: NativeResult, attempt: string): string {
  if (result.outcome !== "completed") {
    throw new TransportError(`${attempt} failed: ${result.detail ?? `errno ${result.errno}`}`, result.outcome);
  }
  // Without sense data the drive gave a block, only not one of the stream.
  if (result.sense === undefined || result.sense.senseKey === 0) {
    return result.detail ?? "a block of another length stands there";
  }
  const error = senseError(attempt, { ...result.sense, command: result.command });
  if (result.sense.senseKey !== mediumError) throw error;
  return error.message;
}
