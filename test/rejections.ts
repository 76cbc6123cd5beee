// SPDX-License-Identifier: Apache-2.0
/**
 * Makes an unhandled rejection fail the run. mocha listens for them and passes them on to nobody, so that a forgotten
 * promise would go unnoticed. Loaded by `--require`; as root hooks, for mocha takes listeners away behind each file.
 */
import type { RootHookObject } from "mocha";

function raise(error: unknown): never {
  throw error;
}

export const mochaHooks: RootHookObject = {
  beforeAll() {
    process.on("unhandledRejection", raise);
  },
  afterAll() {
    process.off("unhandledRejection", raise);
  },
};
