// SPDX-License-Identifier: Apache-2.0
/** Why a job's run ended before it was done: what the run said, or that it said nothing. */
import { messageOf } from "../errors.ts";
import type { JobEntry, JobRegister } from "../protocol/job.ts";

export const stoppedOnRequest = "stopped on request";

export function interruptedBy(job: JobEntry, interruptionCause: string): JobEntry {
  return { ...job, status: "interrupted", interruptionCause };
}

/** Where not even this can be written, the entry says what a job without a process is: interrupted. */
export function noteInterrupted(jobs: JobRegister, job: JobEntry, error: unknown): void {
  try {
    jobs.update(interruptedBy(job, messageOf(error)));
  } catch {
    // What went wrong before is what is told.
  }
}

/** A run that begins has a cause of its own to tell, or none. */
export function withoutCause({ interruptionCause: _former, ...job }: JobEntry): JobEntry {
  return job;
}

/** One that goes on, once its epoch has begun: until then the job stands as it stood, and for the same cause. */
export function goneOn(job: JobEntry): JobEntry {
  return { ...withoutCause(job), interruptions: job.interruptions + 1 };
}

export function causeOf({ interruptionCause }: JobEntry): string {
  return interruptionCause ?? "the process ended without a word: it was killed, or the power failed";
}
