// SPDX-License-Identifier: Apache-2.0
import type { JobEntry } from "../../../lib/protocol/job.ts";

/** The entry of a job in its first run. */
export const runningJob: JobEntry = {
  jobId: "7",
  status: "running",
  startedAtMs: 1,
  pool: "daily",
  sources: [Buffer.from("/source")],
  interruptions: 0,
};
