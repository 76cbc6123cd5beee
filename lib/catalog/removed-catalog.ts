// SPDX-License-Identifier: Apache-2.0
/** The end of a temporary catalog: its job is over, and the catalog store has all that is told of it. */
import { join } from "node:path";
import type { FileSystem } from "./environment.ts";
import { catalogFileName, fileNumbers } from "./temporary-catalog-reader.ts";

/**
 * Its files go in the order in which they were made, and each is gone on the disk before the next one goes: what is left
 * then says all or nothing, for a file stands in the place of those before it or follows on them. A journal whose end
 * were gone first would say again what a later TRUNCATE has voided.
 */
export async function removeTemporaryCatalog(fileSystem: FileSystem, folder: string): Promise<void> {
  for (const number of await fileNumbers(fileSystem, folder, "catalog")) {
    await fileSystem.remove(join(folder, catalogFileName(number)));
    await fileSystem.synchroniseFolder(folder);
  }
  for (const name of await fileSystem.list(folder)) await fileSystem.remove(join(folder, name));
  await fileSystem.removeFolder(folder);
}
