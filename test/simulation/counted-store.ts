// SPDX-License-Identifier: Apache-2.0
/**
 * The catalog store of a simulated process: the real one, each call of which is a boundary. Between calls it stands as
 * SQLite left it; that SQLite itself survives a power cut inside of one is not proved here again.
 */
import type { CatalogStore } from "../../lib/catalog/catalog-store.ts";
import { CatalogError } from "../../lib/errors.ts";
import type { Host } from "./host.ts";

export function countedStore(store: CatalogStore, host: Host): CatalogStore {
  return counted(store, "store", host);
}

function counted<T extends object>(target: T, name: string, host: Host): T {
  return new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property, target);
      const path = `${name}.${String(property)}`;
      if (typeof value === "function") return callOf(value as Method, target, path, host);
      return typeof value === "object" && value !== null ? counted(value, path, host) : value;
    },
  });
}

type Method = (...args: readonly unknown[]) => unknown;

function callOf(method: Method, target: object, path: string, host: Host): Method {
  const work = (args: readonly unknown[]): unknown => method.apply(target, [...args]);
  // Closing frees memory. The process does it whatever befell it.
  if (path === "store.close") return (...args) => work(args);
  return (...args) =>
    host.pass(
      { operation: path, detail: "" },
      () => work(args),
      (effect) => {
        if (effect.kind !== "error") return work(args);
        const code = effect.code === "ENOSPC" ? "ERR_TAPE_CATALOG_FULL" : "ERR_TAPE_CATALOG";
        throw new CatalogError(`the catalog store failed (simulated): ${path}`, { code });
      },
    );
}
