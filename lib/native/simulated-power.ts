// SPDX-License-Identifier: Apache-2.0
/** The power of a simulated library, and what was sent to it (docs/internals/simulator.md, "Power"). */

/**
 * What the drives do when the host goes. `stay`: they have a supply of their own and write out what they have. Else only
 * `survivors` objects of each write buffer reach the medium; with `endOfData: "invalid"` a tape on which data was
 * written since the last synchronising command ends nowhere that a drive could find.
 */
export type SimulatedPowerCut = "stay" | { readonly survivors: number; readonly endOfData?: "valid" | "invalid" };

/** A block that a drive has put on a tape. */
export interface SimulatedBlock {
  readonly volumeTag: string;
  /** The number of the logical object that it becomes. */
  readonly object: number;
  readonly bytes: number;
  /** False: no answer says so. */
  readonly isAccepted: boolean;
}

/** What was sent to the units of a library, in the order in which it ended. */
export interface SimulatedTrace {
  readonly commands: readonly {
    readonly unit: string;
    /** Name of the command as in the standard. */
    readonly operation: string;
    /** Of a WRITE of one block to partition 0 that was carried out. */
    readonly block?: SimulatedBlock;
  }[];
  /** 16 bytes over unit, CDB, data out, host and SCSI status and sense data of each command. */
  readonly digest: Buffer;
}

/** All of them throw an Error with `code: "ENOENT"` where the folder holds no simulated library. */
export interface NativeSimulatedPower {
  /**
   * Ends every unit of the library that this process has opened: later commands to it end with host status 1 and an
   * unknown outcome, for ever. Nothing happens where the power is cut already. Waits for commands under way.
   */
  cutSimulatedPower(folder: string, drives: SimulatedPowerCut): void;
  isSimulatedPowerCut(folder: string): boolean;
  /**
   * Units that are opened from now on work. Commands are counted from 1 again, and traced from now on; both also where
   * the power was never cut.
   */
  restoreSimulatedPower(folder: string): void;
  /** Microseconds since the process came to know the library; it passes only by what drives with a speed do. */
  simulatedTime(folder: string): bigint;
  /** The host does something else for so long. */
  passSimulatedTime(folder: string, durationUs: bigint): void;
  /** Since the last {@link NativeSimulatedPower.restoreSimulatedPower}; nothing before the first. */
  simulatedTrace(folder: string): SimulatedTrace;
}
