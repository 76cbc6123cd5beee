// SPDX-License-Identifier: Apache-2.0
/** The real command line in a process of its own, which is killed at a drawn moment. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { bytesIn, spin } from "./kill-moment.ts";
import type { Measure, Moment } from "./kill-moment.ts";

const main = resolve(import.meta.dirname, "../../lib/cli/main.ts");

export interface KillPlace {
  /** What Node.js has compiled once: a process that is killed starts in half the time, and leaves nothing there. */
  readonly cacheFolder: string;
  readonly configPath: string;
  readonly mediaFolder: string;
  /** With the temporary catalogs of all jobs. */
  readonly jobsFolder: string;
  /** A look costs some calls, which are slow in a guest. */
  readonly lookEveryMs: number;
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
  const look = moment === undefined ? undefined : watch(place, moment, child, () => out);
  const [exitCode, signal] = await closed;
  clearInterval(look);
  return { killed: signal === "SIGKILL", exitCode, said: `${out}${error}`.split("\n").slice(-4).join("\n") };
}

function watch(place: KillPlace, moment: Moment, child: ChildProcess, said: () => string): NodeJS.Timeout {
  const measures: Record<Measure, () => number> = {
    tape: () => bytesIn(place.mediaFolder),
    catalog: () => bytesIn(place.jobsFolder),
    lines: () => said().split("\n").length - 1,
  };
  const measured = measures[moment.measure];
  const due = measured() + moment.growth;
  return setInterval(() => {
    if (measured() < due) return;
    spin(moment.microseconds);
    child.kill("SIGKILL");
  }, place.lookEveryMs);
}
