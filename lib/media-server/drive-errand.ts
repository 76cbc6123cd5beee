// SPDX-License-Identifier: Apache-2.0
/** A short piece of work with one cartridge in a drive, for no job. Somebody stands there and waits for it. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError } from "../errors.ts";
import type { DrivePurpose, DriveQueue } from "./drive-queue.ts";
import type { MediaServerEnvironment } from "./environment.ts";

export const errandPriority = 5;

/** @throws DeviceError ERR_TAPE_DEVICE_LOCKED where somebody uses the cartridge: that may take hours */
export async function withDrive<T>(
  { library, queue }: Pick<MediaServerEnvironment, "library" | "queue">,
  purpose: DrivePurpose,
  volumeTag: string,
  work: (drive: TapeDrive) => Promise<T>,
): Promise<T> {
  refuseUsed(queue, volumeTag);
  const among = await library.drivesFor(volumeTag);
  const lease = await queue.acquire({ purpose, priority: errandPriority, drives: 1, among, volumeTags: [volumeTag] });
  const [drive = 0] = lease.drives;
  try {
    return await work(await library.mount(drive, volumeTag));
  } finally {
    await library.closeDrive(drive).finally(() => lease.release());
  }
}

/** @throws DeviceError naming who uses it */
function refuseUsed(queue: Pick<DriveQueue, "list">, volumeTag: string): void {
  const user = queue.list().find(({ state, volumeTags }) => state === "holding" && volumeTags.includes(volumeTag));
  if (user === undefined) return;
  const what = user.jobId === undefined ? `a ${user.purpose}` : `job ${user.jobId} (${user.purpose})`;
  throw new DeviceError(
    `${volumeTag} is in use by ${what} in process ${user.processId}: try again when that has ended`,
    {
      code: "ERR_TAPE_DEVICE_LOCKED",
    },
  );
}
