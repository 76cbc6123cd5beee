// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { Service } from "../service/api.ts";
import { addJobCopy } from "./copy.ts";
import { document } from "./documentation.ts";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobDetailsText, jobExitCode, jobListText, jobResultText, statusNames } from "./job-text.ts";
import { runLongWork } from "./long-work.ts";
import { planText } from "./plan-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";
import { addJobVerify } from "./verify.ts";

const readingCodes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog];

export function addJobCommands(program: Command, run: Runner): void {
  const job = program.command("job").description("Backup jobs: list them, look into one, resume or cancel it.");
  document(job, ["tidemark job list"], [exitCodes.done, exitCodes.usage]);
  const list = job.command("list").description("List all jobs, the newest first.").action(run(listJobs));
  document(list, ["tidemark job list", "tidemark job list --json"], readingCodes);
  const show = job
    .command("show")
    .description("Show what the temporary catalog and the byte counts say of a job. Moves no tape.")
    .argument("<id>", "the job's number")
    .action(run(showJob));
  document(show, ["tidemark job show 1"], readingCodes);
  addResume(job, run);
  addJobVerify(job, run);
  addJobCopy(job, run);
  const cancel = job
    .command("cancel")
    .description("Give an interrupted job up: it can not be resumed any more.")
    .argument("<id>", "the job's number")
    .option("--yes", "do not ask")
    .action(run(cancelJob));
  document(cancel, ["tidemark job cancel 1 --yes"], readingCodes);
}

/** What the operator has decided about cartridges of the job, by barcode. */
interface TapeWish {
  readonly leave?: string;
  readonly giveUp?: string;
  readonly appendTo?: string;
}

interface ResumeOptions extends TapeWish {
  readonly plan?: boolean;
  readonly trustCatalog?: boolean;
}

function addResume(job: Command, run: Runner): void {
  const resume = job
    .command("resume")
    .description("Go on with an interrupted job, at the byte where its tape ends.")
    .argument("[id]", "the job's number (default: the only interrupted job)")
    .option("--plan", "only show what would be done, and why")
    .option("--trust-catalog", "do not look whether directories already backed up have changed since")
    .option(
      "--leave <barcode>",
      "do not wait for this cartridge: what is durable on it still counts, and the job goes on behind that on another one",
    )
    .option(
      "--give-up <barcode>",
      "this cartridge is lost, or was altered: nothing on it counts any more, and that is written again on another one",
    )
    .option("--append-to <barcode>", "write on this cartridge although it ends before what had been durable on it")
    .action(run(resumeJob));
  document(resume, ["tidemark job resume 1 --plan", "tidemark job resume 1"], allExitCodes);
}

async function listJobs(session: Session): Promise<ExitCode> {
  const jobs = await session.withService((service) => service.listJobs());
  session.print({ jobs }, () =>
    jobs.length === 0 ? 'no jobs yet: start one with "tidemark backup FOLDER"' : jobListText(jobs),
  );
  return exitCodes.done;
}

async function showJob(session: Session, jobId: string): Promise<ExitCode> {
  const details = await session.withService((service) => service.showJob(jobId));
  session.print({ ...details }, () => jobDetailsText(details));
  return exitCodes.done;
}

async function resumeJob(session: Session, given: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  const { leave, giveUp, appendTo } = options;
  const wish = {
    ...(leave === undefined ? {} : { leave }),
    ...(giveUp === undefined ? {} : { giveUp }),
    ...(appendTo === undefined ? {} : { appendTo }),
  };
  if (options.plan === true) return showPlan(session, given, wish);
  const { result } = await runLongWork(session, (runOptions) =>
    session.withService(async (service) => {
      const jobId = given ?? (await onlyInterruptedJob(service));
      if (jobId === undefined) return undefined;
      return service.resumeJob(jobId, {
        ...runOptions,
        trustCatalog: options.trustCatalog === true,
        ...wish,
      });
    }),
  );
  if (result === undefined) return nothingToResume(session);
  session.print({ type: "result", ...result }, () => jobResultText(result));
  return jobExitCode(result.status);
}

async function showPlan(session: Session, given: string | undefined, wish: TapeWish): Promise<ExitCode> {
  const plans = await session.withService(async (service) => {
    const jobId = given ?? (await onlyInterruptedJob(service));
    return jobId === undefined ? [] : service.planResume(jobId, wish);
  });
  const [plan, ...others] = plans;
  if (plan === undefined) return nothingToResume(session);
  session.print(others.length === 0 ? { ...plan } : { parts: plans }, () => plans.map(planText).join("\n\n"));
  return exitCodes.done;
}

/** Guessing between two jobs could ask for the wrong cartridge for hours, so it is not done. */
async function onlyInterruptedJob(service: Service): Promise<string | undefined> {
  const interrupted = (await service.listJobs()).filter(({ status }) => status === "interrupted");
  if (interrupted.length > 1) {
    const ids = interrupted.map(({ jobId }) => jobId).join(", ");
    throw new UsageError(`several jobs are interrupted (${ids}): say which one to resume`);
  }
  return interrupted[0]?.jobId;
}

function nothingToResume(session: Session): ExitCode {
  session.print({ type: "result", status: "nothingToResume" }, () => "no job is interrupted: nothing to resume");
  return exitCodes.done;
}

async function cancelJob(session: Session, jobId: string, options: { readonly yes?: boolean }): Promise<ExitCode> {
  await session.confirm(options.yes === true, `gives job ${jobId} up: it can not be resumed any more`);
  const summary = await session.withService((service) => service.cancelJob(jobId));
  session.print({ ...summary }, () => `job ${summary.jobId} ${statusNames[summary.status]}`);
  return exitCodes.done;
}
