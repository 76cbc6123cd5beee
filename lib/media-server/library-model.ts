// SPDX-License-Identifier: Apache-2.0
/** What READ ELEMENT STATUS said, kept right while a plan is carried out. */
import type { Element } from "../native/binding.ts";

/** Every maker's cleaning cartridges carry it. */
const cleaningPrefix = "CLN";

export function isCleaningCartridge(element: Pick<Element, "volumeTag" | "mediumType">): boolean {
  return element.mediumType === "cleaning" || element.volumeTag?.startsWith(cleaningPrefix) === true;
}

/** The barcode of a full element; `undefined` where it has none that can be read. */
export function tagOf(element: Pick<Element, "volumeTag">): string | undefined {
  return element.volumeTag === "" ? undefined : element.volumeTag;
}

/** For messages. */
export function cartridgeText(element: Pick<Element, "volumeTag" | "address">): string {
  return tagOf(element) ?? `the cartridge without a barcode in element ${element.address}`;
}

export class LibraryModel {
  readonly #elements: Map<number, Element>;

  constructor(elements: readonly Element[]) {
    const telling = new Set(elements.flatMap(({ type, accessible }) => (accessible ? [type] : [])));
    // Some changers leave ACCESS of a whole type at zero, always: they do not tell what their robot can reach (C10).
    const told = elements.map((element) => (telling.has(element.type) ? element : { ...element, accessible: true }));
    this.#elements = new Map(told.map((element) => [element.address, element]));
  }

  get elements(): readonly Element[] {
    return [...this.#elements.values()];
  }

  at(address: number): Element | undefined {
    return this.#elements.get(address);
  }

  /** More than one where two cartridges carry the same barcode. */
  withTag(volumeTag: string): readonly Element[] {
    return this.elements.filter((element) => element.full && element.volumeTag === volumeTag);
  }

  full(type: Element["type"]): readonly Element[] {
    return this.elements.filter((element) => element.type === type && element.full);
  }

  /** Slots that the robot can put something into; first those that no cartridge which is out came from. */
  freeSlots(): readonly Element[] {
    const homes = new Set(this.elements.flatMap(({ full, sourceAddress }) => (full ? [sourceAddress] : [])));
    const free = this.elements.filter(isFreeSlot);
    return [...free.filter(({ address }) => !homes.has(address)), ...free.filter(({ address }) => homes.has(address))];
  }

  /** Where a cartridge goes back to: the slot that it came from, else any that is free. */
  home(element: Pick<Element, "sourceAddress">): Element | undefined {
    const source = element.sourceAddress === undefined ? undefined : this.at(element.sourceAddress);
    return source !== undefined && isFreeSlot(source) ? source : this.freeSlots()[0];
  }

  /** A move was carried out. */
  moved(from: number, to: number): void {
    const taken = this.#take(from);
    if (taken !== undefined) this.#put(taken, to);
  }

  /** An exchange was carried out. */
  exchanged(source: number, first: number, second: number): void {
    const coming = this.#take(source);
    const going = this.#take(first);
    if (coming !== undefined) this.#put(coming, first);
    if (going !== undefined) this.#put(going, second);
  }

  #take(address: number): Element | undefined {
    const element = this.at(address);
    if (element === undefined) return undefined;
    const { volumeTag: _, sourceAddress: __, ...emptied } = element;
    this.#elements.set(address, { ...emptied, full: false, accessible: true, mediumType: "unspecified" });
    return element;
  }

  #put(taken: Element, address: number): void {
    const target = this.at(address);
    if (target === undefined) return;
    const origin = taken.type === "storage" ? taken.address : taken.sourceAddress;
    this.#elements.set(address, {
      ...target,
      full: true,
      mediumType: taken.mediumType,
      ...(taken.volumeTag === undefined ? {} : { volumeTag: taken.volumeTag }),
      ...(origin === undefined || target.type === "storage" ? {} : { sourceAddress: origin }),
    });
  }
}

function isFreeSlot(element: Element): boolean {
  return element.type === "storage" && !element.full && element.accessible && element.exception === undefined;
}
