// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that say how it is: they move no tape and clear nothing that they need not. */
import type { Command } from "commander";
import {
  additionalSense,
  attributeValue,
  densityText,
  driveActivity,
  mtStatus,
  mtStatusText,
} from "../device/index.ts";
import type { DriveFacts, NativeResult, Position, TapeDrive } from "../device/index.ts";
import { DeviceError, IllegalRequestError } from "../errors.ts";
import { deviceCodes, withDrive, withDriveOptions, withReadyDrive } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText, tableText } from "./table.ts";
import { countText, sizeText } from "./text.ts";
import { UsageError } from "./usage-error.ts";

export function addDriveStatus(drive: Command, run: Runner): void {
  const status = withDriveOptions(drive.command("status"))
    .description("Show a drive's state, its medium and how it is set. Moves no tape.")
    .option("--format <format>", "text, or mt: as mt prints it, as far as SCSI tells", "text")
    .action(run(showStatus));
  document(status, ["tidemark drive status", "tidemark drive status --drive 0 --format mt"], deviceCodes);
  const position = withDriveOptions(drive.command("position"))
    .description("Show where the tape stands. Moves no tape.")
    .action(run(showPosition));
  document(position, ["tidemark drive position"], deviceCodes);
  const density = withDriveOptions(drive.command("density"))
    .description("Show the formats that the drive can read and write, and those of the medium in it. Moves no tape.")
    .action(run(showDensities));
  document(density, ["tidemark drive density"], deviceCodes);
}

/** Whatever the drive or its medium does not tell is absent. */
interface DriveState {
  readonly drive: string;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serialNumber: string;
  readonly medium: DriveFacts["medium"];
  /** Why it is not ready. */
  readonly notReady?: string;
  /** Unit attentions that were waiting; asking takes them. */
  readonly attentions?: readonly string[];
  readonly activity?: string;
  readonly cleaning?: "required" | "requested";
  readonly removalPrevented?: boolean;
  readonly density?: string;
  readonly densityCode?: number;
  readonly mediumSerialNumber?: string;
  readonly barcode?: string;
  readonly writeProtected?: boolean;
  readonly worm?: boolean;
  readonly blockBytes?: number;
  readonly position?: Position;
  readonly compression?: boolean;
  readonly encryption?: string;
  readonly alerts?: readonly number[];
}

async function showStatus(session: Session, options: DriveOptions & { readonly format: string }): Promise<ExitCode> {
  if (options.format !== "text" && options.format !== "mt") {
    throw new UsageError(`there is no format "${options.format}": write text or mt`);
  }
  const state = await withDrive(session, options, (drive, { name }) => driveState(drive, name));
  if (options.format === "mt") session.terminal.writeOut(mtStatusText(mtStatus(mtFacts(state))));
  else session.print({ ...state }, () => stateText(state));
  return exitCodes.done;
}

async function driveState(drive: TapeDrive, name: string): Promise<DriveState> {
  const { vendor, product, revision, serialNumber } = await drive.inquiry();
  const { ready, attentions, notReady } = await drive.attend();
  const status = await drive.driveStatus();
  const encryption = await drive.encryptionStatus();
  const identity = { drive: name, vendor, product, revision, serialNumber };
  const cleaning = cleaningOf(status);
  return withoutAbsent<DriveState>({
    ...identity,
    medium: ready ? "ready" : mediumOf(notReady),
    notReady: notReady === undefined ? undefined : resultText(notReady),
    attentions: attentions.length === 0 ? undefined : attentions.map(resultText),
    activity: status?.initialized === true ? driveActivity(status.activity) : undefined,
    cleaning,
    removalPrevented: status?.initialized === true ? status.prevented : undefined,
    encryption: encryption === undefined ? undefined : `${encryption.encryption}, reading ${encryption.decryption}`,
    compression: (await drive.compression())?.compress,
    alerts: await drive.tapeAlertFlags(),
    ...(ready ? await mediumState(drive) : {}),
  });
}

async function mediumState(drive: TapeDrive): Promise<Partial<DriveState>> {
  const mode = await drive.modeStatus();
  const barcode = await drive.attribute(0x0806);
  const barcodeText =
    barcode === undefined
      ? undefined
      : attributeValue({ id: 0x0806, readOnly: false, format: "ascii", value: barcode }).value;
  return withoutAbsent<Partial<DriveState>>({
    density: densityText(mode.density),
    densityCode: mode.density,
    mediumSerialNumber: await drive.mediumSerial(),
    barcode: typeof barcodeText === "string" ? barcodeText : undefined,
    writeProtected: mode.writeProtected,
    worm: mode.worm,
    blockBytes: mode.blockBytes,
    position: await positionIfTold(drive),
  });
}

/**
 * A drive that cannot tell is not at fault: the rest of its status is worth showing. There are drives that answer zeros
 * in one form of READ POSITION and that they do not know in another: a zero counts only where the forms agree.
 */
