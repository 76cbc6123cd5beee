// SPDX-License-Identifier: Apache-2.0
/**
 * Uses one drive of a simulated library from a thread or a process of its own; run by simulated-library.test.ts with a
 * folder, a unit and what to do:
 * - `hold`: writes three blocks, synchronises after the second, says so and waits to be killed;
 * - `flood`: says so and writes without end, with a command in flight at any moment;
 * - `write`: writes and synchronises a hundred blocks of the unit's number, and ends in order.
 */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeTapeDrive } from "../../lib/native/binding.ts";

export type DriveUse = "hold" | "flood" | "write";

function tell(message: string): void {
  if (isMainThread) process.stdout.write(`${message}\n`);
  else parentPort?.postMessage(message);
}

async function use(drive: NativeTapeDrive, what: DriveUse, unit: string): Promise<void> {
  await drive.testUnitReady(); // power on
  const block = Buffer.alloc(65536, unit.at(-1));
  if (what === "hold") {
    await drive.writeBlock(block);
    await drive.writeBlock(block);
    await drive.writeFilemarks(0, false);
    await drive.writeBlock(block);
    tell("holding");
    // A handle that nobody knows any more is collected, and lets go of its drive.
    setInterval((held: NativeTapeDrive) => held, 1000, drive);
    return;
  }
  const limit = what === "flood" ? Infinity : 100;
  for (let count = 0; count < limit; count++) {
    const { kind } = await drive.writeBlock(block);
    if (kind !== "written") break;
    if (count === 10 && what === "flood") tell("flooding");
  }
  await drive.writeFilemarks(0, false);
  await drive.close();
  tell("done");
}

const [folder = "", unit = "", what = ""] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
const native = nativeBinding();
await use(new native.TapeDrive({ kind: "simulated", folder, unit }), what as DriveUse, unit);
