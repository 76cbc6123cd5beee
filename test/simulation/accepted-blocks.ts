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

  /** As the tapes are before anything is sent. */
  constructor(images: ReadonlyMap<string, Image> = new Map()) {
    for (const [volumeTag, { objects }] of images) {
      this.#lengths.set(
        volumeTag,
        objects.map((object) => (object.kind === "block" ? object.bytes.length : 0)),
      );
    }
  }

  copy(): AcceptedBlocks {
    const copy = new AcceptedBlocks();
    for (const [volumeTag, lengths] of this.#lengths) copy.#lengths.set(volumeTag, [...lengths]);
    return copy;
  }

  /** What one process has sent. */
  add(commands: readonly { readonly block?: SimulatedBlock }[]): void {
    for (const { block } of commands) {
      if (block !== undefined) this.#add(block);
    }
  }

  bytes(): ReadonlyMap<string, bigint> {
    const sums = [...this.#lengths].map(([volumeTag, lengths]) => {
      return [volumeTag, BigInt(lengths.reduce((sum, length) => sum + length, 0))] as const;
    });
    return new Map(sums);
  }

  #add({ bytes, isAccepted, object, volumeTag }: SimulatedBlock): void {
    const lengths = this.#lengths.get(volumeTag) ?? [];
    this.#lengths.set(volumeTag, lengths);
    // What is accepted ends the tape; what is not known may have left it as it was.
    if (isAccepted && lengths.length > object) lengths.length = object;
    while (lengths.length < object) lengths.push(0);
    lengths[object] = Math.max(lengths[object] ?? 0, bytes);
  }
}
