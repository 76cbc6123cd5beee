// SPDX-License-Identifier: Apache-2.0
/**
 * Faults of a simulated library as data: what `faults.json` in its folder holds, which each unit reads when it is
 * opened (docs/internals/simulator.md, "Faults").
 */
export interface SimulatedFaultPlan {
  /** Of the faults that happen with a probability; 0 where it is not given. */
  readonly seed?: number;
  readonly faults: readonly SimulatedFault[];
}

export interface SimulatedFault {
  /** For messages only. */
  readonly id?: string;
  /** `drive` is each of them; any unit where it is not given. */
  readonly unit?: "changer" | "drive" | `drive-${number}`;
  readonly when: SimulatedFaultCondition;
  readonly effect: SimulatedFaultEffect;
  /** Once, where it is not given. */
  readonly times?: number | "always";
  /** What has happened is counted in the library's folder, also for units that are opened later. */
  readonly persists?: boolean;
}

/** All that is given must hold; something is given. */
export interface SimulatedFaultCondition {
  /** From the n-th command on that the unit gets since it was opened, the first being 1. */
  readonly command?: number;
  /** Exactly this command among those that all units of the library got since its power came, the first being 1. */
  readonly libraryCommand?: number;
  /** Name of the command as in the standard: `WRITE(6)`, `MOVE MEDIUM`; also `LOAD` and `UNLOAD`. */
  readonly operation?: string;
  /** From the n-th command on for which the rest of the condition holds. */
  readonly count?: number;
  /** Barcode of the cartridge in the drive, or of the one that the changer is to take. */
  readonly volume?: string;
  /** The command writes or reads this logical object of the volume's partition 0, or a later one. Needs `volume`. */
  readonly object?: number;
  /** The last one that is meant by `object`; none is the last where it is not given. */
  readonly lastObject?: number;
  readonly probability?: number;
}

export interface SimulatedFaultSense {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  readonly deferred?: boolean;
  readonly endOfMedium?: boolean;
  readonly information?: number;
}

/** Is the command carried out before it is told to have failed? A changer can also stop with a cartridge in its hand. */
export type SimulatedFaultExecution = { readonly executed?: boolean } | { readonly inTransport: true };

/** What another initiator does before the command, where no reservation keeps it from it. */
export type SimulatedForeignAction =
  "rewind" | "spaceToEndOfData" | "write" | "modeSelect" | "reserve" | "preempt" | "clear" | "unload";

/**
 * What a changer says of its elements that is not so: no barcode can be read; those of the first two full storage
 * elements are taken for one another; all are empty, or full; all is as it was in front of the last move.
 */
export type SimulatedInventoryLie = "noVolumeTags" | "swappedTags" | "allEmpty" | "allFull" | "stale";

export type SimulatedFaultEffect =
  | ({ readonly sense: SimulatedFaultSense } & SimulatedFaultExecution)
  | { readonly hardwareFailure: true }
  | { readonly dropBuffer: number }
  | ({ readonly hostStatus: number } & SimulatedFaultExecution)
  /** For instance 0x18, RESERVATION CONFLICT, or 0x40, TASK ABORTED. */
  | ({ readonly scsiStatus: number } & SimulatedFaultExecution)
  /** The transport fails as the kernel does, with this error number. */
  | ({ readonly errno: number } & SimulatedFaultExecution)
  /** The transport says that so many bytes were not transferred; all were. */
  | { readonly residual: number }
  /** This bit of what is transferred arrives as another one; counted from the first, and around the end. */
  | { readonly flipBit: number }
  | ({ readonly crash: true } & SimulatedFaultExecution)
  /** The power of the library goes, see `cutSimulatedPower`. */
  | ({
      readonly powerCut: { readonly survivors: number; readonly endOfData?: "invalid" };
    } & SimulatedFaultExecution)
  /** Only the host goes: the drives write out what they have. */
  | ({ readonly hostLoss: true } & SimulatedFaultExecution)
  | { readonly unitAttention: readonly [asc: number, ascq: number] }
  | { readonly unitAttentions: readonly (readonly [asc: number, ascq: number])[] }
  /** `ascq` of the unit attention 29h that follows; 3 where it is not given. */
  | { readonly reset: { readonly survivors: number; readonly position: "kept" | "bop"; readonly ascq?: number } }
  | { readonly initiator: SimulatedForeignAction }
  /** Barcode of the cartridge that somebody puts into the drive. */
  | { readonly swap: string }
  | { readonly tapeAlert: number }
  /** `afterwards`: the unit attention behind the last of these answers, such as that of a door which was closed. */
  | {
      readonly notReady: readonly [asc: number, ascq: number];
      readonly polls: number;
      readonly afterwards?: readonly [asc: number, ascq: number];
    }
  /** The changer's next READ ELEMENT STATUS tells this. */
  | { readonly inventory: SimulatedInventoryLie };
