// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { PoolDetails, PoolSummary, PruneResult } from "../service/media-api.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { allocationText, mediaSetsText, poolJobsText, poolVolumesText, retentionText } from "./media-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText, tableText } from "./table.ts";
import { plural, sizeText } from "./text.ts";

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog];

export function addPoolCommands(program: Command, run: Runner): void {
  const pool = program
    .command("pool")
    .description("Pools: tape volumes that jobs take from, and how long jobs are kept.");
  document(pool, ["tidemark pool list"], [exitCodes.done, exitCodes.usage]);
  const list = pool.command("list").description("List the pools, configured or in use.").action(run(listPools));
  document(list, ["tidemark pool list"], codes);
  const show = pool
    .command("show")
    .description("Show a pool's media sets and volumes, which rule keeps which job, and what would expire next.")
    .argument("<pool>", "the pool's name")
    .action(run(showPool));
  document(show, ["tidemark pool show weekly"], codes);
  const prune = pool
    .command("prune")
    .description(
      "Let jobs expire that no rule keeps. Their cartridges may be written over once nothing else on them is kept.",
    )
    .argument("[pool]", "the pool's name (default: every pool)")
    .option("--dry-run", "only show what would expire")
    .option("--yes", "do not ask")
    .action(run(prunePools));
  document(prune, ["tidemark pool prune weekly --dry-run", "tidemark pool prune --yes"], codes);
}

async function listPools(session: Session): Promise<ExitCode> {
  const pools = await session.withService((service) => Promise.resolve(service.media.listPools()));
  session.print({ pools }, () => poolsText(pools));
  return exitCodes.done;
}

function poolsText(pools: readonly PoolSummary[]): string {
  return tableText(
    [
      { title: "POOL" },
      { title: "ALLOCATION" },
      { title: "KEEPS" },
      { title: "SETS", align: "right" },
      { title: "VOLUMES", align: "right" },
      { title: "EMPTY", align: "right" },
      { title: "EXPIRED", align: "right" },
      { title: "WRITTEN", align: "right" },
      { title: "JOBS KEPT", align: "right" },
      { title: "TO EXPIRE", align: "right" },
    ],
    pools.map((pool) => [
      pool.pool,
      allocationText(pool.allocation),
      retentionText(pool.retention),
      ...[pool.mediaSets, pool.volumes, pool.empty, pool.expired].map(String),
      sizeText(pool.bytes),
      ...[pool.jobsKept, pool.jobsToExpire].map(String),
    ]),
  );
}

async function showPool(session: Session, name: string): Promise<ExitCode> {
  const pool = await session.withService((service) => Promise.resolve(service.media.showPool(name)));
  session.print({ ...pool }, () => poolText(session, pool));
  return exitCodes.done;
}

function poolText(session: Session, pool: PoolDetails): string {
  const parts = [
    session.bold(`pool ${pool.pool}`),
    fieldsText([
      ["  allocation", allocationText(pool.allocation)],
      ["  keeps", retentionText(pool.retention)],
      ["  written", sizeText(pool.bytes)],
    ]),
    pool.sets.length === 0 ? "no media sets yet" : mediaSetsText(pool.sets),
    pool.volumeList.length === 0
      ? `no volumes yet: label some with "tidemark volume label --all --pool ${pool.pool}"`
      : poolVolumesText(pool.volumeList),
    pool.jobs.length === 0 ? "no jobs yet" : poolJobsText(pool.jobs),
  ];
  return parts.join("\n\n").replace("\n\n", "\n");
}

interface PruneOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

async function prunePools(session: Session, name: string | undefined, options: PruneOptions): Promise<ExitCode> {
  const pool = name === undefined ? {} : { pool: name };
  const result = await session.withService(async ({ media }) => {
    const planned = media.prune({ ...pool, dryRun: true });
    if (options.dryRun === true) return planned;
    if (planned.jobs.length === 0) return { ...planned, dryRun: false };
    if (options.yes !== true) session.remark(pruneText(planned));
    const count = plural(BigInt(planned.jobs.length), "job");
    await session.confirm(
      options.yes === true,
      `lets ${count} expire: what only they need on tape may be written over`,
    );
    // What came due while the question stood is left for the next time.
    return media.prune({ ...pool, dryRun: false, onlyJobs: planned.jobs.map(({ jobId }) => jobId) });
  });
  session.print({ ...result }, () => pruneText(result));
  return exitCodes.done;
}

function pruneText({ dryRun, jobs, freed }: PruneResult): string {
  if (jobs.length === 0) return "every finished job is kept: nothing to expire";
  const count = plural(BigInt(jobs.length), "job");
  const verb = dryRun ? "would expire" : "expired";
  const cartridges =
    freed.length === 0 ? "no cartridge becomes free by that" : `free to be written over: ${freed.join(", ")}`;
  return `${poolJobsText(jobs, { title: "POOL", cell: (job) => job.pool })}\n${count} ${verb}; ${cartridges}`;
}
