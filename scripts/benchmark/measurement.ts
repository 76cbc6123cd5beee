// SPDX-License-Identifier: Apache-2.0
/** Wall time, CPU time and memory of a command, from the kernel's own accounting. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";

export interface Measurement {
  readonly wallS: number;
  /** User and system time of the command and everything it started. */
  readonly cpuS: number;
  /** Of the largest process. A ring counts here as often as it is mapped. */
  readonly peakBytes: number;
  /** Marked runs: when the last line of progress came, and the last line of all. */
  readonly lastProgressS?: number;
  readonly lastLine?: string;
  /** Sampled runs: the most that was resident without what is shared, which is the ring. */
  readonly besideRingBytes?: number;
}

/** `marked`: prints lines of JSON, see `lastProgressS`. `sampled`: one process, see `besideRingBytes`. */
export type Manner = "plain" | "marked" | "sampled";

// Python, which node-gyp needs anyway: its call gives the children's times to the microsecond.
const program = `
import json, resource, subprocess, sys, tempfile, time
command, manner = sys.argv[1:]
errors = tempfile.TemporaryFile()
told = {}
start = time.monotonic()
out = subprocess.PIPE if manner == "marked" else subprocess.DEVNULL
child = subprocess.Popen(["sh", "-c", command], stdout=out, stderr=errors)
if manner == "marked":
    for line in child.stdout:
        if b'"type":"progress"' in line.replace(b": ", b":"):
            told["lastProgressS"] = time.monotonic() - start
        told["lastLine"] = line.decode("utf-8", "replace")
if manner == "sampled":
    told["besideRingBytes"] = 0
    while child.poll() is None:
        try:
            lines = open("/proc/%d/status" % child.pid).read().splitlines()
        except OSError:
            continue
        kib = [int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssFile:"))]
        told["besideRingBytes"] = max(told["besideRingBytes"], sum(kib) * 1024)
        time.sleep(0.01)
status = child.wait()
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
told.update(wallS=wall, cpuS=usage.ru_utime + usage.ru_stime, peakBytes=usage.ru_maxrss * 1024)
print(json.dumps(told))
errors.seek(0)
sys.stderr.buffer.write(errors.read())
sys.exit(0 if status == 0 else 1)
`;

/** Runs a shell command. @throws Error where it fails. */
export function measure(command: string, manner: Manner = "plain"): Measurement {
  const { error, status, stdout, stderr } = spawnSync("python3", ["-c", program, command, manner], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw new Error(`python3, which measures, cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return JSON.parse(stdout) as Measurement;
}

const dropCachesFile = "/proc/sys/vm/drop_caches";

/** Only root may empty the page cache. */
export function canDropCaches(): boolean {
  return process.geteuid?.() === 0 && existsSync(dropCachesFile);
}

/** @throws Error where the kernel does not let it */
export function dropCaches(): void {
  spawnSync("sync");
  writeFileSync(dropCachesFile, "3");
}

/** What was written before is on the disk: nothing of it is written beside what is measured. */
export function settle(folder: string): void {
  spawnSync("sync", ["-f", folder]);
}
