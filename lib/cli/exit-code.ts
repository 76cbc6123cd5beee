// SPDX-License-Identifier: Apache-2.0
/** Exit codes are an API: scripts decide by them (docs/reference/exit-codes.md). */
import { exitCodes } from "../errors.ts";

export { exitCodes };

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "failed",
  2: "wrong usage or configuration; nothing was changed",
  3: "finished, but some objects could not be read or restored",
  4: "interrupted; can be resumed",
  5: "needs the operator",
  6: "device failure",
  7: "catalog failure",
  130: "stopped at once by an interrupt",
};

export const allExitCodes: readonly ExitCode[] = Object.values(exitCodes);

/** Lines for a command's help: the codes that it can end with. */
export function exitCodeHelp(codes: readonly ExitCode[]): string {
  return codes.map((code) => `  ${String(code).padStart(3)}  ${exitCodeMeanings[code]}`).join("\n");
}
