// SPDX-License-Identifier: Apache-2.0
/**
 * Which volume of a pool a job writes next. Cartridges are filled one after the other: those of the job's media set that
 * have room, then empty ones, then ones on which everything has expired. A cartridge is never offered for writing over
 * while one job on it is not expired.
 */
import type { CartridgeEntry, VolumeEntry } from "../protocol/volume.ts";
import { liveJobsOn } from "./expiry.ts";
import type { VolumeContents } from "./expiry.ts";

export interface VolumeWish {
  readonly pool: string;
  /** Absent: the set does not matter, any volume of the pool that has room will do. */
  readonly mediaSet?: string;
  /** A job's records never change size. Volumes that are labelled anew take any. */
  readonly recordSizeBytes?: number;
  /** Barcodes that can be mounted without asking anybody. */
  readonly present: ReadonlySet<string>;
}

export interface KnownMedia extends VolumeContents {
  readonly volumes: readonly VolumeEntry[];
  readonly cartridge: (volumeTag: string) => CartridgeEntry | undefined;
}

export interface VolumeCandidate {
  readonly volume: VolumeEntry;
  /** Everything on it has expired: it is labelled anew, and its jobs are forgotten, before it is written. */
  readonly relabel: boolean;
}

export interface RefusedVolume {
  readonly volume: VolumeEntry;
  /** Completes "cannot be written: ". */
  readonly reason: string;
}

export interface VolumeChoice {
  /** In the library; best first. */
  readonly candidates: readonly VolumeCandidate[];
  /** Would do if somebody brought them into the library; best first. */
  readonly absent: readonly VolumeCandidate[];
  /** The pool's others, by barcode. */
  readonly refused: readonly RefusedVolume[];
}

/** How a volume can be used; the order is that of preference. */
export type VolumeUse = "append" | "first" | "relabel";

export type VolumeVerdict =
  { readonly kind: "usable"; readonly use: VolumeUse } | { readonly kind: "refused"; readonly reason: string };

const preference: readonly VolumeUse[] = ["append", "first", "relabel"];

export function chooseVolumes(media: KnownMedia, wish: VolumeWish): VolumeChoice {
  const usable: { readonly volume: VolumeEntry; readonly use: VolumeUse }[] = [];
  const refused: RefusedVolume[] = [];
  for (const volume of media.volumes.filter(({ pool }) => pool === wish.pool).toSorted(byTag)) {
    const verdict = judgeVolume(volume, media, wish);
    if (verdict.kind === "usable") usable.push({ volume, use: verdict.use });
    else refused.push({ volume, reason: verdict.reason });
  }
  const ordered = preference.flatMap((use) => {
    const volumes = usable.filter((each) => each.use === use).map(({ volume }) => volume);
    const relabel = use === "relabel";
    return volumes.toSorted(relabel ? byAge : bySetNumber).map((volume) => ({ volume, relabel }));
  });
  const isPresent = ({ volume }: VolumeCandidate): boolean => wish.present.has(volume.volumeTag);
  return { candidates: ordered.filter(isPresent), absent: ordered.filter((each) => !isPresent(each)), refused };
}

/** Whether and how a job could write a volume, wherever in reach its cartridge is. */
export function judgeVolume(
  volume: VolumeEntry,
  media: Omit<KnownMedia, "volumes">,
  wish: Pick<VolumeWish, "mediaSet" | "recordSizeBytes">,
): VolumeVerdict {
  const cartridge = media.cartridge(volume.volumeTag);
  const reason = refusalOf(volume, cartridge);
  if (reason !== undefined) return { kind: "refused", reason };
  const isOfSet = wish.mediaSet === undefined || volume.mediaSet === wish.mediaSet;
  const isWritable = volume.state === "empty" || (volume.state === "appendable" && isOfSet);
  const fits = wish.recordSizeBytes === undefined || volume.recordSizeBytes === wish.recordSizeBytes;
  if (isWritable && fits) return { kind: "usable", use: volume.state === "empty" ? "first" : "append" };
  const live = liveJobsOn(volume, media);
  const blocked = relabelRefusal(volume, cartridge, live);
  if (blocked === undefined) return { kind: "usable", use: "relabel" };
  return { kind: "refused", reason: `${whyNotAsItIs(volume, wish, isWritable)}, and ${blocked}` };
}

/** Refusals that hold for every way of writing. */
function refusalOf(volume: VolumeEntry, cartridge: CartridgeEntry | undefined): string | undefined {
  switch (volume.state) {
    case "damaged":
      return "a write on it has failed";
    case "altered":
      return "it does not hold any more what was written on it";
    case "retired":
      return "it was taken out of use";
    case "inUse":
      return `job ${volume.lastJobId ?? "unknown"} is writing it`;
    case "empty":
    case "appendable":
    case "full":
      return cartridge === undefined ? undefined : cartridgeRefusal(cartridge);
  }
}

function cartridgeRefusal(cartridge: CartridgeEntry): string | undefined {
  if (cartridge.kind === "cleaning") return "it is a cleaning cartridge";
  if (cartridge.kind === "foreign") return "it was seen with another product's label or data";
  if (cartridge.writeProtected) return "it is write protected";
  if (cartridge.location.kind === "vault") return `it is in the vault ${cartridge.location.name}`;
  return undefined;
}

/** A completed sentence's first half: why it cannot be written behind what is on it. */
function whyNotAsItIs(volume: VolumeEntry, wish: Pick<VolumeWish, "recordSizeBytes">, isWritable: boolean): string {
  if (isWritable) return `its records have ${volume.recordSizeBytes} bytes, not ${wish.recordSizeBytes ?? 0}`;
  return volume.state === "full" ? "it is full" : "it belongs to another media set";
}

function relabelRefusal(
  volume: VolumeEntry,
  cartridge: CartridgeEntry | undefined,
  live: readonly string[],
): string | undefined {
  // Even an empty volume's label is there for good.
  if (cartridge?.worm === true) return "it can be written only once (WORM)";
  if (volume.state === "empty") return "nothing was written on it yet: label it anew to change that";
  if (live.length === 0) return undefined;
  return live.length === 1
    ? `job ${live.join()} on it is not expired`
    : `jobs ${live.join(", ")} on it are not expired`;
}

function byTag(left: VolumeEntry, right: VolumeEntry): number {
  return left.volumeTag < right.volumeTag ? -1 : 1;
}

/** A set is filled in its order. Stable: those without a number stay in order of barcodes. */
function bySetNumber(left: VolumeEntry, right: VolumeEntry): number {
  return (left.setNumber ?? 0) - (right.setNumber ?? 0);
}

/** Labelled longest ago first, so that all cartridges take their turns. */
function byAge(left: VolumeEntry, right: VolumeEntry): number {
  return left.labelledAtMs - right.labelledAtMs;
}
