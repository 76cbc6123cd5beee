// SPDX-License-Identifier: Apache-2.0
import { ConfigError } from "../errors.ts";

/** Wrong use of the command line itself: exit code 2, and nothing was changed. */
export class UsageError extends ConfigError {
  constructor(message: string) {
    super(message, { code: "ERR_TAPE_USAGE" });
  }
}
