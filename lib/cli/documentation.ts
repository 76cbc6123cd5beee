// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { exitCodeHelp } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";

/** What every command's help ends with: examples that work, and the exit codes that it can give. */
export function document(command: Command, examples: readonly string[], codes: readonly ExitCode[]): Command {
  const example = examples.map((line) => `  ${line}`).join("\n");
  return command.addHelpText("after", `\nExample:\n${example}\n\nExit codes:\n${exitCodeHelp(codes)}`);
}
