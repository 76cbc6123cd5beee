// SPDX-License-Identifier: Apache-2.0
/** Every failure as one sentence on the error output, or as one JSON object with `--json`. */
import { CommanderError } from "commander";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jsonText } from "./json-text.ts";
import type { Terminal } from "./terminal.ts";

const longestCauseChain = 10;

/** What a failure looks like from outside, whichever class it is. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    return { code: "ERR_TAPE_USAGE", message: usageSentence(error.message), exitCode: exitCodes.usage };
  }
  if (!(error instanceof Error)) {
    return { code: "ERR_TAPE_INTERNAL", message: String(error), exitCode: exitCodes.failed };
  }
  const { code, exitCode: claimed } = error as { readonly code?: unknown; readonly exitCode?: unknown };
  return {
    code: typeof code === "string" ? code : "ERR_TAPE_INTERNAL",
    message: error.message,
    exitCode: isExitCode(claimed) ? claimed : exitCodes.failed,
  };
}

/** Reports a failure and says with which code to end. */
export function reportFailure(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean; readonly verbose: boolean },
): ExitCode {
  const failure = failureOf(error);
  if (options.json) {
    terminal.writeError(`${jsonText({ error: { ...failure, ...detailsOf(error) } })}\n`);
  } else {
    terminal.writeError(`tidemark: ${failure.message}\n`);
    if (options.verbose) terminal.writeError(`${causeChain(error)}\n`);
  }
  return failure.exitCode;
}

/** Own plain fields of the error, such as a sense key or a job's number, for programs that act on them. */
function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error) || error instanceof CommanderError) return {};
  const hidden = new Set(["stack", "message", "name", "cause", "code", "exitCode"]);
  return Object.fromEntries(Object.entries(error).filter(([key]) => !hidden.has(key)));
}

function causeChain(error: unknown): string {
  const lines: string[] = [];
  for (let current = error; current instanceof Error && lines.length < longestCauseChain; current = current.cause) {
    lines.push(current.stack ?? current.message);
  }
  return lines.join("\ncaused by: ");
}

function isExitCode(value: unknown): value is ExitCode {
  return allExitCodes.some((code) => code === value && code !== exitCodes.done);
}

// Commander prefixes "error: " and puts its suggestion on a second line.
function usageSentence(message: string): string {
  return message
    .replace(/^error: /, "")
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
}
