// SPDX-License-Identifier: Apache-2.0
/** Two source volumes of some twenty objects: small enough that each pair of faults can be tried. */
import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Noise } from "../../scripts/make-tree.ts";

const kib = 1024;

export function makeSmallTree(folder: string): void {
  const noise = new Noise(11);
  const [one, two] = [join(folder, "one"), join(folder, "two")];
  for (const path of [
    one,
    join(one, "a-folder"),
    join(one, "empty folder"),
    two,
    join(two, "deep"),
    join(two, "deep", "er"),
  ])
    mkdirSync(path);
  const file = (path: string, bytes: number): void => writeFileSync(path, Buffer.from(noise.bytes(bytes)));
  for (const [index, bytes] of [0, 700, 5000, 20 * kib, 100].entries())
    file(join(one, "a-folder", `file-${index}`), bytes);
  linkSync(join(one, "a-folder", "file-2"), join(one, "a-folder", "hard link"));
  symlinkSync("file-2", join(one, "a-folder", "symbolic link"));
  file(join(one, "large"), 150 * kib);
  file(join(one, "name with\nnewline"), 3000);
  file(join(two, "a-first"), 9000);
  linkSync(join(two, "a-first"), join(two, "deep", "first again"));
  for (const [index, bytes] of [1200, 40 * kib, 800].entries()) file(join(two, "deep", "er", `file-${index}`), bytes);
  file(join(two, "large"), 120 * kib);
  const sparse = openSync(join(two, "sparse"), "wx");
  writeSync(sparse, Buffer.from(noise.bytes(20 * kib)), 0, 20 * kib, 200 * kib);
  closeSync(sparse);
  truncateSync(join(two, "sparse"), 1024 * kib);
  writeFileSync(join(two, `long-${"n".repeat(200)}`), "x");
}
