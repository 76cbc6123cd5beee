// SPDX-License-Identifier: Apache-2.0
/**
 * A, the upper bound of what can be on each tape (I8): the blocks that drives have accepted, and those of which nobody
 * was told. Counted from what went to the drives, not from what the product or the medium says.
 */
import type { SimulatedBlock } from "../../lib/native/binding.ts";
import type { Image } from "./image.ts";

export class AcceptedBlocks {
  /** By barcode, the length of the block that each object can be at most; filemarks have none. */
  readonly #lengths = new Map<string, number[]>();

  /** By barcode, the most that there was before something was written over: a buffer that is lost leaves it there. */
  readonly #mostBytes = new Map<string, bigint>();

  /** As the tapes are when a process begins: no buffer outlives the one before. */
  constructor(images: ReadonlyMap<string, Image> = new Map()) {
    for (const [volumeTag, { objects }] of images) {
      this.#lengths.set(
        volumeTag,
        objects.map((object) => (object.kind === "block" ? object.bytes.length : 0)),
      );
    }
  }

  /** What one process has sent. */
  add(commands: readonly { readonly block?: SimulatedBlock }[]): void {
    for (const { block } of commands) {
      if (block !== undefined) this.#add(block);
    }
  }

  bytes(): ReadonlyMap<string, bigint> {
    const most = [...this.#lengths].map(([volumeTag, lengths]) => {
      const [before, now] = [this.#mostBytes.get(volumeTag) ?? 0n, sumOf(lengths)];
      return [volumeTag, before > now ? before : now] as const;
    });
    return new Map(most);
  }

  #add({ bytes, isAccepted, object, volumeTag }: SimulatedBlock): void {
    const lengths = this.#lengths.get(volumeTag) ?? [];
    this.#lengths.set(volumeTag, lengths);
    // What is accepted ends the tape once it is on it; what is not known may have left it as it was.
    if (isAccepted && lengths.length > object) {
      const before = sumOf(lengths);
      if (before > (this.#mostBytes.get(volumeTag) ?? 0n)) this.#mostBytes.set(volumeTag, before);
      lengths.length = object;
    }
    while (lengths.length < object) lengths.push(0);
    lengths[object] = Math.max(lengths[object] ?? 0, bytes);
  }
}

function sumOf(lengths: readonly number[]): bigint {
  return BigInt(lengths.reduce((sum, length) => sum + length, 0));
}
