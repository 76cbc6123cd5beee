// SPDX-License-Identifier: Apache-2.0
/**
 * The TapeAlert flags 1 to 64 (SSC-4 annex A): how bad each is, what it concerns and what to do.
 * The names and severities are the standard's, the advice is ours.
 */

/** `critical`: data is at risk. `warning`: it soon may be. `information`: to be known. */
export type TapeAlertSeverity = "critical" | "warning" | "information";

/** What a flag is about: the cartridge, the drive, the library, or something that only the operator can do. */
export type TapeAlertScope = "volume" | "drive" | "library" | "operator";

/** The meaning of one flag, and what an operator should do. */
export interface TapeAlert {
  /** 1 to 64. */
  readonly flag: number;
  readonly name: string;
  readonly severity: TapeAlertSeverity;
  readonly scope: TapeAlertScope;
  readonly text: string;
  readonly advice: string;
}

/**
 * What a set flag asks of a program: no more writing on this volume, no more work with this drive, cleaning, or a
 * look at whether the tape stands where it should.
 */
export type TapeAlertAction = "stopVolume" | "stopDrive" | "cleanNow" | "cleanSoon" | "verifyPosition" | "note";

type Entry = readonly [name: string, severity: TapeAlertSeverity, scope: TapeAlertScope, text: string, advice: string];

const retire = "copy the data to another cartridge and use this one no more";
const service = "call the drive's service";
const another = "use another cartridge";

