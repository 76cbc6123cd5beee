// SPDX-License-Identifier: Apache-2.0
/**
 * Every error that leaves this product, in one table of codes. A message says what was attempted, on what,
 * what the device said, and what to do. Exit codes are an API: scripts depend on them.
 */

/** Exit codes of the command line. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  someUnreadable: 3,
  interrupted: 4,
  needsOperator: 5,
  device: 6,
  catalog: 7,
  signal: 130,
} as const;

/** What was thrown, in a sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

interface CodeEntry {
  readonly exitCode: number;
  /** One line; the reference documentation is generated from it. */
  readonly meaning: string;
}

const table = {
  ERR_TAPE_NOT_READY: { exitCode: 6, meaning: "The device is not ready: nothing is loaded, or it is still loading." },
  ERR_TAPE_MEDIUM: { exitCode: 6, meaning: "The medium could not be read or written at this place." },
  ERR_TAPE_HARDWARE: { exitCode: 6, meaning: "The device reports a hardware fault." },
  ERR_TAPE_ILLEGAL_REQUEST: { exitCode: 6, meaning: "The device refused a command as invalid." },
  ERR_TAPE_UNIT_ATTENTION: { exitCode: 6, meaning: "The device was reset, or its medium changed, behind our back." },
  ERR_TAPE_DATA_PROTECT: { exitCode: 6, meaning: "The medium is write protected." },
  ERR_TAPE_BLANK_CHECK: { exitCode: 6, meaning: "There is no data where data was expected." },
  ERR_TAPE_ABORTED_COMMAND: { exitCode: 6, meaning: "The device gave a command up." },
  ERR_TAPE_VOLUME_OVERFLOW: { exitCode: 6, meaning: "The physical end of the tape was reached." },
  ERR_TAPE_SENSE: { exitCode: 6, meaning: "The device reported a condition with no class of its own." },
  ERR_TAPE_STATUS: {
    exitCode: 6,
    meaning: "A command ended with a SCSI status other than good, such as a reservation conflict.",
  },
  ERR_TAPE_TRANSPORT: { exitCode: 6, meaning: "A command could not be sent, or its outcome is unknown." },
  ERR_TAPE_POSITION: { exitCode: 6, meaning: "The tape is not where the count of blocks says it must be." },
  ERR_TAPE_DEVICE_LOCKED: { exitCode: 6, meaning: "Another process uses this device." },
  ERR_TAPE_DEVICE_RESERVED: { exitCode: 5, meaning: "Another host has the drive reserved." },
  ERR_TAPE_DEVICE_UNKNOWN: { exitCode: 6, meaning: "There is no such drive or changer." },
  ERR_TAPE_FORMAT: { exitCode: 1, meaning: "What stands on the tape is not what the tape format says." },
  ERR_TAPE_FORMAT_NEWER: { exitCode: 1, meaning: "The tape was written by a newer version of this program." },
  ERR_TAPE_CATALOG: { exitCode: 7, meaning: "A catalog operation failed." },
  ERR_TAPE_CATALOG_DAMAGED: {
    exitCode: 7,
    meaning: "A catalog contradicts itself or lost records that had been synchronised.",
  },
  ERR_TAPE_CATALOG_VERSION: {
    exitCode: 7,
    meaning: "The catalog was written by another version, or by another program.",
  },
  ERR_TAPE_CATALOG_FULL: { exitCode: 7, meaning: "The disk that holds the catalog is full." },
  ERR_TAPE_CATALOG_IO: { exitCode: 7, meaning: "The disk that holds the catalog reported an error." },
  ERR_TAPE_RECORD: { exitCode: 7, meaning: "A persistent record is malformed." },
  ERR_TAPE_JOB: { exitCode: 1, meaning: "The job failed." },
  ERR_TAPE_JOB_UNKNOWN: { exitCode: 1, meaning: "There is no job with this id." },
  ERR_TAPE_JOB_STATE: { exitCode: 1, meaning: "The job's state does not allow this." },
  ERR_TAPE_JOB_LOCKED: { exitCode: 1, meaning: "Another process runs this job." },
  ERR_TAPE_JOB_EXCEPTIONS: {
    exitCode: 3,
    meaning: "The job finished, but some objects could not be read or restored.",
  },
  ERR_TAPE_JOB_INTERRUPTED: { exitCode: 4, meaning: "The job was interrupted and can be resumed." },
  ERR_TAPE_KILLED: { exitCode: 130, meaning: "Stopped at once by a second interrupt." },
  ERR_TAPE_JOB_PAUSED: {
    exitCode: 4,
    meaning: "The job stopped at a checkpoint; it goes on when what the message names is done, and it is resumed.",
  },
  ERR_TAPE_PROTOCOL: { exitCode: 1, meaning: "Two parts of the system did not understand one another." },
  ERR_TAPE_CONFIG: { exitCode: 2, meaning: "The configuration cannot be used." },
  ERR_TAPE_USAGE: { exitCode: 2, meaning: "The command line cannot be understood." },
  ERR_TAPE_SOURCE: { exitCode: 2, meaning: "A source volume does not exist or is no directory." },
  ERR_TAPE_TARGET: { exitCode: 2, meaning: "The target folder of a restore cannot be used." },
  ERR_TAPE_ADDON: { exitCode: 1, meaning: "The native addon is missing or does not fit this Node.js." },
  ERR_TAPE_OPERATOR: { exitCode: 5, meaning: "Something only the operator can do is needed." },
  ERR_TAPE_CARTRIDGE_MISSING: { exitCode: 5, meaning: "The wanted cartridge is not in the library." },
  ERR_TAPE_CARTRIDGE_UNLABELLED: { exitCode: 5, meaning: "The cartridge carries no label." },
  ERR_TAPE_CARTRIDGE_FOREIGN: { exitCode: 5, meaning: "The cartridge belongs to another product." },
  ERR_TAPE_CARTRIDGE_WRONG: { exitCode: 5, meaning: "The cartridge is not the one its barcode promises." },
  ERR_TAPE_CARTRIDGE_PROTECTED: { exitCode: 5, meaning: "The cartridge is write protected." },
  ERR_TAPE_POOL_EXHAUSTED: { exitCode: 5, meaning: "The pool has no cartridge left that can be written." },
  ERR_TAPE_VOLUME_ALTERED: { exitCode: 5, meaning: "A tape volume no longer holds what had been made durable on it." },
  ERR_TAPE_INTERNAL: { exitCode: 1, meaning: "An error in this program." },
} as const satisfies Record<string, CodeEntry>;

