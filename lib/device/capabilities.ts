// SPDX-License-Identifier: Apache-2.0
/**
 * What a device truthfully has, asked once. REPORT SUPPORTED OPERATION CODES where the device knows it; else the
 * commands that change nothing are tried, and of the others only using them will show.
 */
import type { NativeDevice, NativeResult, PositionForm, SupportedOperation } from "../native/binding.ts";
import { hex } from "./device.ts";
import { isRejected, isUnknownCommand } from "./result-kind.ts";
import type { MediumChanger } from "./medium-changer.ts";
import type { TapeDrive } from "./tape-drive.ts";

/** `untested`: the device does not tell, and trying would move the tape or change something. */
export type CommandSupport = "yes" | "no" | "untested";

interface CommandCode {
  readonly operationCode: number;
  readonly serviceAction?: number;
}

/** SSC-5 and SPC-5. */
const driveCommands = {
  "ALLOW OVERWRITE": { operationCode: 0x82 },
  "ERASE(6)": { operationCode: 0x19 },
  "FORMAT MEDIUM": { operationCode: 0x04 },
  "GENERATE RECOMMENDED ACCESS ORDER": { operationCode: 0xa4, serviceAction: 0x1d },
  "LOAD UNLOAD": { operationCode: 0x1b },
  "LOCATE(10)": { operationCode: 0x2b },
  "LOCATE(16)": { operationCode: 0x92 },
  "LOG SELECT": { operationCode: 0x4c },
  "LOG SENSE": { operationCode: 0x4d },
  "MODE SELECT(10)": { operationCode: 0x55 },
  "MODE SELECT(6)": { operationCode: 0x15 },
  "MODE SENSE(10)": { operationCode: 0x5a },
  "MODE SENSE(6)": { operationCode: 0x1a },
  "PERSISTENT RESERVE IN": { operationCode: 0x5e },
  "PERSISTENT RESERVE OUT": { operationCode: 0x5f },
  "PREVENT ALLOW MEDIUM REMOVAL": { operationCode: 0x1e },
  "READ ATTRIBUTE": { operationCode: 0x8c },
  "READ BLOCK LIMITS": { operationCode: 0x05 },
  "READ POSITION": { operationCode: 0x34 },
  "REPORT DENSITY SUPPORT": { operationCode: 0x44 },
  "REPORT LUNS": { operationCode: 0xa0 },
  REWIND: { operationCode: 0x01 },
  "SECURITY PROTOCOL IN": { operationCode: 0xa2 },
  "SECURITY PROTOCOL OUT": { operationCode: 0xb5 },
  "SEND DIAGNOSTIC": { operationCode: 0x1d },
  "SET CAPACITY": { operationCode: 0x0b },
  "SPACE(16)": { operationCode: 0x91 },
  "SPACE(6)": { operationCode: 0x11 },
  "VERIFY(6)": { operationCode: 0x13 },
  "WRITE ATTRIBUTE": { operationCode: 0x8d },
  "WRITE FILEMARKS(6)": { operationCode: 0x10 },
} as const satisfies Record<string, CommandCode>;

/** SMC-3 and SPC-5. */
const changerCommands = {
  "EXCHANGE MEDIUM": { operationCode: 0xa6 },
  "INITIALIZE ELEMENT STATUS": { operationCode: 0x07 },
  "INITIALIZE ELEMENT STATUS WITH RANGE": { operationCode: 0x37 },
  "LOG SENSE": { operationCode: 0x4d },
  "MODE SENSE(10)": { operationCode: 0x5a },
  "MODE SENSE(6)": { operationCode: 0x1a },
  "MOVE MEDIUM": { operationCode: 0xa5 },
  "OPEN/CLOSE IMPORT/EXPORT ELEMENT": { operationCode: 0x1b },
  "PERSISTENT RESERVE IN": { operationCode: 0x5e },
  "POSITION TO ELEMENT": { operationCode: 0x2b },
  "PREVENT ALLOW MEDIUM REMOVAL": { operationCode: 0x1e },
  "READ ELEMENT STATUS": { operationCode: 0xb8 },
  "REPORT LUNS": { operationCode: 0xa0 },
  "REQUEST VOLUME ELEMENT ADDRESS": { operationCode: 0xb5 },
  "SEND VOLUME TAG": { operationCode: 0xb6 },
} as const satisfies Record<string, CommandCode>;

