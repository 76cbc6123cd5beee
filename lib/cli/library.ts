// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { libraryText, requestsText } from "./library-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

const readingCodes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.device, exitCodes.catalog];
const movingCodes = [...readingCodes, exitCodes.needsOperator];

export function addLibraryCommands(program: Command, run: Runner): void {
  const library = program
    .command("library")
    .description("The tape library: drives, slots, mail slots, cartridges, and what it needs of a person.");
  document(library, ["tidemark library status"], [exitCodes.done, exitCodes.usage]);
  const status = library
    .command("status")
    .description("Show drives, cartridges with their places and state, and who uses what. Moves no tape.")
    .option("--elements", "show every element of the changer instead, empty ones too")
    .action(run(showStatus));
  document(status, ["tidemark library status", "tidemark library status --json"], readingCodes);
  addRequests(library, run);
  addMailSlots(library, run);
  addDrives(library, run);
}

function addRequests(library: Command, run: Runner): void {
  const requests = library
    .command("requests")
    .description("List what only a person can do: cartridges to bring, mail slots to empty, drives to look at.")
    .option("--close <id>", "take a request off the list: it was seen to")
    .action(run(listRequests));
  document(requests, ["tidemark library requests", "tidemark library requests --json"], [...readingCodes]);
}

function addMailSlots(library: Command, run: Runner): void {
  const importing = library
    .command("import")
    .description("Put the cartridges of the mail slots into free slots.")
    .action(run(importCartridges));
  document(importing, ["tidemark library import"], movingCodes);
  const exporting = library
    .command("export")
    .description("Bring cartridges into the mail slots, to be taken out.")
    .argument("[barcode...]", "the cartridges")
    .option("--media-set <uuid>", "all cartridges of this set; the beginning of its name will do")
    .option("--vault <name>", "where they are taken; the catalog remembers it")
    .action(run(exportCartridges));
  document(exporting, ["tidemark library export --media-set 3f2a --vault bank"], movingCodes);
}

function addDrives(library: Command, run: Runner): void {
  const clean = library
    .command("clean")
    .description("Clean a drive with a cleaning cartridge that has uses left.")
    .argument("<drive>", "the drive's number, as in library status")
    .action(run((session: Session, drive: string) => careFor(session, drive, "cleaned")));
  document(clean, ["tidemark library clean 0"], movingCodes);
  const out = library
    .command("disable")
    .description("Take a drive out of service: no job gets it any more.")
    .argument("<drive>", "the drive's number, as in library status")
    .option("--reason <text>", "what others are told", "taken out of service by an operator")
    .action(
      run((session: Session, drive: string, { reason }: { readonly reason: string }) =>
        careFor(session, drive, "out of service", reason),
      ),
    );
  document(out, ['tidemark library disable 1 --reason "noisy fan"'], readingCodes);
  const back = library
    .command("enable")
    .description("Put a drive back into service.")
    .argument("<drive>", "the drive's number, as in library status")
    .action(run((session: Session, drive: string) => careFor(session, drive, "in service")));
  document(back, ["tidemark library enable 1"], readingCodes);
}

async function showStatus(session: Session, options: { readonly elements?: boolean }): Promise<ExitCode> {
  const status = await session.withService((service) => service.libraryStatus());
  session.print({ ...status }, () => libraryText(status, session, options.elements === true));
  return exitCodes.done;
}

async function listRequests(session: Session, options: { readonly close?: string }): Promise<ExitCode> {
  const requests = await session.withService(async (service) => {
    if (options.close !== undefined) await service.closeRequest(options.close);
    return service.operatorRequests();
  });
  session.print({ requests }, () => requestsText(requests));
  return exitCodes.done;
}

async function importCartridges(session: Session): Promise<ExitCode> {
  const outcome = await session.withService((service) => service.importCartridges());
  session.print({ ...outcome }, () =>
    outcome.imported.length === 0 && outcome.left.length === 0
      ? "no cartridge waits in the mail slots"
      : [...outcome.imported.map((tag) => `${tag}  imported`), ...outcome.left.map(noSlot)].join("\n"),
  );
  return outcome.left.length === 0 ? exitCodes.done : exitCodes.needsOperator;
}

function noSlot(volumeTag: string): string {
  return `${volumeTag}  left in the mail slot: no slot is free`;
}

interface ExportOptions {
  readonly mediaSet?: string;
  readonly vault?: string;
}

async function exportCartridges(
  session: Session,
  barcodes: readonly string[],
  options: ExportOptions,
): Promise<ExitCode> {
  if ((options.mediaSet === undefined) === (barcodes.length === 0))
    throw new UsageError("name the cartridges to export by barcode, or a set with --media-set");
  const outcome = await session.withService((service) =>
    service.exportCartridges({ volumeTags: barcodes, ...options }),
  );
  session.print({ ...outcome }, () =>
    [
      ...outcome.exported.map((tag) => `${tag}  in a mail slot: take it out`),
      ...outcome.left.map((tag) => `${tag}  still inside: no mail slot is free; empty them and export again`),
    ].join("\n"),
  );
  return outcome.left.length === 0 ? exitCodes.done : exitCodes.needsOperator;
}

async function careFor(
  session: Session,
  drive: string,
  wanted: "cleaned" | "in service" | "out of service",
  reason?: string,
): Promise<ExitCode> {
  if (!/^\d{1,3}$/.test(drive)) throw new UsageError(`"${drive}" is no drive's number: see tidemark library status`);
  const number = Number(drive);
  await session.withService((service) =>
    wanted === "cleaned" ? service.cleanDrive(number) : service.setDriveService(number, reason),
  );
  session.print({ drive: number, outcome: wanted }, () => `drive ${number}  ${wanted}`);
  return exitCodes.done;
}
