// SPDX-License-Identifier: Apache-2.0
/** What `tidemark init` writes. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import type { InitRequest } from "./api.ts";
import { configText } from "./config-text.ts";
import { createSimulatedLibrary } from "./simulated-library.ts";

/** Large enough for an ordinary home folder; the files on disk grow only with what is written. */
const defaultCapacityBytes = 8n * 1024n * 1024n * 1024n;

export async function writeInitialConfig(
  request: InitRequest,
): Promise<{ readonly configPath: string; readonly libraryFolder?: string }> {
  const configPath = join(request.folder, "tidemark.toml");
  const libraryFolder = join(request.folder, "library");
  if (!request.overwrite) {
    for (const path of [configPath, ...(request.simulated ? [libraryFolder] : [])]) {
      if (existsSync(path))
        throw new ConfigError(`${path} exists already: nothing was changed. To replace it: --overwrite`);
    }
  }
  mkdirSync(request.folder, { recursive: true });
  if (request.simulated) {
    rmSync(libraryFolder, { recursive: true, force: true });
    createSimulatedLibrary(libraryFolder, {
      capacityBytes: request.capacityBytes ?? defaultCapacityBytes,
      ...(request.profile === undefined ? {} : { profile: request.profile }),
    });
  }
  if (request.overwrite) rmSync(join(request.folder, "state"), { recursive: true, force: true });
  writeFileSync(configPath, configText({ stateFolder: "state", libraryFolder: "library" }));
  return Promise.resolve({ configPath, ...(request.simulated ? { libraryFolder } : {}) });
}
