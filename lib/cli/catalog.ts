// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { CatalogEntry, Service } from "../service/api.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jsonText } from "./json-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { countText, modeText, pathText, timeTextNs } from "./text.ts";
import { UsageError } from "./usage-error.ts";

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog];
const largestLimit = 1_000_000_000;

export function addCatalogCommands(program: Command, run: Runner): void {
  const catalog = program.command("catalog").description("What is on the tapes.");
  document(catalog, ["tidemark catalog ls home/ada"], [exitCodes.done, exitCodes.usage]);
  const ls = catalog
    .command("ls")
    .description("List a directory as it was backed up.")
    .argument("<path>", 'the directory; "/" is the root')
    .option("--job <id>", "of this job (default: the newest that has it)")
    .action(run(list));
  document(ls, ["tidemark catalog ls home/ada --job 1"], codes);
  const find = catalog
    .command("find")
    .description("Find objects whose path matches a pattern with * and ?.")
    .argument("<pattern>", "quoted, so that the shell leaves it alone")
    .option("--limit <count>", "stop after so many", "1000")
    .action(run(findObjects));
  document(find, ["tidemark catalog find '*.odt'"], codes);
  const versions = catalog
    .command("versions")
    .description("List every backed-up version of one object, the newest first.")
    .argument("<path>", "the object")
    .action(run(listVersions));
  document(versions, ["tidemark catalog versions home/ada/letter.odt"], codes);
}

function list(session: Session, path: string, options: { readonly job?: string }): Promise<ExitCode> {
  const job = options.job === undefined ? {} : { jobId: options.job };
  return printEntries(session, (service) => service.listCatalog(session.terminal.argumentBytes(path), job));
}

function findObjects(session: Session, pattern: string, options: { readonly limit: string }): Promise<ExitCode> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit) {
    throw new UsageError(`--limit "${options.limit}" is no count from 1 on`);
  }
  return printEntries(session, (service) => service.findInCatalog(session.terminal.argumentBytes(pattern), { limit }));
}

function listVersions(session: Session, path: string): Promise<ExitCode> {
  return printEntries(session, (service) => service.versions(session.terminal.argumentBytes(path)));
}

/** Entries go out as they come: a catalog may hold millions. */
async function printEntries(
  session: Session,
  source: (service: Service) => AsyncIterable<CatalogEntry>,
): Promise<ExitCode> {
  await session.withService(async (service) => {
    let count = 0n;
    for await (const entry of source(service)) {
      if (session.terminal.outputClosed()) return;
      count++;
      session.terminal.writeOut(`${session.json ? jsonText({ type: "entry", ...entry }) : entryText(entry)}\n`);
    }
    if (session.json) session.print({ type: "result", entries: count }, () => "");
    else if (count === 0n) session.remark("nothing in the catalog matches");
  });
  return exitCodes.done;
}

// Widths that hold all but the largest values: a stream cannot wait for its widest line.
function entryText(entry: CatalogEntry): string {
  return [
    modeText(entry.kind, entry.mode),
    `${entry.uid}:${entry.gid}`.padEnd(11),
    countText(entry.sizeBytes).padStart(15),
    timeTextNs(entry.mtimeNs),
    `job ${entry.jobId}`.padEnd(6),
    (entry.volumeTag ?? "-").padEnd(8),
    pathText(entry.path),
  ].join("  ");
}
