// SPDX-License-Identifier: Apache-2.0
import { HardwareError } from "../errors.ts";
import type { DriveSeat } from "./drive-seat.ts";
import { writeFailureKind } from "./write-failure.ts";

/** So often something may come in between: more of it is no accident. */
const attemptsMax = 3;

/**
 * Loading a cartridge, looking at it and going to a place change nothing that counts. So a unit attention, a reset or an
 * unknown outcome in between begins it anew, from the opening of a drive on (durability.md, section 5, "goes back to 0");
 * a drive that fails goes out of service, and another one takes its place (W6); and a place that cannot be found or read
 * is looked for once more behind a reload (R6).
 */
export async function renewed<T>(
  seat: Pick<DriveSeat, "giveUpDrive" | "leave" | "reload">,
  work: () => Promise<T>,
): Promise<T> {
  let reload: "not yet" | "now" | "done" = "not yet";
  for (let attempt = 1; ; attempt++) {
    try {
      if (reload === "now") {
        reload = "done";
        await seat.reload();
      }
      return await work();
    } catch (error) {
      const kind = writeFailureKind(error);
      // Bounded too: each time there is a drive less, or it throws.
      if (kind === "drive" && error instanceof HardwareError) await seat.giveUpDrive(error);
      else if (kind === "volume" && reload === "not yet") reload = "now";
      else if ((kind === "position" || kind === "block") && attempt < attemptsMax) await seat.leave();
      else throw error;
    }
  }
}
