// SPDX-License-Identifier: Apache-2.0
/** The files that are backed up: the same bytes every time. Each set is made when it is first wanted. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeLargeFile, makeSmallFiles } from "../make-tree.ts";
import type { Sizes } from "./options.ts";

export type SetName = "small" | "large" | "mixed";

/** Bytes and inodes that something takes on a disk. */
export interface Space {
  readonly bytes: number;
  readonly inodes: number;
}

const mib = 2 ** 20;
/** On average, with what file systems add. */
const smallFileBytes = 11 * 1024;
const emptyFileBytes = 400;
const mixedSmallShare = 4;

export class DataSets {
  readonly #folder: string;
  readonly #sizes: Sizes;
  readonly #say: (text: string) => void;

  constructor(folder: string, sizes: Sizes, say: (text: string) => void) {
    this.#folder = folder;
    this.#sizes = sizes;
    this.#say = say;
  }

  /** @returns the set's folder */
  path(name: SetName): string {
    const { largeFiles, largeMib, smallFiles } = this.#sizes;
    switch (name) {
      case "small":
        return this.#made(`small-${smallFiles}`, (path) => void makeSmallFiles(path, smallFiles));
      case "large":
        return this.#made(`large-${largeFiles}x${largeMib}`, (path) => makeLargeFiles(path, largeFiles, largeMib));
      case "mixed":
        return this.#made(`mixed-${smallFiles}-${largeFiles}x${largeMib}`, (path) => makeMixed(path, this.#sizes));
    }
  }

  /** A tree of so many empty files, rounded up to whole folders. */
  empty(count: number): string {
    const tree = join(this.#folder, "empty");
    const spare = join(this.#folder, "empty-spare");
    const folders = Math.ceil(count / emptyFilesPerFolder);
    mkdirSync(tree, { recursive: true });
    mkdirSync(spare, { recursive: true });
    for (const name of readdirSync(tree).sort().slice(folders)) renameSync(join(tree, name), join(spare, name));
    let isTold = false;
    for (let number = 0; number < folders; number++) {
      const name = `folder-${String(number).padStart(6, "0")}`;
      if (existsSync(join(tree, name))) continue;
      if (existsSync(join(spare, name))) {
        renameSync(join(spare, name), join(tree, name));
        continue;
      }
      if (!isTold) this.#say(`making ${count} empty files`);
      isTold = true;
      makeEmptyFolder(join(spare, `${name}.making`), join(tree, name));
    }
    return tree;
  }

  /** One that is there whole was left by an earlier run. */
  #made(name: string, make: (path: string) => void): string {
    const path = join(this.#folder, name);
    if (existsSync(path)) return path;
    this.#say(`making the data set ${name}`);
    const unfinished = `${path}.making`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    make(unfinished);
    renameSync(unfinished, path);
    return path;
  }
}

/** Few enough that a folder is a piece of work for one reader, many enough that folders do not count. */
export const emptyFilesPerFolder = 1000;

function makeEmptyFolder(unfinished: string, path: string): void {
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  for (let number = 0; number < emptyFilesPerFolder; number++) writeFileSync(join(unfinished, `file-${number}`), "");
  renameSync(unfinished, path);
}

function makeLargeFiles(folder: string, count: number, sizeMib: number): void {
  for (let number = 1; number <= count; number++) makeLargeFile(join(folder, `file-${number}`), sizeMib * mib, number);
}

/** A quarter of the small files, half of the large ones. */
function makeMixed(folder: string, { largeFiles, largeMib, smallFiles }: Sizes): void {
  makeSmallFiles(join(folder, "small"), Math.ceil(smallFiles / mixedSmallShare), 3);
  mkdirSync(join(folder, "large"));
  makeLargeFiles(join(folder, "large"), Math.ceil(largeFiles / 2), largeMib);
}

export function spaceOfSet(name: SetName, { largeFiles, largeMib, smallFiles }: Sizes): Space {
  const small = { bytes: smallFiles * smallFileBytes, inodes: Math.ceil(smallFiles * 1.02) };
  const large = { bytes: largeFiles * largeMib * mib, inodes: largeFiles };
  if (name === "small") return small;
  if (name === "large") return large;
  const bytes = small.bytes / mixedSmallShare + large.bytes / 2 + largeMib * mib;
  return { bytes, inodes: Math.ceil(small.inodes / mixedSmallShare) + large.inodes };
}

export function spaceOfEmptyFiles(count: number): Space {
  return { bytes: count * emptyFileBytes, inodes: Math.ceil(count * 1.01) + emptyFilesPerFolder };
}
