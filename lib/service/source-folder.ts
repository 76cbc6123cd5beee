// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from "node:fs";
import { ConfigError } from "../errors.ts";

/** @throws ConfigError unless the path is that of a directory */
export function checkSource(source: Buffer): void {
  const path = source.toString();
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (found === undefined)
    throw new ConfigError(`source ${path} does not exist: nothing was backed up`, { code: "ERR_TAPE_SOURCE" });
  if (!found.isDirectory())
    throw new ConfigError(`source ${path} is no directory: name the directory that holds it`, {
      code: "ERR_TAPE_SOURCE",
    });
}
