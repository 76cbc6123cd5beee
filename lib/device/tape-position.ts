// SPDX-License-Identifier: Apache-2.0
/** READ POSITION in its three forms (SSC-5 7.7), and which of them a drive can be believed in. */
import type { NativeAnswer, NativeTapeDrive, Position, PositionForm } from "../native/binding.ts";
import { checkResult } from "./check-result.ts";
import { isRejected } from "./result-kind.ts";

/** A form of READ POSITION, or the own count of objects. */
export type PositionSource = PositionForm | "counted";

const forms: readonly PositionForm[] = ["long", "short", "extended"];

/** From the proved form; before the proof, from the best that the drive has. */
export function readPosition(native: NativeTapeDrive, form: PositionForm | undefined): Promise<NativeAnswer<Position>> {
  // The long form comes with the buffer's fill, from the extended one.
  return form === undefined || form === "long" ? native.position() : native.positionForm(form);
}

/** The first form that tells what was counted; there are drives that answer zeros and call them known. */
export async function provedPositionForm(native: NativeTapeDrive, counted: bigint): Promise<PositionSource> {
  for (const form of forms) {
    const { result, value } = await native.positionForm(form);
    if (isRejected(result)) continue;
    checkResult(result, `read position (${form} form)`);
    if (value?.known === true && value.objectNumber === counted) return form;
  }
  return "counted";
}
