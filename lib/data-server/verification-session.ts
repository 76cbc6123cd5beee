// SPDX-License-Identifier: Apache-2.0
import type { NativeExtractor } from "../native/binding.ts";
import type { VerificationSession, VerificationSummary } from "../protocol/data-server.ts";
import type { StreamStretch, StretchEnd } from "../protocol/media-server.ts";
import { extractFrom } from "./extraction.ts";

/** Takes stretches of stream from a drive and compares them with the expected objects; bytes stay native. */
export class LocalVerificationSession implements VerificationSession {
  /** What lies in a gap is named as damaged. */
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

  async finish(): Promise<VerificationSummary> {
    const { objectsRestored, bytesProved, bytesUnproved, damaged, damagedCount } = await this.#extractor.finish();
    return { objectsVerified: objectsRestored, bytesVerified: bytesProved, bytesUnproved, damaged, damagedCount };
  }

  progress(): { readonly objects: bigint; readonly bytes: bigint } {
    return this.#extractor.progress();
  }
}
