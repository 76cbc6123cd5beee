// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { document } from "./documentation.ts";
import { allExitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobExitCode, jobResultText } from "./job-text.ts";
import { runLongWork } from "./long-work.ts";
import { numberBetween } from "./number-option.ts";
import { absolutePath } from "./paths.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";

export function addBackupCommand(program: Command, run: Runner): void {
  const command = program
    .command("backup")
    .description("Back up directory trees as one job. Each source is a source volume of the job.")
    .argument("<source...>", "folders to back up")
    .option("--pool <name>", "take tape volumes from this pool (default: the configuration's)")
    .option(
      "--drives <n>",
      "write so many parts of the job at once, each on its own drive (default: the configuration's)",
    )
    .option("--priority <n>", "from -100 to 100: the higher one has drives first (default: 0; a restore has 10)")
    .action(run(backUp));
  document(command, ["tidemark backup /home /etc", "tidemark backup /srv --json"], allExitCodes);
}

async function backUp(
  session: Session,
  sources: readonly string[],
  options: { readonly pool?: string; readonly drives?: string; readonly priority?: string },
): Promise<ExitCode> {
  const paths = sources.map((source) => absolutePath(source, session.terminal));
  const drives = numberBetween(options.drives, 1, 64, "--drives");
  const priority = numberBetween(options.priority, -100, 100, "--priority");
  const wanted = {
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    ...(drives === undefined ? {} : { drives }),
    ...(priority === undefined ? {} : { priority }),
  };
  const { result } = await runLongWork(session, (runOptions) =>
    session.withService((service) => service.backup(paths, { ...runOptions, ...wanted })),
  );
  session.print({ type: "result", ...result }, () => jobResultText(result));
  return jobExitCode(result.status);
}
