// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from "node:os";

/** For tests of gigabytes, and for guests: scripts/test puts the usual temporary folder into memory, below /dev. */
export function diskFolder(): string {
  return process.env["TIDEMARK_DISK_FOLDER"] ?? tmpdir();
}
