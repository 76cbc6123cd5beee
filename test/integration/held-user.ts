// SPDX-License-Identifier: Apache-2.0
/**
 * Uses the drive of a held library from a thread or a process of its own, and ends as it is told to once its first
 * command is in flight; run by addon-safety.test.ts with a folder and an ending:
 * - `exit`: `process.exit`, of a worker that of the worker;
 * - `throw`: an exception that nobody catches;
 * - `wait`: nothing more is done, so that it ends when the last answer has come;
 * - `none`: nothing: it is ended from outside;
 * - `worker-exit`, `worker-none`: a process that does not load the addon itself, whose worker ends so;
 * - `worker-left`: the same process exits and leaves it to Node.js to end the worker.
 */
import { writeSync } from "node:fs";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { nativeBinding } from "../../lib/native/binding.ts";

export type HeldEnding = "exit" | "throw" | "wait" | "none" | "worker-exit" | "worker-none" | "worker-left";

const standardOutput = 1;

/** At once, also where the event loop will not turn any more. */
function say(message: string): void {
  if (isMainThread) writeSync(standardOutput, `${message}\n`);
  else parentPort?.postMessage(message);
}

function onWord(act: () => void): void {
  if (isMainThread) {
    process.stdin.once("data", () => {
      // It would keep the process alive.
      process.stdin.destroy();
      act();
    });
  } else parentPort?.once("message", act);
}

/** One command that is held, and behind it some that would write much more than the drive's buffer holds. */
async function useDrive(folder: string): Promise<void> {
  const drive = new (nativeBinding().TapeDrive)({ kind: "simulated", folder, unit: "drive-0" });
  const first = drive.testUnitReady();
  const rest: readonly Promise<unknown>[] = [
    ...Array.from({ length: 3 }, () => drive.testUnitReady()),
    drive.setBlockBytes(0),
    ...Array.from({ length: 20 }, () => drive.writeBlock(Buffer.alloc(65536))),
    drive.writeFilemarks(0, false),
  ];
  const { outcome } = await first;
  await Promise.all(rest);
  say(`answered: ${outcome}`);
}

function runWorker(folder: string, ending: string): void {
  const worker = new Worker(new URL(import.meta.url), { workerData: [folder, ending] });
  worker.on("message", say);
  worker.once("exit", () => {
    // The addon may have been unloaded with the worker, and can be loaded again.
    say(`after the worker: ${nativeBinding().xxh3_64(Buffer.alloc(0)).toString(16)}`);
  });
  onWord(() => {
    say("ending");
    if (ending === "left") process.exit(7);
    if (ending === "none") void worker.terminate();
    else worker.postMessage("end");
  });
}

const [folder = "", ending = ""] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
if (isMainThread && ending.startsWith("worker-")) {
  runWorker(folder, ending.slice("worker-".length));
} else {
  void useDrive(folder);
  process.once("exit", () => say("ending"));
  onWord(() => {
    if (ending === "exit") process.exit(7);
    if (ending === "throw") throw new Error("nobody catches this");
  });
}
