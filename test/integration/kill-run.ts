// SPDX-License-Identifier: Apache-2.0
/** The real command line in a process of its own, which is killed at a drawn moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { bytesIn, spin } from "./kill-moment.ts";
import type { Measure, Moment } from "./kill-moment.ts";

const main = resolve(import.meta.dirname, "../../lib/cli/main.ts");

/** A look costs some calls: often enough to hit a record, seldom enough to cost nothing. */
const lookEveryMs = 1;

export interface KillPlace {
  /** What Node.js has compiled once: a process that is killed starts in half the time, and leaves nothing there. */
  readonly cacheFolder: string;
  readonly configPath: string;
  readonly mediaFolder: string;
  /** With the temporary catalogs of all jobs. */
  readonly jobsFolder: string;
}

export interface KilledRun {
  /** False where the command ended by itself first. */
  readonly killed: boolean;
  readonly exitCode: number | null;
  /** The last lines of what it said. */
  readonly said: string;
}

/** @param moment Without one the command comes to its own end. */
export async function killedAt(
  place: KillPlace,
  moment: Moment | undefined,
  args: readonly string[],
): Promise<KilledRun> {
  const child = spawn(process.execPath, [main, "--config", place.configPath, ...args, "--json"], {
    env: { ...process.env, NODE_COMPILE_CACHE: place.cacheFolder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, error] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (error += piece.toString()));
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const measures: Record<Measure, () => number> = {
    tape: () => bytesIn(place.mediaFolder),
    catalog: () => bytesIn(place.jobsFolder),
    lines: () => out.split("\n").length - 1,
  };
  const measured = moment === undefined ? undefined : measures[moment.measure];
  const due = (measured?.() ?? 0) + (moment?.growth ?? 0);
  while (measured !== undefined && child.exitCode === null && child.signalCode === null) {
    if (measured() >= due) {
      spin(moment?.microseconds ?? 0);
      child.kill("SIGKILL");
      break;
    }
    await timer(lookEveryMs);
  }
  const [exitCode, signal] = await closed;
  return { killed: signal === "SIGKILL", exitCode, said: `${out}${error}`.split("\n").slice(-4).join("\n") };
}
