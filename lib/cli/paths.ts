// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import type { Terminal } from "./terminal.ts";

/**
 * An argument that names something on this computer, as an absolute path in bytes. Latin-1 carries bytes
 * through the string functions unchanged; what they look at (slash and dots) is ASCII.
 */
export function absolutePath(argument: string, terminal: Terminal): Buffer {
  const workingFolder = Buffer.from(terminal.workingFolder).toString("latin1");
  return Buffer.from(resolve(workingFolder, terminal.argumentBytes(argument).toString("latin1")), "latin1");
}
