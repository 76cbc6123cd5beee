// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark changer` for the library's own upkeep. */
import type { Command } from "commander";
import type { Runner } from "./program.ts";

export function addChangerService(_changer: Command, _run: Runner): void {
  //
}
