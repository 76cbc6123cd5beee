// SPDX-License-Identifier: Apache-2.0
import type {
  ContinuedObject,
  ExtractorOptions,
  NativeExtractor,
  NativePacker,
  NativeRing,
  PackerOptions,
} from "../native/binding.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { CatalogServer } from "../protocol/catalog-server.ts";

/** Everything the data server needs from outside, injected. */
export interface DataServerEnvironment {
  readonly catalogManager: CatalogManager;
  readonly catalogServer: CatalogServer;
  readonly createPacker: (options: PackerOptions) => NativePacker;
  readonly checkContinued: (sourcePath: Buffer, object: ContinuedObject) => boolean;
  readonly createExtractor: (options: ExtractorOptions) => NativeExtractor;
  readonly nativeRing: (ring: object) => NativeRing;
}
