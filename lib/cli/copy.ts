// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { SetCopyResult } from "../service/copy-api.ts";
import { document } from "./documentation.ts";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobExitCode, jobResultText } from "./job-text.ts";
import { runLongWork } from "./long-work.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";

interface CopyOptions {
  readonly pool: string;
}

export function addJobCopy(job: Command, run: Runner): void {
  const copy = job
    .command("copy")
    .description("Duplicate a finished job onto cartridges of another pool, as a job of its own. Needs two drives.")
    .argument("<id>", "the job's number")
    .requiredOption("--pool <name>", "the pool whose cartridges are written")
    .action(run(copyJob));
  document(copy, ["tidemark job copy 1 --pool vault"], allExitCodes);
}

export function addMediaSetCopy(mediaSet: Command, run: Runner): void {
  const copy = mediaSet
    .command("copy")
    .description("Duplicate every finished job of a set that has no copy in a pool yet. Needs two drives.")
    .argument("<uuid>", "the set's UUID, or its beginning")
    .requiredOption("--pool <name>", "the pool whose cartridges are written")
    .action(run(copyMediaSet));
  document(copy, ["tidemark media-set copy 3f2a --pool vault"], allExitCodes);
}

async function copyJob(session: Session, jobId: string, { pool }: CopyOptions): Promise<ExitCode> {
  const { result: results } = await runLongWork(session, (options) =>
    session.withService((service) => service.copies.copyJob(jobId, { ...options, pool })),
  );
  session.print({ type: "result", copies: results }, () => results.map((each) => jobResultText(each)).join("\n"));
  return results.reduce<ExitCode>((worst, { status }) => worse(worst, jobExitCode(status)), exitCodes.done);
}

async function copyMediaSet(session: Session, uuid: string, { pool }: CopyOptions): Promise<ExitCode> {
  const { result } = await runLongWork(session, (options) =>
    session.withService((service) => service.copies.copyMediaSet(uuid, { ...options, pool })),
  );
  session.print({ type: "result", ...result }, () => setText(result));
  if (result.interrupted.length > 0) return exitCodes.interrupted;
  return result.results.reduce<ExitCode>((worst, { status }) => worse(worst, jobExitCode(status)), exitCodes.done);
}

function setText({ results, alreadyCopied, interrupted, pool }: SetCopyResult): string {
  const lines = results.map((each) => jobResultText(each));
  if (alreadyCopied.length > 0) lines.push(`copied to pool "${pool}" before: job ${alreadyCopied.join(", ")}`);
  for (const jobId of interrupted) lines.push(`copy ${jobId} was interrupted: tidemark job resume ${jobId}`);
  return lines.length === 0 ? "no finished job is in this set" : lines.join("\n");
}

function worse(left: ExitCode, right: ExitCode): ExitCode {
  return right === exitCodes.done ? left : right;
}
