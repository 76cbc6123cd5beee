// SPDX-License-Identifier: Apache-2.0
/**
 * What a density code (MODE SENSE block descriptor, REPORT DENSITY SUPPORT) stands for. The codes of linear tape
 * (LTO) and of 3592 were seen in several programs; those of older media are general knowledge, and vendors gave some
 * codes twice. A drive that answers REPORT DENSITY SUPPORT knows better: its own name goes first.
 */

/** A density code and what it stands for. */
export interface Density {
  readonly code: number;
  /** `LTO-9`; several where vendors share the code. */
  readonly names: readonly string[];
  /** Written with encryption: 3592 drives report a code of their own for it. */
  readonly encrypted: boolean;
}

const lto: Readonly<Record<number, string>> = {
  0x40: "LTO-1",
  0x42: "LTO-2",
  0x44: "LTO-3",
  0x46: "LTO-4",
  0x58: "LTO-5",
  0x5a: "LTO-6",
  0x5c: "LTO-7",
  // An LTO-7 cartridge that an LTO-8 drive formatted.
  0x5d: "LTO-7 M8",
  0x5e: "LTO-8",
  0x60: "LTO-9",
  // From the sequence alone; not seen in any program.
  0x62: "LTO-10",
};

const ibm3592: Readonly<Record<number, string>> = {
  0x51: "3592 J1A",
  0x52: "3592 E05 (TS1120)",
  0x53: "3592 E06 (TS1130)",
  0x54: "3592 E07 (TS1140)",
  0x55: "3592 E08 (TS1150)",
  0x56: "3592 55F (TS1155)",
  0x57: "3592 60F (TS1160)",
  0x59: "3592 70F (TS1170)",
};
/** What 3592 drives add to the code of a cartridge that is written encrypted. */
const encryptedOffset = 0x20;

const older: Readonly<Record<number, readonly string[]>> = {
  0x13: ["DDS"],
  0x19: ["DLT 10 GB (TK87, DLT2000)"],
  0x1a: ["DLT 20 GB (DLT4000)"],
  0x1b: ["DLT 35 GB (DLT7000)"],
  0x24: ["DDS-2"],
  0x25: ["DDS-3"],
  0x26: ["DDS-4"],
  0x30: ["AIT-1"],
  0x31: ["AIT-2"],
  0x32: ["AIT-3"],
  0x33: ["AIT-4"],
  0x34: ["AIT-5"],
  0x41: ["DLT 40 GB (DLT8000)", "LTO-1 or LTO-2 in early drives"],
  0x47: ["DAT 72 (DDS-5)"],
  0x48: ["SDLT 220", "DAT 160"],
  0x49: ["SDLT 320"],
  0x4a: ["SDLT 600", "T10000A"],
  0x4b: ["DLT-S4", "T10000B"],
  0x4c: ["T10000C"],
  0x4d: ["T10000D"],
};

/** What a code stands for; `undefined` where it is not known here. 0 is "the default", whatever that is. */
export function density(code: number): Density | undefined {
  const plain = lto[code] ?? ibm3592[code];
  if (plain !== undefined) return { code, names: [plain], encrypted: false };
  const encrypted = ibm3592[code - encryptedOffset];
  if (encrypted !== undefined) return { code, names: [encrypted], encrypted: true };
  const names = older[code];
  return names === undefined ? undefined : { code, names, encrypted: false };
}

/** `LTO-9 (60h)`, `3592 E08 (TS1150), encrypted (75h)`, `default (00h)`, `unknown (3Fh)`. */
export function densityText(code: number): string {
  const known = density(code);
  const names = code === 0 ? "default" : (known?.names.join(" or ") ?? "unknown");
  const mark = known?.encrypted === true ? ", encrypted" : "";
  return `${names}${mark} (${code.toString(16).toUpperCase().padStart(2, "0")}h)`;
}
