// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark changer` that move cartridges. A move of unknown outcome is reported and never repeated. */
import type { Command } from "commander";
import type { MediumChanger, Element } from "../device/index.ts";
import { mapDrives } from "../device/index.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import { OperatorError } from "../errors.ts";
import { knownDevices } from "./device-name.ts";
import { deviceCodes, withChanger, withChangerOptions } from "./device-work.ts";
import type { ChangerOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import {
  cartridgeText,
  emptyElement,
  firstEmpty,
  findElement,
  fullElement,
  homeOf,
  placeText,
} from "./element-name.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

const elementHelp = "barcode, element address, or serial number of a drive";

export function addChangerMoves(changer: Command, run: Runner): void {
  const load = withChangerOptions(changer.command("load"))
    .description("Bring a cartridge into a drive.")
    .argument("<cartridge>", "barcode or element address")
    .argument("[drive]", "address or serial number of the drive (default: the first that is empty)")
    .action(run(loadCartridge));
  document(load, ["tidemark changer load TMK001L9", "tidemark changer load 1001 256"], deviceCodes);
  const unload = withChangerOptions(changer.command("unload"))
    .description("Take a cartridge out of its drive, which lets go of it first if this machine can reach it.")
    .argument("[drive]", `${elementHelp} (default: the only one that is loaded)`)
    .argument("[slot]", "element address (default: where the cartridge came from)")
    .action(run(unloadCartridge));
  document(unload, ["tidemark changer unload", "tidemark changer unload TMK001L9 1001"], deviceCodes);
  const move = withChangerOptions(changer.command("move"))
    .description("Move a cartridge from one element to another.")
    .argument("<from>", elementHelp)
    .argument("<to>", "element address, or serial number of a drive")
    .action(run(moveCartridge));
  document(move, ["tidemark changer move 1001 1005"], deviceCodes);
  const bringIn = withChangerOptions(changer.command("import"))
    .description("Move cartridges from the import/export elements into empty slots.")
    .argument("[barcode...]", "the cartridges (default: all that are there)")
    .action(run(importCartridges));
  document(bringIn, ["tidemark changer import"], deviceCodes);
  const takeOut = withChangerOptions(changer.command("export"))
    .description("Move cartridges from slots into empty import/export elements.")
    .argument("<barcode...>", "the cartridges, by barcode or element address")
    .action(run(exportCartridges));
  document(takeOut, ["tidemark changer export TMK001L9 TMK002L9"], deviceCodes);
}

/** One move, done and told. */
export async function moveAndTell(session: Session, changer: MediumChanger, from: Element, to: Element): Promise<Move> {
  await changer.move(from.address, to.address);
  const move = {
    ...(from.volumeTag === undefined ? {} : { volumeTag: from.volumeTag }),
    from: from.address,
    to: to.address,
  };
  if (!session.json) session.terminal.writeOut(`${cartridgeText(from)} is in ${placeText(to)} now\n`);
  return move;
}

interface Move {
  readonly volumeTag?: string;
  readonly from: number;
  readonly to: number;
}

/** The moves are told one by one; with `--json` all of them at the end. */
function printMoves(session: Session, moves: readonly Move[]): void {
  if (session.json) session.print({ moves }, () => "");
}

async function loadCartridge(
  session: Session,
  cartridge: string,
  drive: string | undefined,
  options: ChangerOptions,
): Promise<ExitCode> {
  await withChanger(session, options, async (changer) => {
    const elements = await changer.elements();
    const from = fullElement(elements, cartridge);
    const to = drive === undefined ? firstEmpty(elements, "dataTransfer") : emptyElement(elements, drive);
    if (to.type !== "dataTransfer") throw new UsageError(`${placeText(to)} is no drive`);
    printMoves(session, [await moveAndTell(session, changer, from, to)]);
  });
  return exitCodes.done;
}

async function unloadCartridge(
  session: Session,
  drive: string | undefined,
  slot: string | undefined,
  options: ChangerOptions,
): Promise<ExitCode> {
  await withChanger(session, options, async (changer) => {
    const elements = await changer.elements();
    const bay = drive === undefined ? onlyLoadedDrive(elements) : fullElement(elements, drive);
    if (bay.type !== "dataTransfer") throw new UsageError(`${cartridgeText(bay)} is in no drive`);
    const to = slot === undefined ? homeOf(elements, bay) : emptyElement(elements, slot);
    await letGo(session, elements, bay);
    printMoves(session, [await moveAndTell(session, changer, bay, to)]);
  });
  return exitCodes.done;
}

function onlyLoadedDrive(elements: readonly Element[]): Element {
  const loaded = elements.filter(({ type, full }) => type === "dataTransfer" && full);
  const [bay, ...more] = loaded;
  if (bay !== undefined && more.length === 0) return bay;
  throw new OperatorError(
    bay === undefined
      ? "no drive of the library is loaded"
      : `several drives are loaded: say which one, of ${loaded.map(({ address }) => address).join(", ")}`,
  );
}

/** Most drives hold their cartridge until they are told to unload it: a move out of them fails before. */
async function letGo(session: Session, elements: readonly Element[], bay: Element): Promise<void> {
  const drive = await driveInElement(session, elements, bay);
  if (drive === undefined) {
    session.remark(`no drive of this machine is known to stand in element ${bay.address}: it is not told to unload`);
    return;
  }
  try {
    await drive.attend();
    await drive.unload();
  } finally {
    await drive.close();
  }
}

/** The drive of this machine that stands in an element, by serial number; opened. */
export async function driveInElement(
  session: Session,
  elements: readonly Element[],
  bay: Element,
): Promise<TapeDrive | undefined> {
  const drives = await knownDevices(session, "drive");
  const mapping = mapDrives(elements, drives).find(({ elementAddress }) => elementAddress === bay.address);
  return mapping?.kind === "found" ? TapeDrive.open(mapping.drive.address) : undefined;
}

async function moveCartridge(session: Session, from: string, to: string, options: ChangerOptions): Promise<ExitCode> {
  await withChanger(session, options, async (changer) => {
    const elements = await changer.elements();
    const [source, destination] = [fullElement(elements, from), emptyElement(elements, to)];
    printMoves(session, [await moveAndTell(session, changer, source, destination)]);
  });
  return exitCodes.done;
}

async function importCartridges(
  session: Session,
  barcodes: readonly string[],
  options: ChangerOptions,
): Promise<ExitCode> {
  return moveSeveral(session, options, "storage", (elements) => {
    const there = elements.filter(({ type, full }) => type === "importExport" && full);
    if (barcodes.length === 0) return there;
    return barcodes.map((barcode) => findElement(there, barcode));
  });
}

async function exportCartridges(
  session: Session,
  barcodes: readonly string[],
  options: ChangerOptions,
): Promise<ExitCode> {
  return moveSeveral(session, options, "importExport", (elements) =>
    barcodes.map((barcode) => {
      const from = fullElement(elements, barcode);
      if (from.type === "storage") return from;
      throw new OperatorError(`${cartridgeText(from)} is in ${placeText(from)} and in no slot`);
    }),
  );
}

/** All are found, and have somewhere to go, before the first one moves. */
async function moveSeveral(
  session: Session,
  options: ChangerOptions,
  to: Element["type"],
  choose: (elements: readonly Element[]) => readonly Element[],
): Promise<ExitCode> {
  await withChanger(session, options, async (changer) => {
    const elements = await changer.elements();
    const chosen = choose(elements);
    if (chosen.length === 0) throw new OperatorError("there is no cartridge in the import/export elements");
    if (new Set(chosen).size < chosen.length) throw new UsageError("a cartridge is named twice");
    const places = elements.filter(({ type, full, exception }) => type === to && !full && exception === undefined);
    if (places.length < chosen.length) {
      const there = to === "storage" ? "slots" : "import/export elements";
      throw new OperatorError(`there are ${chosen.length} cartridges to move and ${places.length} empty ${there}`);
    }
    const moves: Move[] = [];
    for (const [index, from] of chosen.entries()) {
      const place = places[index];
      if (place !== undefined) moves.push(await moveAndTell(session, changer, from, place));
    }
    printMoves(session, moves);
  });
  return exitCodes.done;
}
