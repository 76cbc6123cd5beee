// SPDX-License-Identifier: Apache-2.0
/**
 * Number and hash of a container's archived entries: XXH3-128 over u16 name length, name, fingerprint of each, in
 * the order of the names' bytes. The packer computes the same natively when it closes a container.
 */
import type { Hash128 } from "./environment.ts";
import { directoryEntryFingerprint } from "./fingerprint.ts";

const modeOffset = 40;
const typeMask = 0o170000;
const directoryType = 0o040000;

export class ContainerHasher {
  #bytes = Buffer.allocUnsafe(4096);
  #filled = 0;
  #entries = 0;

  /** Entries in the order of their names. */
  add(name: Buffer, fingerprint: Buffer): void {
    const needed = this.#filled + 2 + name.length + fingerprint.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#filled);
      this.#bytes = larger;
    }
    this.#bytes.writeUInt16BE(name.length, this.#filled);
    name.copy(this.#bytes, this.#filled + 2);
    const isDirectory = (fingerprint.readUInt32BE(modeOffset) & typeMask) === directoryType;
    (isDirectory ? directoryEntryFingerprint(fingerprint) : fingerprint).copy(
      this.#bytes,
      this.#filled + 2 + name.length,
    );
    this.#filled = needed;
    this.#entries += 1;
  }

  get entries(): number {
    return this.#entries;
  }

  digest(hash128: Hash128): Buffer {
    return hash128(this.#bytes.subarray(0, this.#filled));
  }
}
