// SPDX-License-Identifier: Apache-2.0
/**
 * Withdrawn claims on tape volumes. They stand in the journal like every record, and before that in a file of their
 * own: a journal that lost its tail would otherwise let them come true again.
 */
import type { VolumeLostRecord } from "../catalog/persistent-record.ts";

export interface VolumeLoss {
  readonly record: VolumeLostRecord;
  /** Of the start that withdrew the claims. */
  readonly epoch: number;
}

/** Losses that only the second file remembers: the journal has none as wide, of that start or a later one. */
export function forgottenLosses(
  inJournal: readonly VolumeLoss[],
  inSecondFile: readonly VolumeLoss[],
): readonly VolumeLoss[] {
  return inSecondFile.filter(
    ({ record, epoch }) =>
      !inJournal.some(
        (other) =>
          other.record.volumeUuid === record.volumeUuid &&
          other.record.fromBlock <= record.fromBlock &&
          other.epoch >= epoch,
      ),
  );
}
