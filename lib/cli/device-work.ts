// SPDX-License-Identifier: Apache-2.0
/** What every drive and changer command does first and last: finds the device, opens it, and closes it. */
import type { Command } from "commander";
import { MediumChanger } from "../device/medium-changer.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";
import { findDevice } from "./device-name.ts";
import type { NamedDevice } from "./device-name.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Session } from "./session.ts";

export interface DriveOptions {
  readonly drive?: string;
  readonly trace?: string;
}

export interface ChangerOptions {
  readonly changer?: string;
  readonly trace?: string;
}

/** Codes that a command on a device can end with. */
export const deviceCodes: readonly ExitCode[] = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.needsOperator,
  exitCodes.device,
];

const traceHelp = "append every command sent to this file, as JSON lines";

export function withDriveOptions(command: Command): Command {
  return command
    .option("--drive <name>", "address (/dev/sg3, iscsi://...), serial number or number (default: the only one)")
    .option("--trace <file>", traceHelp);
}

export function withChangerOptions(command: Command): Command {
  return command
    .option("--changer <name>", "address (/dev/sg4, iscsi://...) or serial number (default: the only one)")
    .option("--trace <file>", traceHelp);
}

/** Opens the drive that was named, works with it and closes it, whatever happens. */
export async function withDrive<T>(
  session: Session,
  options: DriveOptions,
  work: (drive: TapeDrive, named: NamedDevice) => Promise<T>,
): Promise<T> {
  const named = await findDevice(session, "drive", options.drive);
  const drive = TapeDrive.open(named.address);
  try {
    return await work(drive, named);
  } finally {
    await drive.close();
  }
}

/** The same, with a medium that is ready. @throws OperatorError where there is none */
export async function withReadyDrive<T>(
  session: Session,
  options: DriveOptions,
  work: (drive: TapeDrive, named: NamedDevice) => Promise<T>,
): Promise<T> {
  return withDrive(session, options, async (drive, named) => {
    const { ready } = await drive.attend();
    if (ready) return work(drive, named);
    throw new OperatorError(`${named.name} is not ready: it has no medium, or is still loading it`);
  });
}

export async function withChanger<T>(
  session: Session,
  options: ChangerOptions,
  work: (changer: MediumChanger, named: NamedDevice) => Promise<T>,
): Promise<T> {
  const named = await findDevice(session, "changer", options.changer);
  const changer = MediumChanger.open(named.address);
  try {
    await changer.attend();
    return await work(changer, named);
  } finally {
    await changer.close();
  }
}
