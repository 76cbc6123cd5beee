// SPDX-License-Identifier: Apache-2.0
import type { NativeExtractor } from "../native/binding.ts";
import type { RestoreSession, RestoreSummary } from "../protocol/data-server.ts";
import type { StreamStretch, StretchEnd } from "../protocol/media-server.ts";
import { extractFrom } from "./extraction.ts";

/** Takes stretches of stream from a drive and writes the expected objects to disk; bytes stay native. */
export class LocalRestoreSession implements RestoreSession {
  /** What lies in a gap is named as damaged; everything else is restored. */
  readonly takesGaps = true;
  readonly #extractor: NativeExtractor;

  constructor(extractor: NativeExtractor) {
    this.#extractor = extractor;
  }

  expect(packedObjects: Uint8Array): void {
    this.#extractor.expect(Buffer.from(packedObjects));
  }

  extract(drive: object, stretch: StreamStretch): Promise<StretchEnd> {
    return extractFrom(this.#extractor, drive, stretch);
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
