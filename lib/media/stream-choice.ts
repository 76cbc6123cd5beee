// SPDX-License-Identifier: Apache-2.0
/** Which of several recordings of one stream is read: the job's own, or a copy of it. Pure. */
import type { Segment } from "../protocol/tape.ts";
import type { VolumeState } from "../protocol/volume.ts";

export interface RecordedStream {
  readonly jobId: string;
  readonly segments: readonly Segment[];
}

export interface StreamFacts {
  readonly stateOf: (volumeUuid: string) => VolumeState | undefined;
  readonly isPresent: (volumeTag: string) => boolean;
}

const bad: readonly VolumeState[] = ["damaged", "altered"];

/**
 * The first whose cartridges are all good and at hand; else the first whose cartridges are good, which a person can
 * bring; else the first. Streams that are nowhere on tape any more are passed over.
 */
export function chooseStream(streams: readonly RecordedStream[], facts: StreamFacts): RecordedStream | undefined {
  const recorded = streams.filter(({ segments }) => segments.length > 0);
  const isGood = ({ segments }: RecordedStream): boolean =>
    segments.every(({ volumeUuid }) => {
      const state = facts.stateOf(volumeUuid);
      return state !== undefined && !bad.includes(state);
    });
  const isAtHand = ({ segments }: RecordedStream): boolean =>
    segments.every(({ volumeTag }) => facts.isPresent(volumeTag));
  return recorded.find((stream) => isGood(stream) && isAtHand(stream)) ?? recorded.find(isGood) ?? recorded[0];
}
