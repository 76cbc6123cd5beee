// SPDX-License-Identifier: Apache-2.0
/** What the elements tell of a move whose end nobody saw (fault catalogue, C6). */
import type { Element } from "../native/binding.ts";
import type { MoveEntry } from "../protocol/library-state.ts";
import { tagOf } from "./library-model.ts";

/**
 * `untouched`: everything is where it was. `underWay`: in the robot's hand. `elsewhere`: in the library, but neither
 * here nor there, or of an exchange only one cartridge has come to its place. `lost`: in no element.
 */
export type MoveOutcome = "done" | "untouched" | "underWay" | "elsewhere" | "lost";

interface Leg {
  readonly volumeTag: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** The cartridges of a move, each with the way that it was to go. */
export function legsOf(move: MoveEntry): readonly Leg[] {
  const first = { volumeTag: move.volumeTag, from: move.fromAddress, to: move.toAddress };
  if (move.secondAddress === undefined) return [first];
  return [first, { volumeTag: move.secondVolumeTag, from: move.toAddress, to: move.secondAddress }];
}

export function moveOutcome(move: MoveEntry, elements: readonly Element[]): MoveOutcome {
  const outcomes = legsOf(move).map((leg) => legOutcome(leg, elements));
  if (outcomes.includes("lost")) return "lost";
  if (outcomes.includes("underWay")) return "underWay";
  const [first, ...rest] = outcomes;
  if (first === undefined) return "elsewhere";
  return rest.every((outcome) => outcome === first) ? first : "elsewhere";
}

/** Of one cartridge. By barcode; where it has none, or none can be read now, by which element is full. */
export function legOutcome(leg: Leg, elements: readonly Element[]): MoveOutcome {
  const full = elements.filter((element) => element.full);
  if (leg.volumeTag !== undefined) {
    const seen = full.filter((element) => element.volumeTag === leg.volumeTag);
    const place = seen.find(({ type }) => type === "transport") ?? seen[0];
    if (place !== undefined) return outcomeAt(place, leg);
  }
  const untold = (address: number): boolean =>
    full.some((each) => each.address === address && tagOf(each) === undefined);
  // Both full: a cartridge without a barcode stood at the destination, and that is why the move was refused.
  if (untold(leg.from)) return "untouched";
  if (full.some((each) => each.type === "transport" && tagOf(each) === undefined)) return "underWay";
  return untold(leg.to) ? "done" : "lost";
}

function outcomeAt(place: Element, leg: Leg): MoveOutcome {
  // First, for a cartridge may be taken from the robot's hand too.
  if (place.address === leg.from) return "untouched";
  if (place.type === "transport") return "underWay";
  return place.address === leg.to ? "done" : "elsewhere";
}
