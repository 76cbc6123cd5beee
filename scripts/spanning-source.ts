// SPDX-License-Identifier: Apache-2.0
/** The source volumes of `scripts/spanning`: objects of every kind, and files that no cartridge holds whole. */
import { chmodSync, mkdirSync, readdirSync, lstatSync, lutimesSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeLargeFile, makeSmallFiles, makeSpecialObjects, Noise } from "./make-tree.ts";

export interface SourceWish {
  readonly bytes: number;
  readonly volumes: number;
  readonly seed: number;
}

const kib = 1024;
const mib = 1024 * kib;
const averageSmallBytes = 8 * kib;
const smallFilesMax = 20_000;

/** Shares of a source volume; the large files take what is left. */
const smallShare = 0.04;
const middleShare = 0.26;
/** A file of middle size is at most this part of its volume: many of them lie between the large ones. */
const middlePart = 1 / 16;

/** Makes `volumes` folders of about the same size below `folder`, and gives their paths. The same seed, the same bytes. */
export function makeSourceVolumes(folder: string, { bytes, volumes, seed }: SourceWish): readonly string[] {
  return Array.from({ length: volumes }, (_, index) => {
    const path = join(folder, `volume-${index + 1}`);
    makeSourceVolume(path, Math.floor(bytes / volumes), seed * 100 + index, 1 + (index % 2));
    return path;
  });
}

function makeSourceVolume(folder: string, bytes: number, seed: number, largeFiles: number): void {
  const noise = new Noise(seed);
  mkdirSync(join(folder, "middle"), { recursive: true });
  const smallFiles = Math.min(smallFilesMax, Math.ceil((bytes * smallShare) / averageSmallBytes));
  let left = bytes - Number(makeSmallFiles(join(folder, "small"), smallFiles, seed));
  makeSpecialObjects(join(folder, "special"));
  makeOddObjects(join(folder, "odd"));
  const middleMax = Math.max(64 * kib, Math.floor(bytes * middlePart));
  const leftForLarge = left - Math.floor(bytes * middleShare);
  for (let index = 0; left > leftForLarge; index++) {
    const size = noise.number(16 * kib, middleMax);
    makeLargeFile(join(folder, "middle", `file-${index}`), size, seed + index);
    left -= size;
  }
  for (let index = 0; index < largeFiles; index++) {
    // An odd size: neither tar's blocks nor the tape's records end where the file does.
    makeLargeFile(join(folder, `large-${index}`), Math.max(mib, Math.floor(left / largeFiles)) + 333, seed - 1 - index);
  }
}

/** What `makeSpecialObjects` has not: odd modes and times of folders, links and files. */
function makeOddObjects(folder: string): void {
  mkdirSync(folder);
  const path = (name: string): string => join(folder, name);
  for (const mode of [0o000, 0o444, 0o711, 0o2755, 0o4111, 0o7777]) {
    writeFileSync(path(`file-${mode.toString(8)}`), `mode ${mode.toString(8)}`);
    chmodSync(path(`file-${mode.toString(8)}`), readableMode(mode));
  }
  for (const mode of [0o700, 0o1777, 0o2770]) {
    mkdirSync(path(`folder-${mode.toString(8)}`));
    writeFileSync(path(`folder-${mode.toString(8)}/inside`), "x");
    chmodSync(path(`folder-${mode.toString(8)}`), mode);
  }
  // Before 1970, its first second, and after 2038.
  for (const [name, seconds] of [
    ["before", -86_400],
    ["first", 0],
    ["after", 2 ** 32 + 5],
  ] as const) {
    mkdirSync(path(name));
    writeFileSync(path(`${name}/file`), name);
    utimesSync(path(`${name}/file`), seconds, seconds);
    utimesSync(path(name), seconds, seconds);
  }
  mkdirSync(path("empty"));
  lutimesSync(path("empty"), 1_000_000_000, 1_000_000_000);
}

/** Who is not root can only back up what it may read. */
function readableMode(mode: number): number {
  return process.geteuid?.() === 0 ? mode : mode | 0o400;
}

/** About the bytes that a folder takes in the stream: contents in whole tar blocks, and headers. */
export function streamBytesOf(folder: Buffer): number {
  const headerBytes = 1536;
  return readdirSync(folder, { withFileTypes: true, encoding: "buffer" }).reduce((sum, entry) => {
    const path = Buffer.concat([folder, Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) return sum + headerBytes + streamBytesOf(path);
    const { size, blocks } = lstatSync(path);
    return sum + headerBytes + (entry.isFile() ? Math.min(Math.ceil(size / 512), blocks) * 512 : 0);
  }, 0);
}
