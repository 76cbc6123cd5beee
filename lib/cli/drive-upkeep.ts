// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` for when something is wrong with it. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import type { SelfTest } from "../device/index.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { traceLineText } from "./trace-text.ts";
import { UsageError } from "./usage-error.ts";

const selfTests: Readonly<Record<string, SelfTest>> = {
  default: "default",
  short: "foregroundShort",
  extended: "foregroundExtended",
  "background-short": "backgroundShort",
  "background-extended": "backgroundExtended",
  abort: "abortBackground",
};

export function addDriveUpkeep(drive: Command, run: Runner): void {
  const selftest = withDriveOptions(drive.command("selftest"))
    .description("Let the drive test itself. Some extended tests need a scratch cartridge: see the drive's manual.")
    .option("--test <name>", `${Object.keys(selfTests).join(", ")} (of a background test)`, "default")
    .action(run(runSelfTest));
  document(selftest, ["tidemark drive selftest", "tidemark drive selftest --test short --drive 0"], deviceCodes);
  const trace = drive
    .command("trace")
    .description('Show a file that "--trace" wrote, a line a command. "--json" gives its lines as they are.')
    .argument("<file>", "the trace")
    .action(run(showTrace));
  document(trace, ["tidemark drive trace drive.jsonl"], [exitCodes.done, exitCodes.failed, exitCodes.usage]);
}

async function runSelfTest(session: Session, options: DriveOptions & { readonly test: string }): Promise<ExitCode> {
  const test = Object.hasOwn(selfTests, options.test) ? selfTests[options.test] : undefined;
  if (test === undefined) {
    throw new UsageError(`there is no test "${options.test}": write ${Object.keys(selfTests).join(", ")}`);
  }
  await withDrive(session, options, async (drive) => {
    await drive.attend();
    await drive.selfTest(test);
  });
  const runsOn = test.startsWith("background");
  session.print({ test, passed: !runsOn }, () => (runsOn ? "started; its result will be in log page 10" : "passed"));
  return exitCodes.done;
}

async function showTrace(session: Session, file: string): Promise<ExitCode> {
  const path = resolve(session.terminal.workingFolder, file);
  const lines = createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      const text = traceLineText(line, number);
      session.terminal.writeOut(`${session.json ? line : text}\n`);
      if (session.terminal.outputClosed()) break;
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw new UsageError(`cannot read the trace ${path}: ${(cause as Error).message}`);
  } finally {
    lines.close();
  }
  return exitCodes.done;
}
