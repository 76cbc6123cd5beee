// SPDX-License-Identifier: Apache-2.0
/** Wall time, CPU time and peak memory of a command, from the kernel's own accounting. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";

export interface Measurement {
  readonly wallS: number;
  /** User and system time of the command and everything it started. */
  readonly cpuS: number;
  readonly peakBytes: number;
}

// Python, which node-gyp needs anyway: its call gives the children's times to the microsecond.
const program = `
import json, resource, subprocess, sys, time
start = time.monotonic()
ended = subprocess.run(["sh", "-c", sys.argv[1]], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wallS": wall, "cpuS": usage.ru_utime + usage.ru_stime, "peakBytes": usage.ru_maxrss * 1024}))
sys.stderr.buffer.write(ended.stderr)
sys.exit(ended.returncode)
`;

/** Runs a shell command. @throws Error where it fails. */
export function measure(command: string): Measurement {
  const { status, stdout, stderr } = spawnSync("python3", ["-c", program, command], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ended with ${String(status)}: ${stderr}`);
  return JSON.parse(stdout) as Measurement;
}

const dropCachesFile = "/proc/sys/vm/drop_caches";

/** Only root may empty the page cache. */
export function canDropCaches(): boolean {
  return process.geteuid?.() === 0 && existsSync(dropCachesFile);
}

export function dropCaches(): void {
  spawnSync("sync");
  writeFileSync(dropCachesFile, "3");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