/** Names of the commands that {@link probeDrive} asks for. */
export type DriveCommand = keyof typeof driveCommands;
/** Names of the commands that {@link probeChanger} asks for. */
export type ChangerCommand = keyof typeof changerCommands;

/** Common part of what a probe finds. */
export interface DeviceCapabilities<Command extends string> {
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serialNumber: string;
  /** The device listed its commands itself. */
  readonly reportsOperations: boolean;
  readonly commands: Readonly<Record<Command, CommandSupport>>;
  /** Seconds, by command, as the device recommends them. */
  readonly timeoutSeconds: Readonly<Partial<Record<Command, number>>>;
  readonly vitalPages: readonly number[];
  readonly logPages: readonly number[];
  /** `10h` or `10h/01h`. */
  readonly modePages: readonly string[];
}

/**
 * Of a form of READ POSITION. `proved`: it told what was counted; `untruthful`: it told something else; `reported`: it
 * answers, and nothing could be compared; `unknown`: it answers that it does not know; `untested`: no tape is loaded.
 */
export type PositionFormSupport = "proved" | "untruthful" | "reported" | "unknown" | "no" | "untested";

/** What {@link probeDrive} finds. */
export interface DriveCapabilities extends DeviceCapabilities<DriveCommand> {
  readonly positionForms: Readonly<Record<PositionForm, PositionFormSupport>>;
  /** Bytes; `undefined` where the drive does not tell. */
  readonly blockLimits?: { readonly minimumBytes: number; readonly maximumBytes: number };
  /** The most bytes that one command carries on the way to the drive; absent where the way knows no limit. */
  readonly transferLimitBytes?: number;
  readonly compression: boolean;
  readonly encryption: boolean;
  readonly logicalBlockProtection: boolean;
  readonly partitions: boolean;
  /** `undefined` where no tape is loaded that could tell. */
  readonly mediumAuxiliaryMemory?: boolean;
}

/** What {@link probeChanger} finds. */
export interface ChangerCapabilitiesFound extends DeviceCapabilities<ChangerCommand> {
  readonly elements: Readonly<Record<"transport" | "storage" | "importExport" | "dataTransfer", number>>;
  /** The element of every drive tells its serial number (DVCID). */
  readonly identifiesDrives: boolean;
}

/** Probes a drive; sends nothing that moves the tape, writes, or clears a counter. */
export async function probeDrive(drive: TapeDrive): Promise<DriveCapabilities> {
  const common = await probeCommon<DriveCommand>(drive, driveCommands, () => triedDriveCommands(drive));
  const limits = await drive.native.readBlockLimits();
  const transferLimitBytes = await drive.transferLimit();
  const positionForms = await probePositionForms(drive);
  const attributes = await drive.native.attributeList(0);
  return {
    ...common,
    positionForms,
    ...(limits.value === undefined
      ? {}
      : { blockLimits: { minimumBytes: limits.value.minimumBytes, maximumBytes: limits.value.maximumBytes } }),
    ...(transferLimitBytes === undefined ? {} : { transferLimitBytes }),
    compression: (await drive.native.compression()).value?.capable ?? false,
    encryption: ((await drive.native.encryptionCapabilities()).value?.algorithms.length ?? 0) > 0,
    logicalBlockProtection: (await drive.native.blockProtection()).value !== undefined,
    partitions: ((await drive.native.partitions()).value?.maximumAdditional ?? 0) > 0,
    ...(isNotReady(attributes.result) ? {} : { mediumAuxiliaryMemory: (attributes.value?.length ?? 0) > 0 }),
  };
}

/** Probes a changer; moves nothing. */
export async function probeChanger(changer: MediumChanger): Promise<ChangerCapabilitiesFound> {
  const common = await probeCommon<ChangerCommand>(changer, changerCommands, () => triedCommonCommands(changer.native));
  const addresses = await changer.elementAddresses();
  const elements = await changer.elements();
  return {
    ...common,
    elements: {
      transport: addresses.transport.count,
      storage: addresses.storage.count,
      importExport: addresses.importExport.count,
      dataTransfer: addresses.dataTransfer.count,
    },
    identifiesDrives: elements.every((each) => each.type !== "dataTransfer" || each.driveSerialNumber !== undefined),
  };
}

