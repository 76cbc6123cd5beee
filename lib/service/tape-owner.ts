// SPDX-License-Identifier: Apache-2.0
/** Whose tape is in a drive, asked before something destroys what is on it. Rewinds. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { FormatError, OperatorError, SenseError } from "../errors.ts";
import type { VolumeHeader } from "../format/volume-label.ts";
import { readLabel } from "../media-server/tape-label.ts";

export type TapeOwner =
  | { readonly kind: "blank" }
  /** Data without a label. */
  | { readonly kind: "unlabelled" }
  | { readonly kind: "foreign"; readonly product: string; readonly volumeSerial: string }
  | { readonly kind: "ours"; readonly header: VolumeHeader }
  /** A label of ours that this version cannot read: written by a newer one, or damaged. */
  | { readonly kind: "unknownVersion"; readonly reason: string }
  /** The drive cannot read the beginning: damaged, encrypted, or of another format. */
  | { readonly kind: "unreadable"; readonly reason: string };

export async function tapeOwner(drive: TapeDrive): Promise<TapeOwner> {
  try {
    return await readLabel(drive);
  } catch (error) {
    if (error instanceof FormatError) return { kind: "unknownVersion", reason: error.message };
    if (error instanceof SenseError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}

/** What would be lost, for the question that is asked first. */
export function ownerText(owner: TapeOwner): string {
  switch (owner.kind) {
    case "blank":
      return "a blank cartridge";
    case "unlabelled":
      return "data without a label";
    case "foreign":
      return `a label of ${owner.product} (${owner.volumeSerial}) and what follows it`;
    case "ours":
      return `tape volume ${owner.header.barcode} of pool ${owner.header.pool} and what is on it`;
    case "unknownVersion":
      return `a Tidemark label that this version cannot read (${owner.reason})`;
    case "unreadable":
      return `something that the drive cannot read (${owner.reason})`;
  }
}

/**
 * @param option what the operator says to that end
 * @throws OperatorError unless the tape is blank or ours, or the operator said that others may be lost too
 */
export function refuseForeign(
  owner: TapeOwner,
  driveName: string,
  overwriteForeign: boolean,
  option = "--overwrite-foreign",
): void {
  if (owner.kind === "blank" || owner.kind === "ours" || overwriteForeign) return;
  throw new OperatorError(
    `${driveName} holds ${ownerText(owner)}: it was left alone. If it may be lost: ${option} --yes`,
    { code: "ERR_TAPE_CARTRIDGE_FOREIGN" },
  );
}
