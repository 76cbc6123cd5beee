// SPDX-License-Identifier: Apache-2.0
import type { DriveRegister, MoveJournal } from "../protocol/library-state.ts";
import type { OperatorRequestRegister } from "../protocol/operator-request.ts";
import type { CartridgeRegister } from "../protocol/volume.ts";
import type { DriveQueue } from "./drive-queue.ts";
import type { LibraryAccess } from "./environment.ts";

/** Everything that a library needs from outside, injected. */
export interface LibraryEnvironment {
  readonly access: Pick<LibraryAccess, "driveNames" | "openChanger" | "openDrive">;
  readonly queue: Pick<DriveQueue, "withRobot" | "list">;
  readonly cartridges: CartridgeRegister;
  readonly drives: DriveRegister;
  readonly journal: MoveJournal;
  readonly requests: OperatorRequestRegister;
  /** Number of this installation in the keys of reservations; drives are not reserved where it is absent. */
  readonly reservingInstallation?: number;
  /** Blocks carry a CRC between here and the drive, where the drive has logical block protection. */
  readonly blockProtection: boolean;
  readonly cleaning: {
    /** A drive that asks for it is cleaned as soon as no cartridge is wanted in it. */
    readonly automatic: boolean;
    /** How often a cleaning cartridge cleans, unless its own entry says otherwise. */
    readonly uses: number;
  };
  readonly nowMs: () => number;
  /** Calls back once after a time unless cancelled by the returned function. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** Resolves after a time. */
export function pause(environment: Pick<LibraryEnvironment, "after">, ms: number): Promise<void> {
  return new Promise((resolve) => {
    environment.after(ms, resolve);
  });
}
