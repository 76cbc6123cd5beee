// SPDX-License-Identifier: Apache-2.0
/**
 * A process that does with a drive queue what it is told; run by queue-processes.ts. Leases have names.
 */
import { openDriveQueue } from "../../lib/service/drive-queue.ts";
import type { DriveLease, DriveQueue, DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";

export type QueueCommand =
  | { readonly do: "open"; readonly stateFolder: string; readonly driveCount: number }
  | {
      readonly do: "acquire" | "abort" | "release" | "isWanted";
      readonly name: string;
      readonly request?: DriveRequest;
    }
  | { readonly do: "claim" | "unclaim"; readonly name: string; readonly volumeTag: string }
  | { readonly do: "takeRobot" | "releaseRobot" | "list" | "close" };

export type QueueEvent =
  | { readonly told: "granted"; readonly name: string; readonly drives: readonly number[] }
  | { readonly told: "waiting"; readonly name: string; readonly before: readonly DriveQueueEntry[] }
  | { readonly told: "failed"; readonly name: string; readonly code: string; readonly message: string }
  | { readonly told: "answer"; readonly answer: boolean }
  | { readonly told: "list"; readonly entries: readonly DriveQueueEntry[] }
  | { readonly told: "opened" | "done" }
  | { readonly told: "robot" };

let queue: DriveQueue;
const leases = new Map<string, DriveLease>();
const aborts = new Map<string, AbortController>();
let releaseRobot: () => void = () => undefined;

function tell(event: QueueEvent): void {
  process.send?.(event);
}

async function acquire(name: string, request: DriveRequest): Promise<void> {
  const abort = new AbortController();
  aborts.set(name, abort);
  try {
    const lease = await queue.acquire(request, {
      signal: abort.signal,
      onWaiting: (before) => tell({ told: "waiting", name, before }),
    });
    leases.set(name, lease);
    tell({ told: "granted", name, drives: lease.drives });
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string };
    tell({ told: "failed", name, code, message });
  }
}

async function takeRobot(): Promise<void> {
  await queue.withRobot(async () => {
    const released = new Promise<void>((resolve) => {
      releaseRobot = resolve;
    });
    tell({ told: "robot" });
    await released;
  });
  tell({ told: "done" });
}

function obey(command: QueueCommand): void {
  switch (command.do) {
    case "open":
      queue = openDriveQueue(command);
      tell({ told: "opened" });
      return;
    case "acquire":
      if (command.request !== undefined) void acquire(command.name, command.request);
      return;
    case "abort":
      aborts.get(command.name)?.abort();
      return;
    case "release":
      leases.get(command.name)?.release();
      tell({ told: "done" });
      return;
    case "isWanted":
      tell({ told: "answer", answer: leases.get(command.name)?.isWanted() ?? false });
      return;
    case "claim":
      tell({ told: "answer", answer: leases.get(command.name)?.claim(command.volumeTag) ?? false });
      return;
    case "unclaim":
      leases.get(command.name)?.unclaim(command.volumeTag);
      tell({ told: "done" });
      return;
    case "takeRobot":
      void takeRobot();
      return;
    case "releaseRobot":
      releaseRobot();
      return;
    case "list":
      tell({ told: "list", entries: queue.list() });
      return;
    case "close":
      queue.close();
      tell({ told: "done" });
  }
}

process.on("message", (command: QueueCommand) => obey(command));
process.once("disconnect", () => process.exit());
