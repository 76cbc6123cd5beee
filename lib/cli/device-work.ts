// SPDX-License-Identifier: Apache-2.0
/** What every drive and changer command does first and last: finds the device, opens it, and closes it. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { DeviceOptions } from "../device/index.ts";
import { MediumChanger } from "../device/medium-changer.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";
import { findDevice } from "./device-name.ts";
import type { NamedDevice } from "./device-name.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Session } from "./session.ts";

interface TraceOptions {
  readonly trace?: string;
  readonly traceData?: boolean;
}

export interface DriveOptions extends TraceOptions {
  readonly drive?: string;
}

export interface ChangerOptions extends TraceOptions {
  readonly changer?: string;
}

/** Codes that a command on a device can end with. */
export const deviceCodes: readonly ExitCode[] = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.needsOperator,
  exitCodes.device,
];

export function withDriveOptions(command: Command): Command {
  return withTraceOptions(
    command.option(
      "--drive <name>",
      "address (/dev/sg3, iscsi://...), serial number or number (default: the only one)",
    ),
  );
}

export function withChangerOptions(command: Command): Command {
  return withTraceOptions(
    command.option("--changer <name>", "address (/dev/sg4, iscsi://...) or serial number (default: the only one)"),
  );
}

function withTraceOptions(command: Command): Command {
  return command
    .option("--trace <file>", "append every command sent to this file, as JSON lines")
    .option("--trace-data", "with --trace: also what READ and WRITE carry, so that it can be played back");
}

function openOptions(session: Session, { trace, traceData }: TraceOptions): DeviceOptions {
  if (trace === undefined) return {};
  return { tracePath: resolve(session.terminal.workingFolder, trace), traceData: traceData === true };
}

/** Opens the drive that was named, works with it and closes it, whatever happens. */
export async function withDrive<T>(
  session: Session,
  options: DriveOptions,
  work: (drive: TapeDrive, named: NamedDevice) => Promise<T>,
): Promise<T> {
  const named = await findDevice(session, "drive", options.drive);
  const drive = TapeDrive.open(named.address, openOptions(session, options));
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
  const changer = MediumChanger.open(named.address, openOptions(session, options));
  try {
    await changer.attend();
    return await work(changer, named);
  } finally {
    await changer.close();
  }
}
