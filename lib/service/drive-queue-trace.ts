// SPDX-License-Identifier: Apache-2.0
/** Tells a trace in which order drives were asked for, granted and given back. */
import type { DriveLease, DriveQueue, DriveRequest } from "../media-server/drive-queue.ts";
import type { TraceListener } from "../protocol/connection.ts";

export function tracedQueue(queue: DriveQueue, trace: TraceListener | undefined): DriveQueue {
  if (trace === undefined) return queue;
  const tell = (what: string): void => trace({ from: "mediaServer", to: "driveQueue", name: what });
  return {
    acquire: async (request, options) => {
      const who = whoText(request);
      tell(`asked for by ${who}`);
      const lease = await queue.acquire(request, options);
      const drives = lease.drives.map((drive) => `drive ${drive}`).join(" and ");
      tell(`${drives} to ${who}`);
      return tracedLease(lease, () => tell(`${drives} back from ${who}`));
    },
    withRobot: (work) => queue.withRobot(work),
    list: () => queue.list(),
    close: () => queue.close(),
  };
}

function tracedLease(lease: DriveLease, tellRelease: () => void): DriveLease {
  let isHeld = true;
  return {
    drives: lease.drives,
    claim: (volumeTag) => lease.claim(volumeTag),
    unclaim: (volumeTag) => lease.unclaim(volumeTag),
    isWanted: () => lease.isWanted(),
    release: () => {
      if (isHeld) tellRelease();
      isHeld = false;
      lease.release();
    },
  };
}

function whoText({ jobId, purpose }: DriveRequest): string {
  return jobId === undefined ? purpose : `${purpose} of job ${jobId}`;
}
