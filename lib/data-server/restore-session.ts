// SPDX-License-Identifier: Apache-2.0
import { FormatError } from "../errors.ts";
import type { NativeExtractor, NativeTapeDrive } from "../native/binding.ts";
import type { RestoreSession, RestoreSummary } from "../protocol/data-server.ts";
import type { StreamStretch } from "../protocol/media-server.ts";

/** Takes stretches of stream from a drive and writes the expected objects to disk; bytes stay native. */
export class LocalRestoreSession implements RestoreSession {
  readonly #extractor: NativeExtractor;

  constructor(extractor: NativeExtractor) {
    this.#extractor = extractor;
  }

  expect(packedObjects: Uint8Array): void {
    this.#extractor.expect(Buffer.from(packedObjects));
  }

  async extract(drive: object, stretch: StreamStretch): Promise<void> {
    const { streamOffset, blocks, recordSizeBytes } = stretch;
    // In one process a drive is handed over as it is; over a network the records come instead.
    const end = await this.#extractor.extract({
      drive: drive as NativeTapeDrive,
      streamOffset,
      blocks,
      recordSizeBytes,
    });
    if (end.blocksRead === blocks) return;
    throw new FormatError(
      `${stretch.volumeTag} gave ${end.blocksRead} of the ${blocks} blocks from block ${stretch.firstBlock} on, then ${end.stoppedAt}: what was restored so far is good`,
    );
  }

  async finishDirectories(packedDirectories: Uint8Array): Promise<void> {
    await this.#extractor.finishDirectories(Buffer.from(packedDirectories));
  }

  async finish(): Promise<RestoreSummary> {
    return this.#extractor.finish();
  }

  progress(): { readonly objects: bigint; readonly bytes: bigint } {
    return this.#extractor.progress();
  }
}
