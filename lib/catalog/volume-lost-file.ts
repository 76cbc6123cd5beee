// SPDX-License-Identifier: Apache-2.0
/**
 * VOLUME_LOST in a file of its own, one frame each: a journal that lost its tail would otherwise let the claims on that
 * volume come true again.
 */
import { join } from "node:path";
import { appendAll } from "./append-all.ts";
import { onDisk } from "./disk-fault.ts";
import type { FileSystem } from "./environment.ts";
import { encodeFrame } from "./frame.ts";
import { encodeRecord } from "./persistent-record.ts";
import type { VolumeLostRecord } from "./persistent-record.ts";
import type { FrameOrigin } from "./temporary-catalog.ts";
import { fileNumbers, volumeLostFileName } from "./temporary-catalog-reader.ts";

/** On the disk when it resolves; the journal's own record comes after it. */
export async function keepVolumeLost(
  {
    fileSystem,
    folder,
    origin,
  }: { readonly fileSystem: FileSystem; readonly folder: string; readonly origin: FrameOrigin },
  record: VolumeLostRecord,
): Promise<void> {
  const header = { sequence: 1n, ...origin, previousCrc: 0, synchronised: 0n };
  await onDisk(folder, "write", async () => {
    const numbers = await fileNumbers(fileSystem, folder, "volumeLost");
    const file = await fileSystem.create(join(folder, volumeLostFileName(Math.max(0, ...numbers) + 1)));
    try {
      await appendAll(file, encodeFrame(header, encodeRecord(record)).bytes);
      await file.synchronise();
    } finally {
      await file.close();
    }
    await fileSystem.synchroniseFolder(folder);
  });
}
