// SPDX-License-Identifier: Apache-2.0
/** Frames of one file, one after the other, in bounded memory. */
import type { ReadFile } from "./environment.ts";
import { decodeFrame, frameBytesAt, frameHeaderBytes, frameMagic } from "./frame.ts";
import type { Frame } from "./frame.ts";

const pieceBytes = 1024 * 1024;

export class FrameScanner {
  readonly #file: ReadFile;
  #piece: Buffer = Buffer.alloc(0);
  #pieceStart = 0;
  #position: number;

  constructor(file: ReadFile, position = 0) {
    this.#file = file;
    this.#position = position;
  }

  /** Where the next frame is looked for. */
  get position(): number {
    return this.#position;
  }

  /** The frame here, if it is whole; the scanner then stands behind it. Else it stays. */
  async next(): Promise<Frame | undefined> {
    await this.#hold(frameHeaderBytes);
    const frameBytes = frameBytesAt(this.#piece, this.#position - this.#pieceStart);
    if (frameBytes === undefined || this.#position + frameBytes > this.#file.sizeBytes) return undefined;
    await this.#hold(frameBytes);
    const frame = decodeFrame(this.#piece, this.#position - this.#pieceStart);
    if (frame !== undefined) this.#position += frame.frameBytes;
    return frame;
  }

  /** The next whole frame anywhere behind this place: what a damaged stretch has left. */
  async nextWhole(): Promise<Frame | undefined> {
    for (;;) {
      const frame = await this.next();
      if (frame !== undefined) return frame;
      if (!(await this.#seekMagic())) return undefined;
    }
  }

  /** Moves to the next frame magic behind this place. */
  async #seekMagic(): Promise<boolean> {
    this.#position += 1;
    while (this.#position < this.#file.sizeBytes) {
      await this.#hold(frameHeaderBytes);
      const found = this.#piece.indexOf(frameMagic, this.#position - this.#pieceStart);
      if (found >= 0) {
        this.#position = this.#pieceStart + found;
        return true;
      }
      const end = this.#pieceStart + this.#piece.length;
      if (end >= this.#file.sizeBytes) break;
      // The magic may lie across the end of this piece.
      this.#position = Math.max(this.#position, end - frameMagic.length + 1);
      this.#piece = Buffer.alloc(0);
    }
    this.#position = this.#file.sizeBytes;
    return false;
  }

  /** Makes sure that so many bytes from here on are in memory, as far as the file has them. */
  async #hold(bytes: number): Promise<void> {
    const end = Math.min(this.#position + bytes, this.#file.sizeBytes);
    if (this.#position >= this.#pieceStart && end <= this.#pieceStart + this.#piece.length) return;
    // A fresh buffer each time: frames handed out share memory with the old one.
    this.#piece = await this.#file.readAt(this.#position, Math.max(bytes, pieceBytes));
    this.#pieceStart = this.#position;
  }
}
