// SPDX-License-Identifier: Apache-2.0
/** The real command line in a process of its own, killed where the tape image has grown to a given size. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, watch } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Installation } from "./installation.ts";

const main = resolve(dirname(fileURLToPath(import.meta.url)), "../../lib/cli/main.ts");

/** Bytes of all tape images of the simulated library. */
export function imageBytes(installation: Installation): number {
  const media = join(installation.libraryFolder, "media");
  if (!existsSync(media)) return 0;
  return readdirSync(media)
    .filter((name) => name.endsWith(".tape"))
    .reduce((sum, name) => sum + statSync(join(media, name)).size, 0);
}

/**
 * Runs a command and kills it with SIGKILL as soon as the tape images hold `bytes` more than before.
 * @returns false where the command ended by itself first
 */
export async function killedWhenWritten(
  installation: Installation,
  bytes: number,
  ...args: readonly string[]
): Promise<boolean> {
  const wanted = imageBytes(installation) + bytes;
  const folder = join(installation.libraryFolder, "media");
  return killedWhen(folder, () => imageBytes(installation) >= wanted, "--config", installation.configPath, ...args);
}

/** Runs a command and kills it with SIGKILL as soon as the condition holds, which changes with what is in the folder. */
export async function killedWhen(
  folder: string,
  condition: () => boolean,
  ...args: readonly string[]
): Promise<boolean> {
  const { child, exited } = start(args);
  // The system tells of each write: who looked all the time would take a processor from who writes.
  const watcher = watch(folder, () => {
    if (condition()) child.kill("SIGKILL");
  });
  try {
    return await exited;
  } finally {
    watcher.close();
  }
}

/** Runs a command that the library's fault plan kills. */
export function killedByPlan(installation: Installation, ...args: readonly string[]): Promise<boolean> {
  return start(["--config", installation.configPath, ...args]).exited;
}

interface Started {
  readonly child: ChildProcess;
  /** Whether it was killed. */
  readonly exited: Promise<boolean>;
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...args, "--json"], { stdio: "ignore" });
  // Who looks must come before who writes, or on a busy machine the kill hits further on.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const exited = (once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>).then(
    ([, signal]) => signal === "SIGKILL",
  );
  return { child, exited };
}
