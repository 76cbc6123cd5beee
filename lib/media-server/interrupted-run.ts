// SPDX-License-Identifier: Apache-2.0
/**
 * A run of the native writer that was stopped by something which need not have touched the tape: a unit attention, or a
 * command that the kernel did not send. The WRITE was not carried out; where the tape still stands where it must, and
 * the drive is set as it was, the next run begins with the same record. In doubt the answer is no, and the position-lost
 * procedure finds out.
 */
import { constants } from "node:os";
import { isUnitAttention } from "../device/result-kind.ts";
import { TapeError } from "../errors.ts";
import type { WriterRun } from "../native/binding.ts";
import { newsOf } from "./attention-news.ts";
import { areSameSettings, blockSettingsOf } from "./block-settings.ts";
import type { BlockSettings } from "./block-settings.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/** `failed`: what the drive or the transport said decides how the job goes on. */
export type RunVerdict = "goesOn" | "failed" | "positionLost" | "ejectWanted";

/** The kernel had no memory for the transfer, or takes none of this length: it sent nothing (W10, T1). */
const refusals: readonly number[] = [constants.errno.ENOMEM, constants.errno.EINVAL];

/** @param settings as they were when the drive was made ready for this volume */
export async function judgeRun(
  { result }: WriterRun,
  segments: Pick<SegmentWriter, "drive" | "position">,
  settings: BlockSettings,
): Promise<RunVerdict> {
  if (result === undefined) return "positionLost";
  try {
    if (result.outcome === "notSent" && refusals.includes(result.errno)) {
      return (await standsWhereItMust(segments)) ? "goesOn" : "positionLost";
    }
    if (!isUnitAttention(result)) return "failed";
    // All of them are collected before anything is decided (U10).
    const { attentions } = await segments.drive.attend();
    const news = newsOf([result, ...attentions]);
    if (news === "position") return "positionLost";
    const isUnchanged = news === "harmless" || areSameSettings(settings, await blockSettingsOf(segments.drive));
    if (!isUnchanged || !(await standsWhereItMust(segments))) return "positionLost";
    return news === "ejectWanted" ? "ejectWanted" : "goesOn";
  } catch (error) {
    if (error instanceof TapeError) return "positionLost";
    throw error;
  }
}

/** By the drive's word: the own count was made before, and would only repeat itself. */
async function standsWhereItMust({ drive, position }: Pick<SegmentWriter, "drive" | "position">): Promise<boolean> {
  if (drive.positionSource === undefined || drive.positionSource === "counted") return false;
  return (await drive.objectNumber()) === position;
}
