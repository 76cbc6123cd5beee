// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark changer` for what happens less often: counting again, exchanging, cleaning a drive. */
import type { Command } from "commander";
import type { Element, MediumChanger, TapeDrive } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { driveInElement, moveAndTell } from "./changer-moves.ts";
import { printElements } from "./changer-status.ts";
import { deviceCodes, withChanger, withChangerOptions } from "./device-work.ts";
import type { ChangerOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { cartridgeText, emptyElement, findElement, firstEmpty, fullElement, placeText } from "./element-name.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export function addChangerService(changer: Command, run: Runner): void {
  const inventory = withChangerOptions(changer.command("inventory"))
    .description("Let the robot look at every element again, then show them. Moves no cartridge; may take an hour.")
    .action(run(takeInventory));
  document(inventory, ["tidemark changer inventory"], deviceCodes);
  const exchange = withChangerOptions(changer.command("exchange"))
    .description("Move a cartridge to a full element, and what was there to a third one (EXCHANGE MEDIUM).")
    .argument("<from>", "barcode or element address")
    .argument("<to>", "barcode or element address of what is to go on")
    .argument("[onward]", "element address (default: where the first one came from)")
    .action(run(exchangeCartridges));
  document(exchange, ["tidemark changer exchange TMK001L9 TMK002L9"], deviceCodes);
  const clean = withChangerOptions(changer.command("clean"))
    .description("Clean a drive with a cleaning cartridge of the library, and put that back.")
    .argument("[drive]", "element address or serial number of the drive (default: the only one)")
    .option("--cartridge <barcode>", "the cleaning cartridge (default: the first one in a slot)")
    .action(run(cleanDrive));
  document(clean, ["tidemark changer clean", "tidemark changer clean 256 --cartridge CLN001L1"], deviceCodes);
}

async function takeInventory(session: Session, options: ChangerOptions): Promise<ExitCode> {
  await withChanger(session, options, async (changer, { name }) => {
    await changer.initializeElementStatus();
    await changer.attend();
    await printElements(session, name, await changer.elements());
  });
  return exitCodes.done;
}

async function exchangeCartridges(
  session: Session,
  from: string,
  to: string,
  onward: string | undefined,
  options: ChangerOptions,
): Promise<ExitCode> {
  await withChanger(session, options, async (changer) => {
    const elements = await changer.elements();
    const [first, second] = [fullElement(elements, from), fullElement(elements, to)];
    if (first === second) throw new UsageError(`${cartridgeText(first)} cannot be exchanged with itself`);
    const third = onward === undefined || onward === String(first.address) ? first : emptyElement(elements, onward);
    await changer.exchange({
      source: first.address,
      firstDestination: second.address,
      secondDestination: third.address,
    });
    const moves = [moved(first, second), moved(second, third)];
    session.print({ moves }, () =>
      [
        `${cartridgeText(first)} is in ${placeText(second)} now`,
        `${cartridgeText(second)} is in ${placeText(third)} now`,
      ].join("\n"),
    );
  });
  return exitCodes.done;
}

function moved(from: Element, to: Element): object {
  return { ...(from.volumeTag === undefined ? {} : { volumeTag: from.volumeTag }), from: from.address, to: to.address };
}

async function cleanDrive(
  session: Session,
  drive: string | undefined,
  options: ChangerOptions & { readonly cartridge?: string },
): Promise<ExitCode> {
  await withChanger(session, options, async (changer, { name }) => {
    const elements = await changer.elements();
    const bay = drive === undefined ? onlyDrive(elements) : findElement(elements, drive);
    if (bay.type !== "dataTransfer") throw new UsageError(`${placeText(bay)} is no drive`);
    if (bay.full) throw new OperatorError(`${placeText(bay)} holds ${cartridgeText(bay)}: unload it first`);
    const cartridge = cleaningCartridge(elements, options.cartridge, name);
    const moves = [await moveAndTell(session, changer, cartridge, bay)];
    await cleaned(session, changer, elements, bay);
    const place = { ...bay, ...(cartridge.volumeTag === undefined ? {} : { volumeTag: cartridge.volumeTag }) };
    moves.push(await moveAndTell(session, changer, place, backTo(await changer.elements(), cartridge)));
    if (session.json) session.print({ cleaned: bay.address, moves }, () => "");
  });
  return exitCodes.done;
}

function onlyDrive(elements: readonly Element[]): Element {
  const bays = elements.filter(({ type }) => type === "dataTransfer");
  const [bay, ...more] = bays;
  if (bay !== undefined && more.length === 0) return bay;
  throw new OperatorError(
    `the library has ${bays.length} drives: say which one, of ${bays.map(({ address }) => address).join(", ")}`,
  );
}

/** Libraries tell cleaning cartridges by their barcode, and so does everybody; some tell the medium type. */
function cleaningCartridge(elements: readonly Element[], barcode: string | undefined, name: string): Element {
  if (barcode !== undefined) return fullElement(elements, barcode);
  const found = elements.find(
    ({ type, full, mediumType, volumeTag = "" }) =>
      type === "storage" && full && (mediumType === "cleaning" || volumeTag.startsWith("CLN")),
  );
  if (found !== undefined) return found;
  throw new OperatorError(`${name} has no cleaning cartridge in a slot: put one in, or name it with --cartridge`, {
    code: "ERR_TAPE_CARTRIDGE_MISSING",
  });
}

function backTo(elements: readonly Element[], cartridge: Element): Element {
  const home = elements.find(({ address, full }) => address === cartridge.address && !full);
  return home ?? firstEmpty(elements, "storage");
}

const pollMs = 5000;
/** A drive cleans itself within five minutes; one that has not done so in this time needs somebody. */
const cleaningLimitMs = 15 * 60_000;

/**
 * Waits until the drive has let go of the cleaning cartridge: then it says that it has no medium (2/3A), or, where
 * this machine cannot ask it, the changer says that the robot may take it.
 */
async function cleaned(
  session: Session,
  changer: MediumChanger,
  elements: readonly Element[],
  bay: Element,
): Promise<void> {
  const { terminal } = session;
  const drive = await driveInElement(session, elements, bay);
  const limit = terminal.nowMs() + cleaningLimitMs;
  try {
    for (;;) {
      const done = drive === undefined ? await isAccessible(changer, bay) : await hasLetGo(drive);
      if (done) return;
      if (terminal.nowMs() > limit) break;
      await terminal.pause(pollMs);
    }
  } finally {
    await drive?.close();
  }
  throw new OperatorError(
    `${placeText(bay)} does not let go of the cleaning cartridge: it may be expired; look at the drive's display`,
  );
}

async function hasLetGo(drive: TapeDrive): Promise<boolean> {
  const { notReady } = await drive.attend();
  return notReady?.sense?.asc === 0x3a;
}

async function isAccessible(changer: MediumChanger, bay: Element): Promise<boolean> {
  const elements = await changer.elements();
  return elements.find(({ address }) => address === bay.address)?.accessible === true;
}