/** Codes of all errors, each with its exit code and meaning in {@link errorTable}. They never change their meaning. */
export type TapeErrorCode = keyof typeof table;

/** Code, exit code and meaning of every error. */
export const errorTable: Readonly<Record<TapeErrorCode, CodeEntry>> = table;

/** What an error is told beside its message. */
export interface TapeErrorOptions<Code extends TapeErrorCode = TapeErrorCode> {
  /** A more exact code than the class's own. */
  readonly code?: Code;
  readonly cause?: unknown;
}

/** Base of every error that this product throws on purpose. */
export class TapeError extends Error {
  /** What programs decide by. */
  readonly code: TapeErrorCode;
  /** What the command line ends with. */
  readonly exitCode: number;

  constructor(message: string, options: TapeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? "ERR_TAPE_INTERNAL";
    this.exitCode = errorTable[this.code].exitCode;
  }

  /** The name of the class. Not an own field: a printed error then shows it once. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** Sense keys of SPC-5 table 49 that an error class stands for. */
const senseKeyNames: readonly string[] = [
  "No Sense",
  "Recovered Error",
  "Not Ready",
  "Medium Error",
  "Hardware Error",
  "Illegal Request",
  "Unit Attention",
  "Data Protect",
  "Blank Check",
  "Vendor Specific",
  "Copy Aborted",
  "Aborted Command",
  "Reserved",
  "Volume Overflow",
  "Miscompare",
  "Completed",
];

/** What a device said, as decoded sense data (SPC-5 clause 4.4). */
export interface SenseFacts {
  readonly senseKey: number;
  readonly asc: number;
  readonly ascq: number;
  /** The error belongs to an earlier command whose data was buffered (SPC-5 clause 4.4.7). */
  readonly deferred: boolean;
  readonly information?: bigint;
  /** Name of the command, such as `WRITE(6)`. */
  readonly command?: string;
}

/** `Medium Error 3/0C/00`. */
export function senseText(facts: Pick<SenseFacts, "senseKey" | "asc" | "ascq">): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  return `${senseKeyNames[facts.senseKey & 15] ?? ""} ${(facts.senseKey & 15).toString(16).toUpperCase()}/${hex(facts.asc)}/${hex(facts.ascq)}`;
}

