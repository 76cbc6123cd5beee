// SPDX-License-Identifier: Apache-2.0
/** What a person does between two processes of a course: what the product has asked for. */
import { join } from "node:path";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import type { TidemarkConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import type { SimulatedProcess } from "./process.ts";

/**
 * Where every drive was taken out of service, someone has to see to them (W6). One that is left works on alone.
 * @param begin - a process of this person's own
 */
export async function seeToDrives(config: TidemarkConfig, begin: () => SimulatedProcess): Promise<void> {
  const drives = drivesOutOfService(config.stateFolder);
  if (drives === 0) return;
  const process = begin();
  const service = await openService(config, process.world);
  for (let drive = 0; drive < drives; drive++) await service.setDriveService(drive, undefined);
  await service.close();
  process.end();
}

/** All of them, or none where one is in service. */
function drivesOutOfService(stateFolder: string): number {
  const store = SqliteCatalogStore.open(join(stateFolder, "catalog.sqlite"));
  try {
    const drives = store.drives.list();
    return drives.every(({ state }) => state === "outOfService") ? drives.length : 0;
  } finally {
    store.close();
  }
}
