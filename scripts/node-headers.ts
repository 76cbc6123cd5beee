// SPDX-License-Identifier: Apache-2.0
/** Where the headers of a Node.js on this computer are: nothing is ever downloaded to build the addon. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** Folders named `node-linux-*` in here: the architecture packages of the npm package `node` carry its headers. */
function architecturePackages(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith("node-linux-"))
    .map((name) => join(folder, name));
}

/** A Node.js installation with the headers and gyp settings that node-gyp needs; the pinned one first. */
export function nodeFolder(): string {
  const modules = join(root, "node_modules");
  const candidates = [
    ...architecturePackages(join(modules, "node", "node_modules")),
    ...architecturePackages(modules),
    resolve(dirname(process.execPath), ".."),
    process.env["npm_config_nodedir"] ?? "/usr",
  ];
  const found = candidates.find((folder) =>
    ["node_api.h", "common.gypi"].every((file) => existsSync(join(folder, "include", "node", file))),
  );
  if (found === undefined) {
    throw new Error('no Node.js headers were found: run "npm rebuild node", which brings those of the pinned version');
  }
  return found;
}
