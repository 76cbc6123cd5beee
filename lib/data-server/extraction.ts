// SPDX-License-Identifier: Apache-2.0
import type { NativeExtractor, NativeTapeDrive } from "../native/binding.ts";
import type { StreamStretch, StretchEnd } from "../protocol/media-server.ts";

/** In one process a drive is handed over as it is; over a network the records come instead. */
export function extractFrom(extractor: NativeExtractor, drive: object, stretch: StreamStretch): Promise<StretchEnd> {
  const { streamOffset, blocks, recordSizeBytes } = stretch;
  return extractor.extract({ drive: drive as NativeTapeDrive, streamOffset, blocks, recordSizeBytes });
}
