// SPDX-License-Identifier: Apache-2.0
/**
 * The text of `mt status` of mt-st for a drive that Linux calls a "SCSI 2" one, which is every drive of today:
 * scripts parse it. The numbers are what the kernel's tape driver keeps (MTIOCGET, `linux/mtio.h`). Asked over SCSI
 * some of them can only be told where they are certain, and are -1 where the driver would have counted along.
 */

/** What `mt status` shows of a drive. */
export interface MtStatus {
  /** -1: not known. */
  readonly fileNumber: number;
  /** Within the tape file; -1: not known. */
  readonly blockNumber: number;
  readonly partition: number;
  /** 0: variable. */
  readonly blockBytes: number;
  readonly densityCode: number;
  /** Recovered errors since the status was last asked for. */
  readonly softErrors: number;
  readonly flags: readonly MtFlag[];
}

/** The words of its last line. */
export type MtFlag = keyof typeof flagBits;

/** In the order in which they are printed (`GMT_*` of `linux/mtio.h`). */
const flagBits = {
  EOF: 0x80000000,
  BOT: 0x40000000,
  EOT: 0x20000000,
  SM: 0x10000000,
  EOD: 0x08000000,
  WR_PROT: 0x04000000,
  ONLINE: 0x01000000,
  D_6250: 0x00800000,
  D_1600: 0x00400000,
  D_800: 0x00200000,
  DR_OPEN: 0x00040000,
  IM_REP_EN: 0x00010000,
  CLN: 0x00008000,
} as const;

/**
 * What stands in brackets behind the density code, for the media of the last twenty-five years. mt 1.7 names half a
 * hundred older ones besides; theirs are not told apart here.
 */
const densityTexts: ReadonlyMap<number, string> = new Map([
  [0x00, "default"],
  [0x24, "DDS-2"],
  [0x25, "DDS-3"],
  [0x26, "DDS-4 or QIC-4GB"],
  [0x40, "DLT1 40 GB, or Ultrium"],
  [0x41, "DLT 40GB, or Ultrium2"],
  [0x42, "LTO-2"],
  [0x44, "LTO-3"],
  [0x46, "LTO-4"],
  [0x47, "DDS-5 or TR-5"],
  [0x48, "SDLT220"],
  [0x49, "SDLT320"],
  [0x51, "IBM 3592 J1A"],
  [0x52, "IBM 3592 E05"],
  [0x53, "IBM 3592 E06"],
  [0x54, "IBM 3592 E07"],
  [0x55, "IBM 3592 E08"],
  [0x58, "LTO-5"],
  [0x5a, "LTO-6"],
  [0x5c, "LTO-7"],
  [0x5d, "LTO-7-M8"],
  [0x5e, "LTO-8"],
  [0x71, "IBM 3592 J1A, encrypted"],
  [0x72, "IBM 3592 E05, encrypted"],
  [0x73, "IBM 3592 E06, encrypted"],
  [0x74, "IBM 3592 E07, encrypted"],
  [0x75, "IBM 3592 E08, encrypted"],
]);

/** The lines that `mt status` of mt-st prints, letter by letter. */
export function mtStatusText(status: MtStatus): string {
  const density = densityTexts.get(status.densityCode) ?? "no translation";
  const names = mtFlags.filter((flag) => status.flags.includes(flag));
  return [
    "SCSI 2 tape drive:",
    `File number=${status.fileNumber}, block number=${status.blockNumber}, partition=${status.partition}.`,
    `Tape block size ${status.blockBytes} bytes. Density code 0x${status.densityCode.toString(16)} (${density}).`,
    `Soft error count since last status=${status.softErrors}`,
    `General status bits on (${mtStatusBits(status.flags).toString(16)}):`,
    names.map((flag) => ` ${flag}`).join(""),
    "",
  ].join("\n");
}

const mtFlags = Object.keys(flagBits) as readonly MtFlag[];

/** `mt_gstat`. */
export function mtStatusBits(flags: readonly MtFlag[]): number {
  // A sum and not a bitwise or, which would make the topmost bit a sign.
  return mtFlags.filter((flag) => flags.includes(flag)).reduce((bits, flag) => bits + flagBits[flag], 0);
}

/** What a drive says of itself over SCSI. */
export interface DriveFacts {
  readonly medium: "ready" | "notReady" | "none";
  readonly position?: {
    readonly known: boolean;
    readonly partition: number;
    readonly objectNumber: bigint;
    /** READ POSITION, long form. */
    readonly fileNumber?: bigint;
    /** Blocks since the last filemark, where somebody has counted them: no command tells. */
    readonly blockNumber?: bigint;
    readonly endOfPartition: boolean;
  };
  readonly atEndOfData?: boolean;
  readonly writeProtected?: boolean;
  readonly cleaningRequested?: boolean;
  readonly blockBytes?: number;
  readonly densityCode?: number;
}

/**
 * What the kernel's driver would say of a drive in this state. Buffered writing is on in that driver unless somebody
 * turned it off for a node, so IM_REP_EN always shows, an empty drive included.
 */
export function mtStatus(facts: DriveFacts): MtStatus {
  const { position } = facts;
  const isKnown = facts.medium === "ready" && position?.known === true;
  const atBeginning = isKnown && position.objectNumber === 0n;
  const counted = (count: bigint | undefined): number => (isKnown && count !== undefined ? Number(count) : -1);
  const fileNumber = atBeginning ? 0 : counted(position?.fileNumber);
  const blockNumber = atBeginning ? 0 : counted(position?.blockNumber);
  const densityCode = facts.densityCode ?? 0;
  const holds: Partial<Record<MtFlag, boolean>> = {
    EOF: !atBeginning && blockNumber === 0,
    BOT: atBeginning,
    EOT: isKnown && position.endOfPartition,
    EOD: isKnown && facts.atEndOfData === true,
    WR_PROT: facts.medium === "ready" && facts.writeProtected === true,
    ONLINE: facts.medium === "ready",
    D_800: densityCode === 1,
    D_1600: densityCode === 2,
    D_6250: densityCode === 3,
    DR_OPEN: facts.medium === "none",
    IM_REP_EN: true,
    CLN: facts.cleaningRequested === true,
  };
  return {
    fileNumber,
    blockNumber,
    partition: isKnown ? position.partition : 0,
    blockBytes: facts.blockBytes ?? 0,
    densityCode,
    softErrors: 0,
    flags: mtFlags.filter((flag) => holds[flag] === true),
  };
}
