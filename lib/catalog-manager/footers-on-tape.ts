// SPDX-License-Identifier: Apache-2.0
/** Which frames of a temporary catalog the segment footers hold that still stand on tape. */
import type { Claims } from "../catalog/claims.ts";
import type { VolumeLostRecord } from "../catalog/persistent-record.ts";

interface Footer {
  readonly segment: number;
  readonly volumeUuid: string;
  readonly footerBlock: bigint;
  readonly epoch: number;
  /** It holds the records of the frames behind this one ... */
  readonly after: bigint;
  /** ... up to this one. */
  readonly through: bigint;
}

export class FootersOnTape {
  #footers: Footer[] = [];
  /** Up to here earlier footers hold everything, as those of the epoch have it. */
  #after = 0n;

  /** An epoch has begun: its first footer holds what no footer held then. */
  begin(claims: Claims): void {
    this.#after = this.heldThrough(claims);
  }

  add(footer: Omit<Footer, "after">): void {
    this.#footers.push({ ...footer, after: this.#after });
    this.#after = footer.through;
  }

  /** Footers of epochs up to this one are gone with the volume. */
  lose({ volumeUuid, fromBlock }: VolumeLostRecord, untilEpoch: number): void {
    this.#footers = this.#footers.filter(
      (footer) => footer.volumeUuid !== volumeUuid || footer.footerBlock < fromBlock || footer.epoch > untilEpoch,
    );
  }

  /** The frame up to which every record is in a footer that stands: one behind a gap says nothing of what is in it. */
  heldThrough(claims: Claims): bigint {
    let through = 0n;
    for (const footer of this.#footers) {
      const { segment, volumeUuid } = footer;
      const stands = claims.segments.some(
        (each) => each.segment === segment && each.volumeUuid === volumeUuid && each.footerBlock !== undefined,
      );
      if (stands && footer.after <= through && footer.through > through) through = footer.through;
    }
    return through;
  }
}
