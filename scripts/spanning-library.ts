// SPDX-License-Identifier: Apache-2.0
/** The tape library that `scripts/spanning` works with, and what happens to it: cartridges fail and go missing. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nativeBinding } from "../lib/native/binding.ts";
import type { SimulatedFaultPlan } from "../lib/native/simulated-faults.ts";

export interface LibraryWish {
  readonly folder: string;
  readonly cartridges: number;
  readonly drives: number;
  readonly capacityBytes: number;
  readonly recordBytes: number;
}

/** A block of a cartridge's medium, or a filemark. */
export type MediumObject = "filemark" | number;

export interface SpanningLibrary {
  readonly barcodes: readonly string[];
  /** The configuration's section `[library]`. */
  readonly config: string;
  /** Bytes that all cartridges hold now. */
  writtenBytes(): number;
  /** What is on a cartridge, from its image and not by the product; undefined where the image cannot be read. */
  objects(barcode: string): readonly MediumObject[] | undefined;
  /** From now on no write gets behind this part of a cartridge; false where the library cannot do that. */
  breakCartridge(barcode: string, share: number): boolean;
  /** Takes a cartridge out of the library while nobody uses it. */
  takeOut(barcode: string): Promise<void>;
  /** Puts it into a mail slot, as a person does. */
  putBack(barcode: string): Promise<void>;
  /** Its power fails; undefined where that cannot be. */
  readonly crash: (() => Promise<void>) | undefined;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const mailSlots = 2;
const mib = 2 ** 20;
const filemarkFlag = 1;

/** Files in a folder that answer SCSI commands as a library does; see docs/internals/simulator.md. */
export class SimulatedSpanningLibrary implements SpanningLibrary {
  readonly barcodes: readonly string[];
  readonly config: string;
  readonly crash = undefined;
  readonly #folder: string;
  readonly #capacityBytes: number;
  readonly #recordBytes: number;

  constructor({ folder, cartridges, drives, capacityBytes, recordBytes }: LibraryWish) {
    this.#folder = folder;
    this.#capacityBytes = capacityBytes;
    this.#recordBytes = recordBytes;
    this.barcodes = Array.from({ length: cartridges }, (_, index) => `SPN${String(index + 1).padStart(3, "0")}L9`);
    nativeBinding().createSimulatedLibrary(folder, {
      drives,
      storageElements: cartridges,
      importExportElements: mailSlots,
      barcodes: this.barcodes,
      capacityBytes: BigInt(capacityBytes),
      earlyWarningBytes: BigInt(Math.floor(capacityBytes / 32)),
      bufferBytes: 8 * mib,
    });
    const addresses = Array.from({ length: drives }, (_, index) => `simulated:${folder}/drive-${index}`);
    this.config = `kind = "devices"
changer = ${JSON.stringify(`simulated:${folder}/changer`)}
drives = ${JSON.stringify(addresses)}
`;
  }

  writtenBytes(): number {
    return this.barcodes.reduce((sum, barcode) => sum + statSync(this.#medium(barcode, "tape")).size, 0);
  }

  objects(barcode: string): readonly MediumObject[] {
    const index = readFileSync(this.#medium(barcode, "objects"));
    return Array.from({ length: Math.floor(index.length / 8) }, (_, number) =>
      (index.readUInt32BE(number * 8 + 4) & filemarkFlag) === 0 ? index.readUInt32BE(number * 8) : "filemark",
    );
  }

  breakCartridge(barcode: string, share: number): boolean {
    const plan: SimulatedFaultPlan = {
      faults: [
        {
          id: "bad spot",
          unit: "drive",
          when: { volume: barcode, object: Math.floor((this.#capacityBytes * share) / this.#recordBytes) },
          // Write error, told by a later command: the drive finds it when it empties its buffer.
          effect: { sense: { key: 3, asc: 0x0c, ascq: 0, deferred: true } },
          times: "always",
        },
      ],
    };
    writeFileSync(join(this.#folder, "faults.json"), JSON.stringify(plan));
    return true;
  }

  takeOut(barcode: string): Promise<void> {
    this.#rewrite((lines) => lines.filter((line) => line.split(" ")[1] !== barcode));
    return Promise.resolve();
  }

  putBack(barcode: string): Promise<void> {
    const used = new Set(this.#lines().map((line) => Number(line.split(" ")[0])));
    const slot = Array.from({ length: mailSlots }, (_, index) => firstMailSlot + index).find((each) => !used.has(each));
    if (slot === undefined) throw new Error("every mail slot is full");
    this.#rewrite((lines) => [...lines, `${slot} ${barcode} operator`]);
    return Promise.resolve();
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  #lines(): string[] {
    return readFileSync(join(this.#folder, "inventory"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  }

  #rewrite(change: (lines: string[]) => string[]): void {
    writeFileSync(join(this.#folder, "inventory"), `${change(this.#lines()).join("\n")}\n`);
  }

  #medium(barcode: string, suffix: "tape" | "objects"): string {
    const path = join(this.#folder, "media", `${barcode}.${suffix}`);
    if (!existsSync(path)) throw new Error(`there is no cartridge ${barcode}`);
    return path;
  }
}

/** Where the simulated changer's import/export elements begin. */
const firstMailSlot = 768;