type Tried = Readonly<Record<string, NativeResult>>;

async function probeCommon<Command extends string>(
  device: TapeDrive | MediumChanger,
  commands: Readonly<Record<Command, CommandCode>>,
  tryCommands: () => Promise<Tried>,
): Promise<DeviceCapabilities<Command>> {
  const { vendor, product, revision, serialNumber } = await device.inquiry();
  const operations = await device.supportedOperations();
  const tried = operations === undefined ? await tryCommands() : {};
  const names = Object.keys(commands) as Command[];
  const supportOf = (name: Command): CommandSupport =>
    operations === undefined ? triedSupport(tried[name]) : listedSupport(operations, commands[name]);
  const timeouts = names.flatMap((name) => {
    const seconds = operations?.find((each) => isSame(each, commands[name]))?.timeouts?.recommendedSeconds;
    return seconds === undefined || seconds === 0 ? [] : [[name, seconds] as const];
  });
  const logPages = (await device.logPageCodes()) ?? [];
  const modePages = await device.modePages();
  return {
    vendor,
    product,
    revision,
    serialNumber,
    reportsOperations: operations !== undefined,
    commands: Object.fromEntries(names.map((name) => [name, supportOf(name)])) as Record<Command, CommandSupport>,
    timeoutSeconds: Object.fromEntries(timeouts) as Partial<Record<Command, number>>,
    vitalPages: await device.vitalPageCodes(),
    logPages: [...new Set(logPages.map(({ page }) => page))],
    modePages: modePages.map(({ code, subpage }) => (subpage === 0 ? hex(code) : `${hex(code)}/${hex(subpage)}`)),
  };
}

/** Those that can be sent without harm, by drives and changers alike. */
async function triedCommonCommands(native: NativeDevice): Promise<Tried> {
  return {
    "LOG SENSE": (await native.supportedLogPages()).result,
    "PERSISTENT RESERVE IN": (await native.reservationKeys()).result,
    "REPORT LUNS": (await native.logicalUnits()).result,
  };
}

async function triedDriveCommands(drive: TapeDrive): Promise<Tried> {
  const { native } = drive;
  return {
    ...(await triedCommonCommands(native)),
    "READ ATTRIBUTE": (await native.attributeList(0)).result,
    "READ BLOCK LIMITS": (await native.readBlockLimits()).result,
    "READ POSITION": (await native.positionForm("short")).result,
    "REPORT DENSITY SUPPORT": (await native.densities(false)).result,
    "SECURITY PROTOCOL IN": (await native.encryptionCapabilities()).result,
  };
}

/** Done, or refused for what it asks, says yes; "no" is only what the device says of the command itself. */
function triedSupport(result: NativeResult | undefined): CommandSupport {
  if (result === undefined) return "untested";
  if (isUnknownCommand(result)) return "no";
  return isGood(result) || isRejected(result) ? "yes" : "untested";
}

function isGood({ outcome, scsiStatus }: NativeResult): boolean {
  return outcome === "completed" && scsiStatus === 0;
}

/** A device may say this before it looks at the command. */
function isNotReady({ sense }: NativeResult): boolean {
  return sense?.senseKey === 2;
}

function listedSupport(operations: readonly SupportedOperation[], wanted: CommandCode): CommandSupport {
  return operations.some((each) => isSame(each, wanted)) ? "yes" : "no";
}

function isSame(operation: SupportedOperation, { operationCode, serviceAction }: CommandCode): boolean {
  return (
    operation.operationCode === operationCode &&
    (serviceAction === undefined || operation.serviceAction === undefined || operation.serviceAction === serviceAction)
  );
}

async function probePositionForms(drive: TapeDrive): Promise<DriveCapabilities["positionForms"]> {
  const counted = drive.countedPosition;
  const support = async (form: PositionForm): Promise<PositionFormSupport> => {
    const { result, value } = await drive.native.positionForm(form);
    if (isNotReady(result)) return "untested";
    if (isRejected(result) || value === undefined) return "no";
    if (!value.known) return "unknown";
    // At the beginning all drives say zero: that proves nothing.
    if (counted === undefined || counted === 0n) return "reported";
    return value.objectNumber === counted ? "proved" : "untruthful";
  };
  return { short: await support("short"), long: await support("long"), extended: await support("extended") };
}
