// SPDX-License-Identifier: Apache-2.0
/**
 * The text of `mtx status`, byte for byte, because scripts of the last twenty years parse it. Learnt from what mtx
 * 1.3.12 prints; where it guesses (from which slot a cartridge came), this guesses alike. Nothing else in this
 * product goes by these numbers: they are positions in a list, not element addresses.
 */

/** What is needed of a changer's element. */
export interface MtxElement {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly full: boolean;
  readonly exception?: { readonly asc: number; readonly ascq: number };
  readonly sourceAddress?: number;
  /**
   * Trimmed, and empty where the changer sent a blank one; used where {@link volumeTagField} is absent, as if the
   * changer padded with spaces, which the standard asks for.
   */
  readonly volumeTag?: string;
  /** The 36 bytes of the primary volume tag as the changer sent them: mtx prints their padding too. */
  readonly volumeTagField?: Uint8Array;
  readonly alternateVolumeTagField?: Uint8Array;
}

/** Volume identification field of a volume tag (SMC-3 6.11.7): padded with spaces to this length. */
const identificationCharacters = 32;

/**
 * @param device the name the device goes by, as mtx got it with `-f`
 * @param elements in the order in which the changer reported them
 */
export function mtxStatusText(device: string, elements: readonly MtxElement[]): string {
  const slots = mtxSlots(elements);
  const drives = mtxDrives(elements);
  const importExportCount = elements.filter(({ type }) => type === "importExport").length;
  const sources = sourceNumbers(drives, slots);
  const head = `  Storage Changer ${device}:${drives.length} Drives, ${slots.length} Slots ( ${importExportCount} Import/Export )\n`;
  const driveLines = drives.map((drive, index) => driveLine(index, drive, sources[index]));
  return [head, ...driveLines, ...slots.map(slotLine)].join("");
}

/** Storage elements first, import/export elements behind them, counted in one row from 1 on. */
export function mtxSlots<Element extends MtxElement>(elements: readonly Element[]): readonly Element[] {
  // 83h/02h is what some libraries say of a slot that is not built in.
  const storage = elements.filter((element) => element.type === "storage" && !hasException(element, 0x02));
  return [...storage, ...elements.filter(({ type }) => type === "importExport")];
}

/** Data transfer elements, counted from 0 on. */
export function mtxDrives<Element extends MtxElement>(elements: readonly Element[]): readonly Element[] {
  // 83h/04h: a drive that is not built in.
  return elements.filter((element) => element.type === "dataTransfer" && !hasException(element, 0x04));
}

function hasException({ exception }: MtxElement, ascq: number): boolean {
  return exception?.asc === 0x83 && exception.ascq === ascq;
}

function driveLine(index: number, drive: MtxElement, source: number | undefined): string {
  const front = `Data Transfer Element ${index}:`;
  if (!drive.full) return `${front}Empty\n`;
  const from = source === undefined ? "Unknown Storage Element" : `Storage Element ${source}`;
  return `${front}Full (${from} Loaded)${tagsText(drive, " = ")}\n`;
}

function slotLine(slot: MtxElement, index: number): string {
  const mark = slot.type === "importExport" ? " IMPORT/EXPORT" : "";
  const state = slot.full ? "Full " : "Empty";
  return `      Storage Element ${index + 1}${mark}:${state}${tagsText(slot, "=")}\n`;
}

function tagsText(element: MtxElement, equals: string): string {
  const primary = element.volumeTagField === undefined ? padded(element) : fieldText(element.volumeTagField);
  const alternate = fieldText(element.alternateVolumeTagField ?? new Uint8Array());
  return (
    (primary === "" ? "" : `:VolumeTag${equals}${primary}`) +
    (alternate === "" ? "" : `:AlternateVolumeTag${equals}${alternate}`)
  );
}

function padded({ volumeTag }: MtxElement): string {
  return volumeTag === undefined ? "" : fieldText(Buffer.from(volumeTag.padEnd(identificationCharacters), "latin1"));
}

/** Up to the first byte that is no ASCII character; the reserved bytes behind the identification are such. */
function fieldText(field: Uint8Array): string {
  const end = field.findIndex((byte) => byte < 0x20 || byte > 0x7f);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("latin1");
}

/**
 * The slot that each full drive's cartridge came from. The changer's word counts where that slot is empty; a drive
 * without such a slot is given the next empty storage element, and is "Unknown" only where there is none left.
 */
function sourceNumbers(drives: readonly MtxElement[], slots: readonly MtxElement[]): readonly (number | undefined)[] {
  const spare = slots.flatMap((slot, index) => (slot.type === "storage" && !slot.full ? [index + 1] : []));
  const told = drives.map((drive) => {
    // The address field is taken without looking at SVALID, so that nothing told reads as address 0.
    const address = drive.sourceAddress ?? 0;
    const index = drive.full ? slots.findLastIndex((slot) => slot.address === address && !slot.full) : -1;
    return index < 0 ? undefined : index + 1;
  });
  return told.map((number, index) => number ?? (drives[index]?.full === true ? spare.shift() : undefined));
}
