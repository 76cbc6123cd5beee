// SPDX-License-Identifier: Apache-2.0
/** The library that a conformance run works with, whatever transport leads to it. */
import { parseDeviceAddress } from "../../lib/device/address.ts";
import { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { Element } from "../../lib/device/index.ts";
import type { Exception } from "./exceptions.ts";

/** What `scripts/conformance.ts` says in the environment, as JSON. */
export interface BenchDescription {
  /** Name of the table's column. */
  readonly transport: string;
  /** Addresses of two drives; one that begins with `$` is the name of a variable that holds it. */
  readonly drives: readonly [string, string];
  readonly changer: string;
  /** Bar codes of the data cartridges, which stand in the first storage elements in this order. */
  readonly barcodes: readonly string[];
  readonly cartridgeBytes: number;
  /** What this library is known to do wrong. */
  readonly exceptions: readonly Exception[];
}

/** More than one transfer of a drive's usual record, and still quick. */
export const longBlockBytes = 256 << 10;

/** @throws where a step that a case only relies on went wrong */
function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the library has no ${what}`);
  return value;
}

function address(text: string): string {
  return text.startsWith("$") ? known(process.env[text.slice(1)], `device in the variable ${text}`) : text;
}

/**
 * The element address of each drive. tgt cuts the identifier in its last element off, so one drive may be told apart by
 * being left over.
 */
function baysOf(serials: readonly string[], bays: readonly Element[]): readonly number[] {
  const named = serials.map((serial) => bays.find(({ driveSerialNumber }) => driveSerialNumber === serial));
  const untold = bays.filter(({ driveSerialNumber }) => driveSerialNumber === undefined);
  const leftOver = untold.length === 1 ? untold[0] : undefined;
  return named.map((bay, index) => known(bay ?? leftOver, `element for the drive ${serials[index] ?? ""}`).address);
}

export class Bench {
  readonly description: BenchDescription;
  readonly drives: readonly [TapeDrive, TapeDrive];
  readonly changer: MediumChanger;
  /** Element addresses of the drives in the same order, found by serial number. */
  #bays: readonly number[] = [];

  private constructor(description: BenchDescription) {
    const drive = (text: string): TapeDrive => TapeDrive.open(parseDeviceAddress(address(text)));
    this.description = description;
    this.drives = [drive(description.drives[0]), drive(description.drives[1])];
    this.changer = MediumChanger.open(parseDeviceAddress(address(description.changer)));
  }

  static async open(description: BenchDescription): Promise<Bench> {
    const bench = new Bench(description);
    await bench.changer.attend();
    const serials = await Promise.all(bench.drives.map(async (drive) => (await drive.inquiry()).serialNumber));
    bench.#bays = baysOf(serials, await bench.elements("dataTransfer"));
    return bench;
  }

  async close(): Promise<void> {
    for (const device of [...this.drives, this.changer]) await device.close();
  }

  async elements(type: Element["type"]): Promise<readonly Element[]> {
    return (await this.changer.elements()).filter((element) => element.type === type);
  }

  /** Element address of a drive. */
  bay(index = 0): number {
    return known(this.#bays[index], `drive ${index}`);
  }

  async elementAt(where: number): Promise<Element> {
    const element = (await this.changer.elements()).find((each) => each.address === where);
    return known(element, `element ${where}`);
  }

  /** Storage element where a cartridge belongs. */
  async home(cartridge = 0): Promise<number> {
    return known((await this.elements("storage"))[cartridge], `storage element ${cartridge}`).address;
  }

  async emptyStorage(): Promise<number> {
    const occupied = this.description.barcodes.length;
    const free = (await this.elements("storage")).slice(occupied).find(({ full }) => !full);
    return known(free, "empty storage element").address;
  }

  /** Brings every cartridge home, as the library was at the beginning. */
  async tidy(): Promise<void> {
    const { barcodes } = this.description;
    for (const drive of this.drives) await drive.attend();
    await this.changer.attend();
    const storage = await this.elements("storage");
    const homeOf = (tag: string | undefined): number | undefined =>
      tag === undefined ? undefined : storage[barcodes.indexOf(tag)]?.address;
    for (const element of await this.changer.elements()) {
      const home = homeOf(element.volumeTag);
      if (!element.full || home === undefined || home === element.address) continue;
      if (element.type === "dataTransfer") await this.#release(this.#bays.indexOf(element.address));
      await this.changer.move(element.address, home);
    }
    for (const drive of this.drives) await drive.attend();
  }

  async #release(index: number): Promise<void> {
    const drive = known(this.drives[index], `drive ${index}`);
    await drive.native.preventRemoval(false);
    await drive.unload();
  }

  /** A drive with a cartridge in it, at the beginning of the tape, ready for blocks of any length. */
  async loaded(cartridge = 0, index = 0): Promise<TapeDrive> {
    const drive = known(this.drives[index], `drive ${index}`);
    const barcode = known(this.description.barcodes[cartridge], `cartridge ${cartridge}`);
    if ((await this.elementAt(this.bay(index))).volumeTag !== barcode) {
      await this.tidy();
      await this.changer.move(await this.home(cartridge), this.bay(index));
      await drive.attend();
    }
    await drive.load();
    await drive.attend();
    await drive.setVariableBlocks();
    await drive.rewind();
    return drive;
  }
}

/** Bytes that tell which block they are, so that a wrong block or a shifted one shows. */
export function pattern(number: number, bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) data[at] = (number * 31 + at * 7 + (at >> 8)) & 0xff;
  return data;
}
