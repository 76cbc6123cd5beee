// SPDX-License-Identifier: Apache-2.0
/**
 * The person who stands before a simulated library and moves cartridges by hand, while processes have it open:
 * edits its inventory under the lock that the changer takes. Cartridges that are nowhere in it lie on the shelf.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeFileLock } from "../../lib/native/binding.ts";

const firstDrive = 256;
const firstMailSlot = 768;
const firstSlot = 4096;

/** By address; the words are what a line of the inventory says of a cartridge behind its barcode. */
type Inventory = Map<number, { readonly barcode: string; readonly words: readonly string[] }>;

/**
 * Takes what is in a drive out, and puts a cartridge in where one is given: the drive threads it by itself.
 * @returns barcode of what was taken out
 * @throws Error where the cartridge in the drive is loaded: it cannot be taken before an UNLOAD
 */
export async function insertIntoDrive(
  folder: string,
  drive: number,
  barcode: string | undefined,
): Promise<string | undefined> {
  return changeInventory(folder, (inventory) => {
    const held = inventory.get(firstDrive + drive);
    if (held?.words.includes("loaded")) {
      throw new Error(`drive ${drive} has ${held.barcode} loaded: unload it first`);
    }
    inventory.delete(firstDrive + drive);
    // A cleaning cartridge is used as soon as it is in, and let go of.
    const isThreaded = barcode !== undefined && !barcode.startsWith("CLN");
    if (barcode !== undefined) put(folder, inventory, firstDrive + drive, barcode, isThreaded ? ["loaded"] : []);
    return held?.barcode;
  });
}

/** The changer tells 6/28/01 of it. */
export function insertIntoMailSlot(folder: string, slot: number, barcode: string): Promise<void> {
  return changeInventory(folder, (inventory) => put(folder, inventory, firstMailSlot + slot, barcode, ["operator"]));
}

/** @returns barcode of the cartridge, which is on the shelf then; `undefined` where the slot was empty */
export function takeFromMailSlot(folder: string, slot: number): Promise<string | undefined> {
  return changeInventory(folder, (inventory) => take(inventory, firstMailSlot + slot));
}

/** A storage element: a place in a magazine. */
export function insertIntoSlot(folder: string, slot: number, barcode: string): Promise<void> {
  return changeInventory(folder, (inventory) => put(folder, inventory, firstSlot + slot, barcode, []));
}

export function takeFromSlot(folder: string, slot: number): Promise<string | undefined> {
  return changeInventory(folder, (inventory) => take(inventory, firstSlot + slot));
}

function take(inventory: Inventory, address: number): string | undefined {
  const barcode = inventory.get(address)?.barcode;
  inventory.delete(address);
  return barcode;
}

function put(folder: string, inventory: Inventory, address: number, barcode: string, words: readonly string[]): void {
  if (!existsSync(join(folder, "media", `${barcode}.attributes`))) throw new Error(`there is no cartridge ${barcode}`);
  const held = inventory.get(address);
  if (held !== undefined) throw new Error(`element ${address} holds ${held.barcode} already`);
  for (const [place, other] of inventory) {
    if (other.barcode === barcode) throw new Error(`cartridge ${barcode} is at element ${place}, not on the shelf`);
  }
  inventory.set(address, { barcode, words });
}

async function changeInventory<T>(folder: string, change: (inventory: Inventory) => T): Promise<T> {
  const lock = await lockedForMoves(folder);
  try {
    const path = join(folder, "inventory");
    const inventory: Inventory = new Map();
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const [address = "", barcode = "", ...words] = line.split(" ");
      if (line !== "") inventory.set(Number(address), { barcode, words });
    }
    const result = change(inventory);
    // Drives read it without the lock: they find the old one or the new one.
    const lines = [...inventory].map(([address, { barcode, words }]) => `${[address, barcode, ...words].join(" ")}\n`);
    writeFileSync(`${path}.operator`, lines.join(""));
    renameSync(`${path}.operator`, path);
    return result;
  } finally {
    lock.release();
  }
}

/** Robots hold it for the moment of a move only. */
async function lockedForMoves(folder: string): Promise<NativeFileLock> {
  for (;;) {
    try {
      return nativeBinding().lockFile(join(folder, "changer.lock"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EWOULDBLOCK") throw error;
    }
    // The condition is that it is free; this only lets events in between two looks.
    await new Promise((next) => setImmediate(next));
  }
}