export async function positionIfTold(drive: TapeDrive): Promise<Position | undefined> {
  try {
    const position = await drive.position();
    if (!position.known) return undefined;
    if (position.objectNumber > 0n) return position;
    const { value: shortForm } = await drive.native.positionForm("short");
    return shortForm?.known === false ? undefined : position;
  } catch (error) {
    if (error instanceof IllegalRequestError || error instanceof DeviceError) return undefined;
    throw error;
  }
}

function cleaningOf(status: Awaited<ReturnType<TapeDrive["driveStatus"]>>): DriveState["cleaning"] | undefined {
  if (status?.initialized !== true) return undefined;
  if (status.cleaningRequired) return "required";
  return status.cleaningRequested ? "requested" : undefined;
}

/** 3Ah: no medium (SPC-5 annex F). */
function mediumOf(notReady: NativeResult | undefined): DriveFacts["medium"] {
  return notReady?.sense?.asc === 0x3a ? "none" : "notReady";
}

function resultText({ sense }: NativeResult): string {
  return sense === undefined ? "no sense data" : additionalSense(sense.senseKey, sense.asc, sense.ascq).text;
}

function mtFacts(state: DriveState): DriveFacts {
  const { medium, position, writeProtected, blockBytes, densityCode } = state;
  return withoutAbsent<DriveFacts>({
    medium,
    position,
    writeProtected,
    blockBytes,
    densityCode,
    cleaningRequested: state.cleaning !== undefined,
  });
}

const mediumTexts: Readonly<Record<DriveFacts["medium"], string>> = {
  ready: "ready",
  notReady: "not ready",
  none: "empty",
};

function stateText(state: DriveState): string {
  const yes = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? "yes" : "no";
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ["Drive", state.drive],
    ["Product", `${state.vendor.trim()} ${state.product.trim()} ${state.revision.trim()}`],
    ["Serial number", state.serialNumber.trim()],
    ["State", `${mediumTexts[state.medium]}${state.notReady === undefined ? "" : ` (${state.notReady})`}`],
    ["Since last asked", state.attentions?.join("; ")],
    ["Activity", state.activity],
    ["Cleaning", state.cleaning],
    ["TapeAlert", state.alerts === undefined ? undefined : alertsText(state.alerts)],
    ["Medium", state.density],
    ["Medium serial number", state.mediumSerialNumber],
    ["Barcode", state.barcode],
    ["Write protected", yes(state.writeProtected)],
    ["Write-once", yes(state.worm)],
    ["Position", state.medium === "ready" ? positionText(state.position) : undefined],
    ["Block size", state.blockBytes === undefined ? undefined : blockSizeText(state.blockBytes)],
    ["Compression", state.compression === undefined ? undefined : state.compression ? "on" : "off"],
    ["Encryption", state.encryption],
    ["Removal prevented", yes(state.removalPrevented)],
  ];
  return fieldsText(fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function alertsText(alerts: readonly number[]): string {
  return alerts.length === 0 ? "none" : `flags ${alerts.join(", ")}: see "tidemark drive alerts"`;
}

export function blockSizeText(bytes: number): string {
  return bytes === 0 ? "variable" : `${countText(bytes)} bytes, fixed`;
}

export function positionText(position: Position | undefined): string {
  if (position?.known !== true) return "the drive does not tell";
  const parts = [
    `object ${countText(position.objectNumber)}`,
    position.fileNumber === undefined ? "" : `tape file ${countText(position.fileNumber)}`,
    `partition ${position.partition}`,
    position.beginningOfPartition ? "at its beginning" : "",
    position.endOfPartition ? "past early warning" : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

async function showPosition(session: Session, options: DriveOptions): Promise<ExitCode> {
  const position = await withReadyDrive(session, options, (drive) => positionIfTold(drive));
  session.print({ position: position ?? { known: false } }, () => positionText(position));
  return exitCodes.done;
}

async function showDensities(session: Session, options: DriveOptions): Promise<ExitCode> {
  const [drive, medium] = await withDrive(session, options, async (opened) => {
    const { ready } = await opened.attend();
    return [await opened.densities("drive"), ready ? await opened.densities("medium") : undefined] as const;
  });
  session.print({ drive: drive ?? [], medium: medium ?? [] }, () => {
    const list = drive ?? medium ?? [];
    if (list.length === 0) return "the drive does not tell which formats it knows";
    const ofMedium = new Set((medium ?? []).map(({ primary }) => primary));
    return tableText(
      [
        { title: "DENSITY" },
        { title: "NAME" },
        { title: "WRITES" },
        { title: "MEDIUM" },
        { title: "CAPACITY", align: "right" },
        { title: "DESCRIPTION" },
      ],
      list.map((each) => [
        densityText(each.primary),
        each.name.trim(),
        each.writable ? "yes" : "no",
        ofMedium.has(each.primary) ? "here" : "",
        sizeText(BigInt(each.capacityMegabytes) * 1_000_000n),
        each.description.trim(),
      ]),
    );
  });
  return exitCodes.done;
}

function withoutAbsent<T extends object>(fields: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
