// SPDX-License-Identifier: Apache-2.0
/**
 * One of many processes that ask for the same drives, cartridges and robot, use what they get and give it back; run by
 * drive-queue-processes.test.ts with a state folder, a simulated library, a seed and a number of rounds. What it has got
 * must not be in use: drives are opened for this process alone, cartridges and the robot are locked.
 */
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { openDriveQueue } from "../../lib/service/drive-queue.ts";
import type { DriveLease, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import { randomNumbers } from "./random-numbers.ts";

const [stateFolder = "", libraryFolder = "", seed = "", rounds = ""] = process.argv.slice(2);
const driveCount = 3;
const tags = ["A", "B", "C"];
const queue = openDriveQueue({ stateFolder, driveCount });
const below = randomNumbers(Number(seed));

function some<Value>(values: readonly Value[], atLeast: number): readonly Value[] {
  const shuffled = values.map((value) => ({ value, at: below(1000) })).toSorted((left, right) => left.at - right.at);
  return shuffled.slice(0, atLeast + below(values.length + 1 - atLeast)).map(({ value }) => value);
}

function randomRequest(): DriveRequest {
  const among = some([0, 1, 2], 1);
  const drives = Math.min(among.length, 1 + below(2));
  return { purpose: "copy", priority: below(3), drives, among, volumeTags: some(tags, 0).slice(0, 2) };
}

/** A while that is not measured in time. */
async function passTurns(): Promise<void> {
  for (let left = below(20); left > 0; left--) await new Promise((next) => setImmediate(next));
}

async function use(lease: DriveLease, volumeTags: readonly string[]): Promise<void> {
  const claimed = tags.filter((tag) => !volumeTags.includes(tag) && below(3) === 0 && lease.claim(tag));
  const locks = [...volumeTags, ...claimed].map((tag) => nativeBinding().lockFile(join(libraryFolder, `${tag}.used`)));
  const drives = lease.drives.map((drive) =>
    TapeDrive.open({ kind: "simulated", folder: libraryFolder, unit: `drive-${drive}` }, { exclusive: true }),
  );
  // The first command takes the drive; it fails where another process has it.
  for (const drive of drives) await drive.inquiry();
  await passTurns();
  if (!lease.isWanted()) await passTurns();
  for (const drive of drives) await drive.close();
  for (const lock of locks) lock.release();
  for (const tag of claimed) lease.unclaim(tag);
}

async function useRobot(): Promise<void> {
  await queue.withRobot(async () => {
    const lock = nativeBinding().lockFile(join(libraryFolder, "robot.used"));
    await passTurns();
    lock.release();
  });
}

async function round(): Promise<void> {
  const request = randomRequest();
  // What is opened later then gets lower descriptors than the queue's own lock: the kernel closes in that order, or in
  // the opposite one.
  const low = Array.from({ length: below(2) * 16 }, () => openSync("/dev/null", "r"));
  const abort = new AbortController();
  if (below(8) === 0) setImmediate(() => abort.abort());
  try {
    const lease = await queue.acquire(request, { signal: abort.signal });
    for (const fd of low.splice(0)) closeSync(fd);
    await use(lease, request.volumeTags);
    lease.release();
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "ERR_TAPE_JOB_INTERRUPTED") throw error;
  } finally {
    for (const fd of low) closeSync(fd);
  }
}

for (let left = Number(rounds); left > 0; left--) {
  process.send?.("round");
  await Promise.all([round(), below(3) === 0 ? round() : useRobot()]);
}
queue.close();
process.disconnect();
