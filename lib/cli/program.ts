// SPDX-License-Identifier: Apache-2.0
/** The command `tidemark`: its global options and its nouns, one file each. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addBackupCommand } from "./backup.ts";
import { addBenchCommands } from "./bench.ts";
import { addCatalogCommands } from "./catalog.ts";
import { addChangerCommands } from "./changer.ts";
import { document } from "./documentation.ts";
import { addDriveCommands } from "./drive.ts";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { addInitCommand } from "./init.ts";
import { addJobCommands } from "./job.ts";
import { addLibraryCommands } from "./library.ts";
import { addMediaSetCommands } from "./media-set.ts";
import { addPoolCommands } from "./pool.ts";
import { addRestoreCommand } from "./restore.ts";
import { Session } from "./session.ts";
import type { GlobalOptions, ServiceLoader } from "./session.ts";
import type { Terminal } from "./terminal.ts";
import { addVolumeCommands } from "./volume.ts";

/** An action as a noun writes it: it gets a session first and says how it ended. */
export type Action<Arguments extends unknown[]> = (session: Session, ...given: Arguments) => Promise<ExitCode>;

/** Turns an {@link Action} into what Commander calls. */
export type Runner = <Arguments extends unknown[]>(action: Action<Arguments>) => (...given: Arguments) => Promise<void>;

/** Runs one command line, without the program's name, and says with which code the process is to end. */
export async function runCommandLine(
  given: readonly string[],
  terminal: Terminal,
  loadService: ServiceLoader,
): Promise<ExitCode> {
  let ended: ExitCode = exitCodes.done;
  const program = createProgram(terminal, (action) => async (...values) => {
    ended = await action(new Session(terminal, program.opts<GlobalOptions>(), loadService), ...values);
  });
  try {
    await program.parseAsync(given, { from: "user" });
    return ended;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // A noun without a verb: Commander has written its help already.
    if (error instanceof CommanderError && error.code === "commander.help") return exitCodes.usage;
    // Parsing may have ended before the options were known, so they are looked for in what was given.
    const options = beforeOperands(given);
    return reportFailure(error, terminal, { json: options.includes("--json"), verbose: options.includes("--verbose") });
  }
}

/** All commands; `run` gives their actions what they need. */
export function createProgram(terminal: Pick<Terminal, "writeOut" | "writeError">, run: Runner): Command {
  const program = new Command("tidemark");
  program
    .description("Backs up directory trees to tape libraries and goes on exactly where an interrupted job stopped.")
    .version(packageVersion(), "-V, --version", "print the version")
    .option(
      "--config <file>",
      "configuration (default: $TIDEMARK_CONFIG, ./tidemark.toml, ~/.config/tidemark/tidemark.toml)",
    )
    .option("--json", "print JSON: one object, or one a line for long work and listings")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .option("--verbose", "say more about failures")
    .helpOption("-h, --help", "show help with an example and the exit codes")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.writeOut(text),
      writeErr: (text) => terminal.writeError(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      // Failures are reported in one place, as a sentence or as JSON.
      outputError: () => undefined,
    })
    .exitOverride();
  document(
    program,
    ["tidemark init --simulated", "tidemark volume label --all --yes", "tidemark backup /home"],
    allExitCodes,
  );
  addInitCommand(program, run);
  addLibraryCommands(program, run);
  addVolumeCommands(program, run);
  addPoolCommands(program, run);
  addMediaSetCommands(program, run);
  addBackupCommand(program, run);
  addJobCommands(program, run);
  addCatalogCommands(program, run);
  addRestoreCommand(program, run);
  addDriveCommands(program, run);
  addChangerCommands(program, run);
  addBenchCommands(program, run);
  return program;
}

function beforeOperands(given: readonly string[]): readonly string[] {
  const end = given.indexOf("--");
  return end < 0 ? given : given.slice(0, end);
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