/** CHECK CONDITION. Subclasses exist where callers act on them. */
export class SenseError extends TapeError {
  /** SENSE KEY, 0 to 15 (SPC-5 table 49). */
  readonly senseKey: number;
  /** ADDITIONAL SENSE CODE. */
  readonly asc: number;
  /** ADDITIONAL SENSE CODE QUALIFIER. */
  readonly ascq: number;
  /** It concerns an earlier command, whose data was buffered; the one that got it was not carried out. */
  readonly deferred: boolean;
  /** INFORMATION, signed: what was asked less what was done, in bytes, blocks or filemarks as the command counts. */
  readonly information: bigint | undefined;
  /** Name of the command, such as `WRITE(6)`. */
  readonly command: string | undefined;

  constructor(message: string, facts: SenseFacts, options: TapeErrorOptions = {}) {
    super(message, { code: "ERR_TAPE_SENSE", ...options });
    this.senseKey = facts.senseKey;
    this.asc = facts.asc;
    this.ascq = facts.ascq;
    this.deferred = facts.deferred;
    this.information = facts.information;
    this.command = facts.command;
  }
}

/** Sense key 2: no medium, still loading, or something that only an operator can do (SPC-5 table 49). */
export class NotReadyError extends SenseError {}
/** Sense key 3: this place of the medium cannot be read, written or found. */
export class MediumError extends SenseError {}
/** Sense key 4: the device is at fault, and says that repeating does not help. */
export class HardwareError extends SenseError {}
/** Sense key 5: the device has no such command or setting, or not in this state. Nothing was carried out. */
export class IllegalRequestError extends SenseError {}
/** Sense key 6: something happened since the last command, which was not carried out: a reset, another medium. */
export class UnitAttentionError extends SenseError {}
/** Sense key 7: write protection, WORM, append-only mode, or encryption without the right key. */
export class DataProtectError extends SenseError {}
/** Sense key 8: the end of data, where more was expected. */
export class BlankCheckError extends SenseError {}
/** Sense key Bh: the device gave the command up; how far it got is not known. */
export class AbortedCommandError extends SenseError {}
/** Sense key Dh: the physical end of the tape. Data in the buffer was not written. */
export class VolumeOverflowError extends SenseError {}

type SenseClass = new (message: string, facts: SenseFacts, options?: TapeErrorOptions) => SenseError;

const senseClasses: ReadonlyMap<number, readonly [SenseClass, TapeErrorCode]> = new Map<
  number,
  readonly [SenseClass, TapeErrorCode]
>([
  [0x2, [NotReadyError, "ERR_TAPE_NOT_READY"]],
  [0x3, [MediumError, "ERR_TAPE_MEDIUM"]],
  [0x4, [HardwareError, "ERR_TAPE_HARDWARE"]],
  [0x5, [IllegalRequestError, "ERR_TAPE_ILLEGAL_REQUEST"]],
  [0x6, [UnitAttentionError, "ERR_TAPE_UNIT_ATTENTION"]],
  [0x7, [DataProtectError, "ERR_TAPE_DATA_PROTECT"]],
  [0x8, [BlankCheckError, "ERR_TAPE_BLANK_CHECK"]],
  [0xb, [AbortedCommandError, "ERR_TAPE_ABORTED_COMMAND"]],
  [0xd, [VolumeOverflowError, "ERR_TAPE_VOLUME_OVERFLOW"]],
]);

/**
 * The error of the class that stands for a sense key.
 * @param attempt What was attempted and on what: `write of block 8112 to LTO042L9 (drive 0)`.
 * @param advice What to do: `The job can be resumed: tidemark job resume 17.`
 */
export function senseError(
  attempt: string,
  facts: SenseFacts,
  advice = "",
  options: TapeErrorOptions = {},
): SenseError {
  const deferred = facts.deferred ? " (deferred: it concerns earlier data)" : "";
  const message = `${attempt} failed: ${senseText(facts)}${deferred}${advice === "" ? "" : `. ${advice}`}`;
  const [ErrorClass, code] = senseClasses.get(facts.senseKey) ?? [SenseError, "ERR_TAPE_SENSE" as const];
  return new ErrorClass(message, facts, { code, ...options });
}

