// SPDX-License-Identifier: Apache-2.0
/** A process that opens the catalog stores that it is told; run by catalog-store-processes.test.ts. */
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";

process.on("message", (path: string) => {
  try {
    SqliteCatalogStore.open(path).close();
    process.send?.("opened");
  } catch (error) {
    process.send?.(error instanceof Error ? error.message : String(error));
  }
});
