// SPDX-License-Identifier: Apache-2.0
/** Cartridges in and out of the library by way of its import/export elements. */
import { OperatorError } from "../errors.ts";
import type { CartridgeLocation } from "../protocol/volume.ts";
import { isOnItsWayOut, noteLocation } from "./inventory.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { cartridgeText, tagOf } from "./library-model.ts";
import { askToRemove, closeRequests, whereText } from "./requests.ts";
import type { RobotWork } from "./robot-plan.ts";

export interface ImportOutcome {
  /** Barcodes of those that are in slots now. */
  readonly imported: readonly string[];
  /** Those that still stand in mail slots: no slot is free. */
  readonly left: readonly string[];
}

export interface ExportOutcome {
  /** Barcodes of those that are in mail slots now. */
  readonly exported: readonly string[];
  /** Those that stay in the library until the mail slots have been emptied. */
  readonly left: readonly string[];
}

export class MailSlots {
  readonly #environment: LibraryEnvironment;
  readonly #work: RobotWork;

  constructor(environment: LibraryEnvironment, work: RobotWork) {
    this.#environment = environment;
    this.#work = work;
  }

  /** Leaves alone what was exported and nobody has taken out yet. */
  async importAll(): Promise<ImportOutcome> {
    const { model, changerName } = this.#work;
    const imported: string[] = [];
    const left: string[] = [];
    for (const element of model.full("importExport")) {
      const known = this.#environment.cartridges.get(tagOf(element) ?? "");
      if (known !== undefined && isOnItsWayOut(element, known)) continue;
      // Where it stood when it was last in this library says nothing of today.
      const slot = model.freeSlots()[0];
      if (slot === undefined) {
        left.push(cartridgeText(element));
        continue;
      }
      await this.#work.carry(element, slot.address);
      imported.push(cartridgeText(element));
    }
    if (left.length > 0) {
      const text = `no slot of ${changerName} is free for ${left.join(", ")}: take cartridges out of the library`;
      askToRemove(this.#environment, changerName, text, []);
    }
    return { imported, left };
  }

  async exportThese(volumeTags: readonly string[], vault: string | undefined): Promise<ExportOutcome> {
    const location: CartridgeLocation = vault === undefined ? { kind: "outside" } : { kind: "vault", name: vault };
    this.#refuseAbsent(volumeTags);
    closeRequests(this.#environment, { kind: "remove", device: this.#work.changerName });
    const exported: string[] = [];
    const left: string[] = [];
    for (const volumeTag of new Set(volumeTags)) {
      if (await this.#exportOne(volumeTag)) {
        noteLocation(this.#environment.cartridges, volumeTag, location);
        exported.push(volumeTag);
      } else {
        left.push(volumeTag);
      }
    }
    if (left.length > 0) this.#askToEmpty(left);
    return { exported, left };
  }

  /** False where no mail slot is free. */
  async #exportOne(volumeTag: string): Promise<boolean> {
    const { model } = this.#work;
    const place = model.withTag(volumeTag)[0];
    if (place === undefined || place.type === "importExport") return true;
    const target = model.elements.find(({ type, full, accessible }) => type === "importExport" && !full && accessible);
    if (target === undefined) return false;
    if (place.type === "dataTransfer") await this.#work.release(place);
    await this.#work.carry(place, target.address);
    return true;
  }

  /** Asked for before anything moves: half an export is of no use to the one who carries the cartridges away. */
  #refuseAbsent(volumeTags: readonly string[]): void {
    const absent = volumeTags.filter((volumeTag) => this.#work.model.withTag(volumeTag).length === 0);
    if (absent.length === 0) return;
    const names = absent.map((tag) => whereText(this.#environment.cartridges.get(tag), tag));
    throw new OperatorError(`${names.join(", ")}: not in the library, so that nothing was exported`, {
      code: "ERR_TAPE_CARTRIDGE_MISSING",
    });
  }

  #askToEmpty(left: readonly string[]): void {
    const { model, changerName } = this.#work;
    const inSlots = model.full("importExport").flatMap((element) => tagOf(element) ?? []);
    const them = left.length === 1 ? "1 more cartridge is" : `${left.length} more cartridges are`;
    const text = `take ${inSlots.join(", ")} out of the mail slots of ${changerName}: ${them} to be exported (${left.join(", ")})`;
    askToRemove(this.#environment, changerName, text, inSlots);
  }
}
