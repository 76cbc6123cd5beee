// SPDX-License-Identifier: Apache-2.0
/** What kind of answer a result is, where a caller goes on instead of failing. */
import type { NativeResult } from "../native/binding.ts";

/** The device has no such command (5/20), or not this form or page of it (5/24). */
export function isRejected({ outcome, sense }: NativeResult): boolean {
  return (
    outcome === "completed" &&
    sense !== undefined &&
    !sense.deferred &&
    sense.senseKey === 5 &&
    (sense.asc === 0x20 || sense.asc === 0x24)
  );
}

/** The device has no such command (5/20/00). */
export function isUnknownCommand(result: NativeResult): boolean {
  return isRejected(result) && result.sense?.asc === 0x20;
}

/** Something happened to the device since this initiator's last command; the command was not executed. */
export function isUnitAttention({ sense }: NativeResult): boolean {
  return sense !== undefined && !sense.deferred && sense.senseKey === 6;
}
