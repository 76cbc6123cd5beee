// SPDX-License-Identifier: Apache-2.0
/**
 * Simulated tape libraries for the tests of whoever writes tape software: `tidemark/simulator`. A library is a folder; its
 * units answer SCSI commands, so that a program runs against them with the code that it runs with against real ones.
 */
import { nativeBinding } from "../native/binding.ts";
import type {
  DeviceAddress,
  SimulatedFaultPlan,
  SimulatedLibraryOptions,
  SimulatedPowerCut,
  SimulatedTrace,
} from "../native/binding.ts";

export type * from "../native/simulated-faults.ts";
export type * from "../native/simulated-power.ts";
export type {
  DeviceAddress,
  SimulatedBehaviour,
  SimulatedGeneration,
  SimulatedLibraryOptions,
  SimulatedProfile,
  SimulatedQuirk,
} from "../native/binding.ts";

/**
 * A tape library in a folder: one changer, drives and cartridges, which outlive the processes that use them.
 *
 * @example
 * const library = SimulatedLibrary.create("library", { barcodes: ["TMK001L9", "TMK002L9"], capacityBytes: 10_000_000n });
 * library.planFaults({ faults: [{ when: { operation: "WRITE(6)", count: 3 }, effect: { powerCut: { survivors: 1 } } }] });
 * const drive = TapeDrive.open(library.drive(0));
 */
export class SimulatedLibrary {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes the folder and a library in it, with all cartridges in its storage elements.
   *
   * What is not given: one drive, as many storage elements as barcodes, no import/export elements, early warning 1/16 of
   * the capacity (bytes) in front of the end, a write buffer of 1 MiB a drive.
   * @throws Error with `code` `EEXIST` where the folder has a library already, `EINVAL` with a sentence where the options
   *   do not go together, or that of the file system
   */
  static create(
    folder: string,
    options: Pick<SimulatedLibraryOptions, "barcodes" | "capacityBytes"> & Partial<SimulatedLibraryOptions>,
  ): SimulatedLibrary {
    nativeBinding().createSimulatedLibrary(folder, {
      drives: 1,
      storageElements: options.barcodes.length,
      importExportElements: 0,
      earlyWarningBytes: options.capacityBytes / 16n,
      bufferBytes: 1024 * 1024,
      ...options,
    });
    return new SimulatedLibrary(folder);
  }

  /** One that was made before. Nothing is looked at: opening a unit of a folder without a library fails. */
  static at(folder: string): SimulatedLibrary {
    return new SimulatedLibrary(folder);
  }

  /** For `MediumChanger.open`. */
  get changer(): DeviceAddress {
    return { kind: "simulated", folder: this.folder, unit: "changer" };
  }

  /**
   * For `TapeDrive.open`.
   * @param number from 0 on
   * @param initiator a name, where several initiators of this process use the drive at a time; each has unit attentions,
   *   registrations and a prevention of removal of its own. Without one: the only initiator of an ordinary program.
   */
  drive(number: number, initiator?: string): DeviceAddress {
    const unit = `drive-${number}`;
    return { kind: "simulated", folder: this.folder, unit, ...(initiator === undefined ? {} : { initiator }) };
  }

  /**
   * Replaces the faults that units which are opened from now on meet; without a plan there are none. Units that are open
   * go on with what they have.
   * @throws Error with `code` `EINVAL` and what is wrong, where a plan is not understood: a member that is not known, or
   *   means nothing where it stands, is refused. Nothing is changed then.
   */
  planFaults(plan?: SimulatedFaultPlan): void {
    nativeBinding().planSimulatedFaults(this.folder, plan === undefined ? undefined : JSON.stringify(plan));
  }

  /**
   * Ends every unit of the library that this process has opened, as if the machine had lost its power: each later command
   * to it ends with host status 1 and an unknown outcome, for ever. Handles that are left need not be closed.
   *
   * `"stay"`: only the host is gone, and the drives write out what they have. Else only so many objects of each write
   * buffer reach the medium.
   * @throws Error with `code` `ENOENT` where there is no library
   */
  cutPower(drives: SimulatedPowerCut): void {
    nativeBinding().cutSimulatedPower(this.folder, drives);
  }

  /** Also where a fault plan has cut the power. */
  get isPowerCut(): boolean {
    return nativeBinding().isSimulatedPowerCut(this.folder);
  }

  /**
   * Units that are opened from now on work. Commands are counted from 1 again and traced from now on, also where the power
   * was never cut: a program begins with it what it wants to compare.
   * @throws Error with `code` `ENOENT` where there is no library
   */
  restorePower(): void {
    nativeBinding().restoreSimulatedPower(this.folder);
  }

  /**
   * The library's own time in microseconds. It stands still, but for what drives with the quirk `timed` take for their
   * commands, and for {@link SimulatedLibrary.passTime}.
   * @throws Error with `code` `ENOENT` where there is no library
   */
  get timeUs(): bigint {
    return nativeBinding().simulatedTime(this.folder);
  }

  /** Lets time pass in which the host sends nothing: a drive with the quirk `timed` may run out of data meanwhile. */
  passTime(durationUs: bigint): void {
    nativeBinding().passSimulatedTime(this.folder, durationUs);
  }

  /** What was sent to all units since the last {@link SimulatedLibrary.restorePower}. */
  trace(): SimulatedTrace {
    return nativeBinding().simulatedTrace(this.folder);
  }
}
