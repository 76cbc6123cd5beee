// SPDX-License-Identifier: Apache-2.0
/** One thing that every tape library must do, over every transport. */
import type { Bench } from "./bench.ts";
import type { Requirement } from "./requirements.ts";

export interface Case {
  /** The table's row. */
  readonly name: string;
  /** Where the library lacks one of them, the case is skipped and the table names it. */
  readonly needs?: readonly Requirement[];
  /** Throws where the library does anything else. It finds the library tidy or as the case before left it. */
  readonly run: (bench: Bench) => Promise<void>;
}
