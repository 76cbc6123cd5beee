// SPDX-License-Identifier: Apache-2.0
/**
 * Where a tape stands by this program's own count, and where its tape files begin as far as it has seen. Drives that
 * cannot tell their position, or tell it wrong, are led by it; the others are compared with it.
 */
export class TapePlace {
  #objectNumber: bigint | undefined;
  /** Filemarks before the place; known together with `#objectNumber`, unless a LOCATE jumped. */
  #file: number | undefined;
  /** Object number at which each tape file begins. */
  readonly #starts = new Map<number, bigint>([[0, 0n]]);

  /** Number of the next logical object; `undefined`: not known. */
  get objectNumber(): bigint | undefined {
    return this.#objectNumber;
  }

  /** The tape may be anywhere, and another one. */
  forget(): void {
    this.lose();
    this.#starts.clear();
    this.#starts.set(0, 0n);
  }

  /** The tape may be anywhere. */
  lose(): void {
    this.#objectNumber = undefined;
    this.#file = undefined;
  }

  rewound(): void {
    this.#objectNumber = 0n;
    this.#file = 0;
  }

  /** A LOCATE that went well. */
  located(objectNumber: bigint): void {
    this.#objectNumber = objectNumber;
    this.#file = objectNumber === 0n ? 0 : this.#fileAt(objectNumber);
  }

  /** Over this many blocks, forward. */
  passedBlocks(count: bigint): void {
    if (this.#objectNumber !== undefined) this.#objectNumber += count;
  }

  /** Over this many filemarks that follow one another, forward. */
  passedFilemarks(count = 1): void {
    if (this.#objectNumber === undefined) return;
    for (let passed = 0; passed < count; passed++) {
      this.#objectNumber += 1n;
      if (this.#file === undefined) continue;
      this.#file += 1;
      this.#starts.set(this.#file, this.#objectNumber);
    }
  }

  /** SPACE over filemarks from the beginning of the tape: known only where that file's beginning is. */
  atFile(file: number): void {
    const start = this.#starts.get(file);
    this.#objectNumber = start;
    this.#file = start === undefined ? undefined : file;
  }

  /** Writing makes this the end of the tape: files that began behind it are gone. */
  truncated(): void {
    const end = this.#objectNumber;
    for (const [file, start] of this.#starts) {
      if (file > 0 && (end === undefined || start > end)) this.#starts.delete(file);
    }
  }

  /** What is known from elsewhere, such as a catalog: this tape file begins at this object. */
  landmark(file: number, objectNumber: bigint): void {
    this.#starts.set(file, objectNumber);
  }

  /** The last known beginning of a tape file at or before an object. */
  nearestStart(objectNumber: bigint): { readonly file: number; readonly objectNumber: bigint } {
    let nearest = { file: 0, objectNumber: 0n };
    for (const [file, start] of this.#starts) {
      if (start <= objectNumber && start >= nearest.objectNumber) nearest = { file, objectNumber: start };
    }
    return nearest;
  }

  #fileAt(objectNumber: bigint): number | undefined {
    for (const [file, start] of this.#starts) if (start === objectNumber) return file;
    return undefined;
  }
}
