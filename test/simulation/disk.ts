// SPDX-License-Identifier: Apache-2.0
/**
 * A disk of which is known what would be left of it after a power cut: real files in a real folder, and beside them how
 * much of each was synchronised, and which names. A name that was made or removed and whose folder was not synchronised
 * since is as uncertain as bytes are. Calls are synchronous, so that their order is determined.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Chance } from "./chance.ts";
import type { DiskLoss } from "./fault.ts";

/** A file, or a folder, whatever its names are. */
interface Thing {
  readonly isFolder: boolean;
  synchronisedBytes: number;
  /** Of one that has no name any more but in folders that were not synchronised. */
  removed: Buffer | undefined;
}

interface Folder {
  readonly live: Map<string, Thing>;
  /** Names as they stood at the last synchronisation. */
  durable: Map<string, Thing>;
}

/** The unit in which a tail reaches a disk, in any order. */
const sectorBytes = 512;

export class Disk {
  readonly #folders: Map<string, Folder>;

  /** Whatever is in real folders and not known here is taken for synchronised. */
  constructor(folders = new Map<string, Folder>()) {
    this.#folders = folders;
  }

  /** The same knowledge, for a copy of the same files. */
  clone(): Disk {
    const things = new Map<Thing, Thing>();
    const copyOf = (thing: Thing): Thing => {
      const copy = things.get(thing) ?? { ...thing };
      things.set(thing, copy);
      return copy;
    };
    const names = (from: Map<string, Thing>): Map<string, Thing> =>
      new Map([...from].map(([name, thing]) => [name, copyOf(thing)]));
    return new Disk(
      new Map(
        [...this.#folders].map(([path, { live, durable }]) => [path, { live: names(live), durable: names(durable) }]),
      ),
    );
  }

  /** What is known, as text. */
  describe(): string {
    const text = (name: string, { removed, synchronisedBytes }: Thing): string =>
      `${name} ${synchronisedBytes} ${removed?.toString("hex") ?? "-"}`;
    const names = (map: Map<string, Thing>): string => [...map].map(([name, thing]) => text(name, thing)).join();
    const folders = [...this.#folders];
    return folders.map(([path, { live, durable }]) => `${path} ${names(live)}; ${names(durable)}`).join("\n");
  }

  create(path: string): number {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
    const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
    this.#folder(path).live.set(basename(path), { isFolder: false, synchronisedBytes: 0, removed: undefined });
    return descriptor;
  }

  /** The first `bytes` of the file are on the disk. */
  synchronised(path: string, bytes: number): void {
    const thing = this.#folder(path).live.get(basename(path));
    if (thing !== undefined) thing.synchronisedBytes = bytes;
  }

  /** The kernel gave up on what was not written: it is zeros from now on, and counts as written. */
  dropDirty(path: string): void {
    const thing = this.#folder(path).live.get(basename(path));
    if (thing === undefined) return;
    const descriptor = openSync(path, "r+");
    const { size } = fstatSync(descriptor);
    const lost = size - thing.synchronisedBytes;
    if (lost > 0) writeSync(descriptor, Buffer.alloc(lost), 0, lost, thing.synchronisedBytes);
    closeSync(descriptor);
    thing.synchronisedBytes = size;
  }

  makeFolder(path: string): void {
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) {
      const thing: Thing = { isFolder: true, synchronisedBytes: 0, removed: undefined };
      this.#folder(made).live.set(basename(made), thing);
    }
  }

  folderSynchronised(path: string): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) return;
    for (const [name, { isFolder }] of folder.durable)
      if (isFolder && !folder.live.has(name)) this.#forgetBelow(join(path, name));
    folder.durable = new Map(folder.live);
  }

  rename(from: string, to: string): void {
    const source = this.#folder(from).live;
    const thing = this.#known(from);
    this.#keepRemoved(to);
    renameSync(from, to);
    source.delete(basename(from));
    this.#folder(to).live.set(basename(to), thing);
  }

  remove(path: string): void {
    this.#keepRemoved(path);
    rmSync(path, { force: true });
    this.#folder(path).live.delete(basename(path));
  }

  /** What was removed in it and not synchronised may come back, and the folder with it. */
  removeFolder(path: string): void {
    rmdirSync(path);
    this.#folder(path).live.delete(basename(path));
  }

  /** Leaves what a power cut leaves: what was synchronised, and of the rest nothing, or what chance wants. */
  losePower(loss: DiskLoss, chance: Chance): void {
    const paths = [...this.#folders.keys()].sort();
    for (const path of paths) {
      const folder = this.#folders.get(path);
      if (folder !== undefined) this.#settle(path, folder, loss, chance);
    }
    this.#folders.clear();
  }

  #settle(path: string, { live, durable }: Folder, loss: DiskLoss, chance: Chance): void {
    const left = new Map<string, Buffer>();
    for (const name of [...new Set([...live.keys(), ...durable.keys()])].sort()) {
      const [now, before] = [live.get(name), durable.get(name)];
      const thing = now === before || loss === "lost" ? before : chance.pick([now, before]);
      if (thing?.isFolder === true) continue;
      if (thing !== undefined)
        left.set(name, survivingBytes(thing, this.#content(path, name, thing, live), loss, chance));
      if (now?.isFolder === true) this.#forgetBelow(join(path, name));
      rmSync(join(path, name), { recursive: true, force: true });
    }
    if (left.size > 0) mkdirSync(path, { recursive: true });
    for (const [name, bytes] of left) writeFileSync(join(path, name), bytes, { mode: 0o600 });
  }

  #content(path: string, name: string, thing: Thing, live: Map<string, Thing>): Buffer {
    if (thing.removed !== undefined) return thing.removed;
    const present = [...live].find(([, other]) => other === thing)?.[0] ?? name;
    return readFileSync(join(path, present));
  }

  #forgetBelow(path: string): void {
    for (const each of this.#folders.keys())
      if (each === path || each.startsWith(`${path}/`)) this.#folders.delete(each);
  }

  /** Keeps what a name stood for, as long as the folder on the disk may still have it. */
  #keepRemoved(path: string): void {
    const thing = this.#folder(path).live.get(basename(path)) ?? this.#known(path, false);
    if (thing !== undefined && [...this.#folder(path).durable.values()].includes(thing))
      thing.removed = readFileSync(path);
  }

  #known(path: string): Thing;
  #known(path: string, must: false): Thing | undefined;
  #known(path: string, must = true): Thing | undefined {
    const folder = this.#folder(path);
    const name = basename(path);
    const known = folder.live.get(name);
    if (known !== undefined) return known;
    const size = sizeOf(path);
    if (size === undefined && !must) return undefined;
    // It was there before anybody watched: it is on the disk.
    const thing: Thing = { isFolder: false, synchronisedBytes: size ?? 0, removed: undefined };
    folder.live.set(name, thing);
    folder.durable.set(name, thing);
    return thing;
  }

  #folder(path: string): Folder {
    const parent = dirname(path);
    const folder = this.#folders.get(parent) ?? { live: new Map<string, Thing>(), durable: new Map<string, Thing>() };
    this.#folders.set(parent, folder);
    return folder;
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return readFileSync(path).length;
  } catch {
    return undefined;
  }
}

function survivingBytes(thing: Thing, content: Buffer, loss: DiskLoss, chance: Chance): Buffer {
  const sure = thing.synchronisedBytes;
  if (loss === "lost" || content.length <= sure) return content.subarray(0, Math.min(sure, content.length));
  const tail = Buffer.from(content.subarray(sure));
  if (chance.below(2) === 0)
    return Buffer.concat([content.subarray(0, sure), tail.subarray(0, chance.below(tail.length))]);
  for (let sector = 0; sector < tail.length; sector += sectorBytes) {
    if (chance.below(2) === 0) tail.fill(0, sector, Math.min(tail.length, sector + sectorBytes));
  }
  return Buffer.concat([content.subarray(0, sure), tail]);
}