const entries: Readonly<Record<number, Entry>> = {
  1: [
    "read warning",
    "warning",
    "volume",
    "the drive has trouble reading",
    "clean the drive; if it returns, retire the cartridge",
  ],
  2: [
    "write warning",
    "warning",
    "volume",
    "the drive has trouble writing",
    "clean the drive; if it returns, retire the cartridge",
  ],
  3: [
    "hard error",
    "warning",
    "volume",
    "a read or write failed beyond recovery",
    "see which of flags 4 to 6, 30 or 31 is set with it",
  ],
  4: ["medium", "critical", "volume", "the cartridge can no longer be read or written reliably", retire],
  5: ["read failure", "critical", "volume", "data cannot be read", "try another drive; restore from another copy"],
  6: [
    "write failure",
    "critical",
    "volume",
    "data cannot be written",
    `${another}; if other cartridges fail too, the drive is at fault`,
  ],
  7: ["medium life", "warning", "volume", "the cartridge has reached the end of its life", retire],
  8: [
    "not data grade",
    "warning",
    "volume",
    "the cartridge is not of data grade",
    `${another}: data on this one is at risk`,
  ],
  9: [
    "write protect",
    "critical",
    "operator",
    "a write met a protected cartridge",
    "move the cartridge's write protect tab, or use another",
  ],
  10: [
    "removal prevented",
    "information",
    "operator",
    "the cartridge was to be ejected while it is locked",
    "wait until the drive is no longer in use",
  ],
  11: [
    "cleaning medium",
    "information",
    "operator",
    "a cleaning cartridge is in the drive",
    "take it out when cleaning is done",
  ],
  12: ["unsupported format", "information", "volume", "the drive cannot use this cartridge's format", another],
  13: [
    "recoverable mechanical cartridge failure",
    "critical",
    "volume",
    "the tape snapped or the cartridge failed, and it came out",
    `${retire}, where it still can be read`,
  ],
  14: [
    "unrecoverable mechanical cartridge failure",
    "critical",
    "volume",
    "the tape snapped or the cartridge failed inside the drive",
    `do not try to eject it; ${service}`,
  ],
  15: [
    "cartridge memory chip failure",
    "warning",
    "volume",
    "the cartridge's memory chip failed",
    `${another} for new data; access gets slower on this one`,
  ],
  16: [
    "forced eject",
    "critical",
    "volume",
    "the cartridge was ejected by hand while in use",
    "load it again and verify what was written last",
  ],
  17: [
    "read-only format",
    "warning",
    "volume",
    "the cartridge can only be read in this drive",
    `${another} for writing`,
  ],
  18: [
    "tape directory corrupted on load",
    "warning",
    "volume",
    "the tape's directory is damaged: locating gets slow",
    "read to the end of data once, which rebuilds it",
  ],
  19: [
    "nearing medium life",
    "information",
    "volume",
    "the cartridge will soon reach the end of its life",
    "plan to replace it",
  ],
  20: ["cleaning required", "critical", "drive", "the drive must be cleaned", "clean the drive now"],
  21: ["cleaning requested", "warning", "drive", "the drive is due for cleaning", "clean the drive soon"],
  22: [
    "expired cleaning medium",
    "critical",
    "operator",
    "the cleaning cartridge is used up",
    "put in a new cleaning cartridge",
  ],
  23: [
    "invalid cleaning tape",
    "critical",
    "operator",
    "this cleaning cartridge is of the wrong kind",
    "use one that is made for this drive",
  ],
  24: [
    "retension requested",
    "warning",
    "volume",
    "the tape wants to be retensioned",
    "retension it, or write and read it once to its end",
  ],
  25: [
    "multi-port interface error",
    "warning",
    "drive",
    "one of the drive's interfaces failed",
    "check cables, host adapter and switch",
  ],
  26: ["cooling fan failure", "warning", "drive", "a fan of the drive failed", service],
  27: ["power supply failure", "warning", "drive", "a redundant power supply failed", service],
  28: ["power consumption", "warning", "drive", "the drive draws more power than it should", service],
  29: ["drive preventive maintenance", "warning", "drive", "the drive is due for maintenance", service],
  30: [
    "hardware A",
    "critical",
    "drive",
    "the drive failed in a way that a reset may mend",
    "eject the cartridge, then power the drive off and on",
  ],
  31: [
    "hardware B",
    "critical",
    "drive",
    "the drive failed its power-on test",
    `power the drive off and on; if it returns, ${service}`,
  ],
  32: [
    "primary interface",
    "warning",
    "drive",
    "the drive has trouble with its host interface",
    "check cables, host adapter and switch",
  ],
  33: [
    "eject medium",
    "information",
    "operator",
    "the drive wants the cartridge out",
    "eject the cartridge, then load it again",
  ],
  34: [
    "microcode update failed",
    "warning",
    "drive",
    "a microcode update did not succeed",
    "get the right microcode and try again",
  ],
  35: [
    "drive humidity",
    "warning",
    "drive",
    "the humidity is outside the drive's limits",
    "bring the room into its limits",
  ],
  36: ["drive temperature", "warning", "drive", "the temperature is outside the drive's limits", "check cooling"],
  37: ["drive voltage", "warning", "drive", "the supply voltage is outside its limits", "check the power supply"],
  38: ["predictive failure", "critical", "drive", "the drive expects to fail", service],
  39: ["diagnostics required", "warning", "drive", "the drive may be at fault", "run its extended self-test"],
  40: [
    "loader hardware A",
    "critical",
    "library",
    "the loader lost contact with the drive (older devices)",
    "power the library off and on",
  ],
  41: [
    "loader stray tape",
    "critical",
    "library",
    "a cartridge lies where none should be (older devices)",
    "look into the library",
  ],
  42: [
    "loader hardware B",
    "warning",
    "library",
    "the loader has trouble moving cartridges (older devices)",
    "call the library's service",
  ],
  43: ["loader door", "critical", "library", "the loader's door is open (older devices)", "close the door"],
  44: ["loader hardware C", "critical", "library", "the loader failed (older devices)", "call the library's service"],
  45: ["loader magazine", "critical", "library", "the loader has no magazine (older devices)", "put the magazine in"],
  46: [
    "loader predictive failure",
    "warning",
    "library",
    "the loader expects to fail (older devices)",
    "call the library's service",
  ],
  47: [
    "external encryption control",
    "warning",
    "drive",
    "the drive cannot reach its external encryption control",
    "check the library's key management path",
  ],
  48: ["key manager", "warning", "drive", "the key manager reported an error", "check the key manager"],
  49: [
    "diminished native capacity",
    "information",
    "volume",
    "the cartridge holds less than it should",
    "plan to replace it",
  ],
  50: [
    "lost statistics",
    "warning",
    "volume",
    "the cartridge's statistics were lost",
    "nothing; its counters start anew",
  ],
  51: [
    "tape directory invalid at unload",
    "warning",
    "volume",
    "the tape's directory could not be written at unload",
    "load it again and read to the end of data, which rebuilds it",
  ],
  52: ["system area write failure", "critical", "volume", "the system area could not be written", retire],
  53: [
    "system area read failure",
    "critical",
    "volume",
    "the system area could not be read",
    `${retire}, where it still can be read`,
  ],
  54: [
    "no start of data",
    "critical",
    "volume",
    "the beginning of the data was not found",
    "check that the cartridge fits the drive; it may have been erased by a magnet",
  ],
  55: [
    "loading or threading failure",
    "critical",
    "volume",
    "the cartridge could not be loaded",
    "eject it and look at its leader pin; then try it in another drive",
  ],
  56: ["unrecoverable unload failure", "critical", "drive", "the cartridge does not come out", service],
  57: [
    "automation interface",
    "critical",
    "library",
    "the drive has trouble with the library's interface",
    "check the cable between drive and library; call the library's service",
  ],
  58: [
    "microcode failure",
    "warning",
    "drive",
    "the drive's microcode failed and started again",
    "verify what was written last; update the microcode",
  ],
  59: [
    "WORM integrity check failed",
    "warning",
    "volume",
    "a write-once cartridge may have been tampered with",
    "trust nothing on it before it was checked",
  ],
  60: [
    "WORM overwrite attempted",
    "warning",
    "volume",
    "something tried to overwrite a write-once cartridge",
    "append, or use another cartridge",
  ],
  61: [
    "encryption policy violation",
    "warning",
    "drive",
    "a command did not fit the drive's encryption policy",
    "check the encryption settings of drive and library",
  ],
};

