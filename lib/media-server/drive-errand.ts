// SPDX-License-Identifier: Apache-2.0
/** A short piece of work with one cartridge in a drive, for no job. */
import type { TapeDrive } from "../device/tape-drive.ts";
import type { DrivePurpose } from "./drive-queue.ts";
import type { MediaServerEnvironment } from "./environment.ts";

/** Somebody stands there and waits for it. */
const priority = 5;

export async function withDrive<T>(
  { library, queue }: Pick<MediaServerEnvironment, "library" | "queue">,
  purpose: DrivePurpose,
  volumeTag: string,
  work: (drive: TapeDrive) => Promise<T>,
): Promise<T> {
  const among = await library.drivesFor(volumeTag);
  const lease = await queue.acquire({ purpose, priority, drives: 1, among, volumeTags: [volumeTag] });
  const [drive = 0] = lease.drives;
  try {
    return await work(await library.mount(drive, volumeTag));
  } finally {
    await library.closeDrive(drive);
    lease.release();
  }
}
