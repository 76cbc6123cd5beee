// SPDX-License-Identifier: Apache-2.0
import type { RunOptions } from "../protocol/job.ts";
import type { SessionRequest } from "../protocol/media-server.ts";

/** What a job's user has asked for, as far as the media server needs it. */
export function sessionOptions(jobId: string, options: RunOptions): Omit<SessionRequest, "purpose"> {
  const { onNotice, priority, signal } = options;
  return {
    jobId,
    ...(priority === undefined ? {} : { priority }),
    ...(signal === undefined ? {} : { signal }),
    ...(onNotice === undefined
      ? {}
      : { onNotice: ({ kind, text }) => onNotice({ type: "notice", jobId, kind, text }) }),
  };
}
