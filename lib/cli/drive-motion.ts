// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that move the tape. */
import type { Command } from "commander";
import type { Position, SpaceCode, TapeDrive } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { deviceCodes, withDrive, withDriveOptions, withReadyDrive } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { positionIfTold, positionText } from "./drive-status.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export function addDriveMotion(drive: Command, run: Runner): void {
  const rewind = withDriveOptions(drive.command("rewind"))
    .description("Rewind the tape.")
    .action(
      run((session: Session, options: DriveOptions) => move(session, options, (opened) => opened.rewind(), beginning)),
    );
  document(rewind, ["tidemark drive rewind"], deviceCodes);
  addSpace(drive, run);
  const locate = withDriveOptions(drive.command("locate"))
    .description("Go to a logical object: blocks and filemarks, counted from the beginning of the partition.")
    .argument("<object>", "its number")
    .option("--partition <number>", "change to this partition first")
    .action(run(locateObject));
  document(locate, ["tidemark drive locate 8112", "tidemark drive locate 0 --partition 1"], deviceCodes);
  const eod = withDriveOptions(drive.command("eod"))
    .description("Go to the end of data.")
    .action(
      run((session: Session, options: DriveOptions) => move(session, options, (opened) => opened.spaceToEndOfData())),
    );
  document(eod, ["tidemark drive eod"], deviceCodes);
  const load = withDriveOptions(drive.command("load"))
    .description("Load the cartridge that is in the drive, and wait until it is ready.")
    .action(run(loadMedium));
  document(load, ["tidemark drive load"], deviceCodes);
  const unload = withDriveOptions(drive.command("unload"))
    .description("Rewind and unload the cartridge, so that it can be taken out.")
    .action(run(unloadMedium));
  document(unload, ["tidemark drive unload"], deviceCodes);
}

const spaceCodes: Readonly<Record<string, SpaceCode>> = {
  blocks: "blocks",
  filemarks: "filemarks",
  "sequential-filemarks": "sequentialFilemarks",
};

function addSpace(drive: Command, run: Runner): void {
  const space = withDriveOptions(drive.command("space"))
    .description("Space over blocks or filemarks.")
    .argument("<count>", "how many")
    .argument("[what]", "blocks, filemarks, or sequential-filemarks", "filemarks")
    .option("--back", "towards the beginning of the tape")
    .action(run(spaceOver));
  document(space, ["tidemark drive space 3", "tidemark drive space 1 blocks --back"], deviceCodes);
}

/** Where every tape stands after a rewind, told by the drive or not. */
const beginning: Position = {
  known: true,
  partition: 0,
  objectNumber: 0n,
  fileNumber: 0n,
  beginningOfPartition: true,
  endOfPartition: false,
  beyondProgrammableEarlyWarning: false,
};

/** Moves and says where the tape stands then; `end` where that is certain, whatever the drive tells. */
async function move(
  session: Session,
  options: DriveOptions,
  motion: (drive: TapeDrive) => Promise<void>,
  end?: Position,
): Promise<ExitCode> {
  const told = await withReadyDrive(session, options, async (drive): Promise<Position | undefined> => {
    await motion(drive);
    return positionIfTold(drive);
  });
  const position = told ?? end;
  session.print({ position: position ?? { known: false } }, () => positionText(position));
  return exitCodes.done;
}

async function spaceOver(
  session: Session,
  count: string,
  what: string,
  options: DriveOptions & { readonly back?: boolean },
): Promise<ExitCode> {
  const code = Object.hasOwn(spaceCodes, what) ? spaceCodes[what] : undefined;
  if (code === undefined) {
    throw new UsageError(`"${what}" cannot be spaced over: write ${Object.keys(spaceCodes).join(", ")}`);
  }
  const distance = wholeNumber(count, "a count");
  return move(session, options, (drive) => drive.space(code, options.back === true ? -distance : distance));
}

async function locateObject(
  session: Session,
  object: string,
  options: DriveOptions & { readonly partition?: string },
): Promise<ExitCode> {
  const number = wholeNumber(object, "an object's number");
  const { partition } = options;
  if (partition === undefined) return move(session, options, (drive) => drive.locate(number));
  const wanted = Number(wholeNumber(partition, "a partition's number"));
  return move(session, options, (drive) => drive.locateTo({ destination: "object", number, partition: wanted }));
}

export function wholeNumber(text: string, what: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new UsageError(`"${text}" is not ${what}: they count 0, 1, 2 ...`);
  return BigInt(text);
}

async function loadMedium(session: Session, options: DriveOptions): Promise<ExitCode> {
  await withDrive(session, options, async (drive, { name }) => {
    await drive.load();
    let told = false;
    const onWait = (): void => {
      if (!told) session.remark(`${name} is loading; a new LTO-9 cartridge can take two hours`);
      told = true;
    };
    if (await drive.waitUntilReady({ onWait, pause: (durationMs) => session.terminal.pause(durationMs) })) return;
    throw new OperatorError(`${name} does not become ready: look at its display`);
  });
  session.print({ loaded: true }, () => "loaded");
  return exitCodes.done;
}

async function unloadMedium(session: Session, options: DriveOptions): Promise<ExitCode> {
  await withDrive(session, options, async (drive) => {
    await drive.attend();
    await drive.unload();
  });
  session.print({ loaded: false }, () => "unloaded");
  return exitCodes.done;
}
