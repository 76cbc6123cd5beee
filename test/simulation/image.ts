// SPDX-License-Identifier: Apache-2.0
/**
 * What is on the media of a simulated library, from its files alone (docs/internals/simulator.md). Nothing here is
 * shared with the code that writes or reads tapes, so that a mistake there is not repeated here.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A block, with its bytes, or a filemark. Blocks share memory with the image. */
export type ImageObject = { readonly kind: "block"; readonly bytes: Buffer } | { readonly kind: "filemark" };

/** The objects between two filemarks. */
export interface TapeFile {
  /** Number of its first object. */
  readonly firstObject: number;
  readonly blocks: readonly Buffer[];
  /** False for what stands behind the last filemark. */
  readonly ended: boolean;
}

const indexEntryBytes = 8;
const filemarkFlag = 1;

/** One cartridge's partition 0. */
export class Image {
  readonly barcode: string;
  readonly objects: readonly ImageObject[];
  /** Of all blocks. */
  readonly bytes: number;
  #files: readonly TapeFile[] | undefined;

  constructor(barcode: string, objects: readonly ImageObject[]) {
    this.barcode = barcode;
    this.objects = objects;
    this.bytes = objects.reduce((sum, object) => sum + (object.kind === "block" ? object.bytes.length : 0), 0);
  }

  /** @returns undefined for a filemark, and where there is no such object */
  block(number: number): Buffer | undefined {
    const object = this.objects[number];
    return object?.kind === "block" ? object.bytes : undefined;
  }

  /** Number 0 is the label. */
  get tapeFiles(): readonly TapeFile[] {
    this.#files ??= splitAtFilemarks(this.objects);
    return this.#files;
  }
}

/**
 * The cartridges of a library by barcode; blank ones have no objects. They are read into the same memory each time: what
 * an earlier call gave is not to be looked at any more.
 */
export function readImages(libraryFolder: string): ReadonlyMap<string, Image> {
  const suffix = ".objects";
  const names = readdirSync(join(libraryFolder, "media")).filter((name) => /^[^.]+\.objects$/.test(name));
  const barcodes = names.map((name) => name.slice(0, -suffix.length)).sort();
  return new Map(barcodes.map((barcode, number) => [barcode, readInto(libraryFolder, barcode, number)]));
}

/** One cartridge, in memory of its own. */
export function readImage(libraryFolder: string, barcode: string): Image {
  const path = join(libraryFolder, "media", barcode);
  return imageOf(barcode, readFileSync(`${path}.objects`), readFileSync(`${path}.tape`));
}

/** Filling new memory takes longer than reading: the machine has to find it first. */
const memory: Buffer[] = [];

function readInto(libraryFolder: string, barcode: string, number: number): Image {
  const path = join(libraryFolder, "media", barcode);
  const index = readFileSync(`${path}.objects`);
  const descriptor = openSync(`${path}.tape`, "r");
  try {
    const { size } = fstatSync(descriptor);
    let room = memory[number];
    if (room === undefined || room.length < size) {
      room = Buffer.allocUnsafeSlow(2 * size);
      memory[number] = room;
    }
    let filled = 0;
    while (filled < size) {
      const count = readSync(descriptor, room, filled, size - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return imageOf(barcode, index, room.subarray(0, filled));
  } finally {
    closeSync(descriptor);
  }
}

function imageOf(barcode: string, index: Buffer, tape: Buffer): Image {
  const objects: ImageObject[] = [];
  let offset = 0;
  for (let at = 0; at + indexEntryBytes <= index.length; at += indexEntryBytes) {
    const length = index.readUInt32BE(at);
    if ((index.readUInt32BE(at + 4) & filemarkFlag) !== 0) {
      objects.push({ kind: "filemark" });
      continue;
    }
    // The torn end of a write: an object exists once its data is there.
    if (offset + length > tape.length) break;
    objects.push({ kind: "block", bytes: tape.subarray(offset, offset + length) });
    offset += length;
  }
  return new Image(barcode, objects);
}

function splitAtFilemarks(objects: readonly ImageObject[]): readonly TapeFile[] {
  const files: TapeFile[] = [];
  let blocks: Buffer[] = [];
  let firstObject = 0;
  objects.forEach((object, number) => {
    if (object.kind === "block") {
      blocks.push(object.bytes);
      return;
    }
    files.push({ firstObject, blocks, ended: true });
    blocks = [];
    firstObject = number + 1;
  });
  if (blocks.length > 0) files.push({ firstObject, blocks, ended: false });
  return files;
}
