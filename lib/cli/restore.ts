// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { RestoreResult } from "../service/api.ts";
import { document } from "./documentation.ts";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { runLongWork } from "./long-work.ts";
import { absolutePath } from "./paths.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { countText, pathText, plural, sizeText, unreadableText } from "./text.ts";

interface RestoreOptions {
  readonly job: string;
  readonly to: string;
  readonly overwrite?: boolean;
}

export function addRestoreCommand(program: Command, run: Runner): void {
  const command = program
    .command("restore")
    .description("Restore objects of a job into a folder, with owner, mode, times and attributes.")
    .argument("[path...]", "what to restore, as the catalog names it (default: everything)")
    .requiredOption("--job <id>", "the job to restore from")
    .requiredOption("--to <folder>", "the folder to restore into; it is made where it is missing")
    .option("--overwrite", "replace files that are there")
    .action(run(restore));
  document(
    command,
    ["tidemark restore --job 1 --to /srv/restored", "tidemark restore home/ada/letters --job 1 --to /tmp/letters"],
    allExitCodes.filter((code) => code !== exitCodes.interrupted),
  );
}

async function restore(session: Session, paths: readonly string[], options: RestoreOptions): Promise<ExitCode> {
  const request = {
    jobId: options.job,
    paths: paths.map((path) => session.terminal.argumentBytes(path)),
    targetFolder: absolutePath(options.to, session.terminal),
    overwrite: options.overwrite === true,
  };
  const { result, wasInterrupted } = await runLongWork(session, (runOptions) =>
    session.withService((service) => service.restore(request, runOptions)),
  );
  session.print({ type: "result", ...result, targetFolder: request.targetFolder }, () =>
    resultText(result, request.targetFolder),
  );
  if (wasInterrupted) return exitCodes.signal;
  return result.damagedCount > 0n ? exitCodes.someUnreadable : exitCodes.done;
}

function resultText(result: RestoreResult, targetFolder: Buffer): string {
  const summary = [
    `restored ${plural(result.objectsRestored, "object")}, ${sizeText(result.bytesRestored)}, into ${pathText(targetFolder)}`,
    ...(result.bytesUnproved === 0n
      ? []
      : [`${sizeText(result.bytesUnproved)} of it without a digest to compare with: an interruption cut a file there`]),
    ...result.unreadable.map(unreadableText),
  ];
  if (result.damagedCount === 0n) return summary.join("\n");
  const named = result.damaged.map(({ path, reason }) => `  ${pathText(path)}: ${reason}`);
  const unnamed = result.damagedCount - BigInt(result.damaged.length);
  const rest = unnamed > 0n ? [`  and ${countText(unnamed)} more`] : [];
  return [...summary, `${plural(result.damagedCount, "object")} damaged:`, ...named, ...rest].join("\n");
}
