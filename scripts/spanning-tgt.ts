// SPDX-License-Identifier: Apache-2.0
/** A foreign library for `scripts/spanning`: tgt by iSCSI, whose power fails once. */
import { statSync } from "node:fs";
import { MediumChanger } from "../lib/device/index.ts";
import { TgtLibrary } from "../test/peers/tgt.ts";
import type { LibraryWish, SpanningLibrary } from "./spanning-library.ts";

const mib = 2 ** 20;
const mailSlots = 1;

export class TgtSpanningLibrary implements SpanningLibrary {
  readonly barcodes: readonly string[];
  readonly config: string;
  readonly #library: TgtLibrary;

  private constructor(library: TgtLibrary) {
    this.#library = library;
    this.barcodes = library.layout.cartridges.map(({ barcode }) => barcode);
    const drives = library.layout.drives.map((_, index) => library.driveUrl(index));
    this.config = `kind = "devices"
changer = ${JSON.stringify(library.changerUrl)}
drives = ${JSON.stringify(drives)}
`;
  }

  static async start({
    cartridges,
    drives,
    capacityBytes,
  }: Omit<LibraryWish, "folder" | "recordBytes">): Promise<TgtSpanningLibrary> {
    const cartridgeMiB = Math.ceil(capacityBytes / mib);
    return new TgtSpanningLibrary(
      await TgtLibrary.start({ drives, cartridges, cartridgeMiB, importExportElements: mailSlots }),
    );
  }

  writtenBytes(): number {
    return this.barcodes.reduce((sum, barcode) => sum + statSync(this.#library.mediumPath(barcode)).size, 0);
  }

  /** The file of a medium is in a format that only tgt understands. */
  objects(): undefined {
    return undefined;
  }

  breakCartridge(): boolean {
    return false;
  }

  async takeOut(barcode: string): Promise<void> {
    const mailSlot = this.#mailSlot();
    const changer = MediumChanger.open({ kind: "iscsi", url: this.#library.changerUrl });
    try {
      await changer.attend();
      const place = (await changer.elements()).find(({ volumeTag }) => volumeTag === barcode);
      if (place === undefined) throw new Error(`there is no cartridge ${barcode} in the library`);
      await changer.move(place.address, mailSlot);
    } finally {
      await changer.close();
    }
    await this.#library.exportCartridge(mailSlot);
  }

  async putBack(barcode: string): Promise<void> {
    await this.#library.importCartridge(this.#mailSlot(), barcode);
  }

  readonly crash = async (): Promise<void> => {
    await this.#library.crash();
  };

  async restart(): Promise<void> {
    await this.#library.restart();
  }

  async stop(): Promise<void> {
    await this.#library.stop();
  }

  #mailSlot(): number {
    const [mailSlot] = this.#library.layout.importExportAddresses;
    if (mailSlot === undefined) throw new Error("the library has no mail slot");
    return mailSlot;
  }
}