const actions: Readonly<Record<number, TapeAlertAction>> = {
  ...Object.fromEntries([4, 6, 8, 9, 12, 13, 14, 17, 52, 54, 59, 60].map((flag) => [flag, "stopVolume"])),
  ...Object.fromEntries([30, 31, 38, 39, 56].map((flag) => [flag, "stopDrive"])),
  ...Object.fromEntries([16, 51, 58].map((flag) => [flag, "verifyPosition"])),
  20: "cleanNow",
  21: "cleanSoon",
};

export const tapeAlertFlags = 64;

/** What a flag means; reserved ones, and numbers that are no flag, are said to be so. */
export function tapeAlert(flag: number): TapeAlert {
  const entry = Object.hasOwn(entries, flag) ? entries[flag] : undefined;
  const [name, severity, scope, text, advice] = entry ?? [
    "reserved",
    "information",
    "drive",
    `flag ${flag} has no meaning in the standard`,
    "ask the drive's manual",
  ];
  return { flag, name, severity, scope, text, advice };
}

/** What the flags together ask for, each action once, the gravest first. */
export function tapeAlertActions(flags: readonly number[]): readonly TapeAlertAction[] {
  const asked = new Set(flags.map((flag) => actions[flag] ?? "note"));
  const gravest: readonly TapeAlertAction[] = [
    "stopDrive",
    "stopVolume",
    "verifyPosition",
    "cleanNow",
    "cleanSoon",
    "note",
  ];
  return gravest.filter((action) => asked.has(action));
}

/**
 * Flags that are set in the eight bytes of log page 12h, and of medium auxiliary memory attribute 0002h: flag 1 is
 * the highest bit of the first byte. Fewer bytes hold fewer flags.
 */
export function tapeAlertsFromBits(bits: Uint8Array): readonly number[] {
  const flags: number[] = [];
  for (let flag = 1; flag <= tapeAlertFlags && flag <= bits.length * 8; flag++) {
    const byte = bits[(flag - 1) >> 3] ?? 0;
    if ((byte & (0x80 >> ((flag - 1) & 7))) !== 0) flags.push(flag);
  }
  return flags;
}

/** Flags that are set in the parameters of log page 2Eh: one a parameter, bit 0 of its only byte. */
export function tapeAlertsFromParameters(
  parameters: readonly { readonly code: number; readonly value: Uint8Array }[],
): readonly number[] {
  const set = parameters.filter(
    ({ code, value }) => code >= 1 && code <= tapeAlertFlags && ((value[0] ?? 0) & 1) === 1,
  );
  return [...new Set(set.map(({ code }) => code))].sort((left, right) => left - right);
}