/** A SCSI status other than GOOD and CHECK CONDITION, such as RESERVATION CONFLICT. */
export class StatusError extends TapeError {
  /** The status byte: 08h BUSY, 18h RESERVATION CONFLICT, 28h TASK SET FULL, 40h TASK ABORTED (SAM-6 5.3). */
  readonly scsiStatus: number;

  constructor(message: string, scsiStatus: number, options: TapeErrorOptions = {}) {
    super(message, { code: "ERR_TAPE_STATUS", ...options });
    this.scsiStatus = scsiStatus;
  }
}

/** The command did not reach the device (`notSent`), or nobody knows whether it was carried out (`unknown`). */
export class TransportError extends TapeError {
  /** `notSent`: the device never saw it. `unknown`: it may have been carried out, and must not simply be repeated. */
  readonly outcome: "notSent" | "unknown";

  constructor(message: string, outcome: "notSent" | "unknown", options: TapeErrorOptions = {}) {
    super(message, { code: "ERR_TAPE_TRANSPORT", ...options });
    this.outcome = outcome;
  }
}

/** A device is in use, unknown, or not where it must be. */
export class DeviceError extends TapeError {
  constructor(
    message: string,
    options: TapeErrorOptions<"ERR_TAPE_POSITION" | "ERR_TAPE_DEVICE_LOCKED" | "ERR_TAPE_DEVICE_UNKNOWN"> = {},
  ) {
    super(message, { code: "ERR_TAPE_POSITION", ...options });
  }
}

/** Bytes on a tape, or in an archive, are not what the format says. */
export class FormatError extends TapeError {
  constructor(message: string, options: TapeErrorOptions<"ERR_TAPE_FORMAT" | "ERR_TAPE_FORMAT_NEWER"> = {}) {
    super(message, { code: "ERR_TAPE_FORMAT", ...options });
  }
}

/** Codes of {@link CatalogError}. */
export type CatalogErrorCode =
  | "ERR_TAPE_CATALOG"
  | "ERR_TAPE_CATALOG_DAMAGED"
  | "ERR_TAPE_CATALOG_VERSION"
  | "ERR_TAPE_CATALOG_FULL"
  | "ERR_TAPE_CATALOG_IO"
  | "ERR_TAPE_RECORD";

/** A temporary catalog, a disk-based catalog or the catalog store failed. */
export class CatalogError extends TapeError {
  constructor(message: string, options: TapeErrorOptions<CatalogErrorCode> = {}) {
    super(message, { code: "ERR_TAPE_CATALOG", ...options });
  }
}

/** A job cannot do what was asked, or has ended otherwise than wished. */
export class JobError extends TapeError {
  constructor(message: string, options: TapeErrorOptions = {}) {
    super(message, { code: "ERR_TAPE_JOB", ...options });
  }
}

/** Two roles did not understand one another. */
export class ProtocolError extends TapeError {
  constructor(message: string, options: TapeErrorOptions<"ERR_TAPE_PROTOCOL"> = {}) {
    super(message, { code: "ERR_TAPE_PROTOCOL", ...options });
  }
}

/** What the operator wrote cannot be used: configuration, command line, source or target. */
export class ConfigError extends TapeError {
  constructor(
    message: string,
    options: TapeErrorOptions<"ERR_TAPE_CONFIG" | "ERR_TAPE_USAGE" | "ERR_TAPE_SOURCE" | "ERR_TAPE_TARGET"> = {},
  ) {
    super(message, { code: "ERR_TAPE_CONFIG", ...options });
  }
}

/** Codes of {@link OperatorError}. */
export type OperatorErrorCode =
  | "ERR_TAPE_OPERATOR"
  | "ERR_TAPE_CARTRIDGE_MISSING"
  | "ERR_TAPE_CARTRIDGE_UNLABELLED"
  | "ERR_TAPE_CARTRIDGE_FOREIGN"
  | "ERR_TAPE_CARTRIDGE_WRONG"
  | "ERR_TAPE_CARTRIDGE_PROTECTED"
  | "ERR_TAPE_POOL_EXHAUSTED"
  | "ERR_TAPE_DEVICE_RESERVED"
  | "ERR_TAPE_VOLUME_ALTERED";

/** The system cannot go on without the operator; the message names what is wanted. */
export class OperatorError extends TapeError {
  constructor(message: string, options: TapeErrorOptions<OperatorErrorCode> = {}) {
    super(message, { code: "ERR_TAPE_OPERATOR", ...options });
  }
}
