// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { ElementStatus, LibraryStatus } from "../service/api.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";

export function addLibraryCommands(program: Command, run: Runner): void {
  const library = program.command("library").description("The tape library: changer, drives, slots.");
  document(library, ["tidemark library status"], [exitCodes.done, exitCodes.usage]);
  const status = library
    .command("status")
    .description("Show every element, the cartridge in it and what the catalog knows of that. Moves no tape.")
    .action(run(showStatus));
  document(
    status,
    ["tidemark library status", "tidemark library status --json"],
    [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.device, exitCodes.catalog],
  );
}

async function showStatus(session: Session): Promise<ExitCode> {
  const status = await session.withService((service) => service.libraryStatus());
  session.print({ ...status }, () => statusText(status, session));
  return exitCodes.done;
}

const typeNames: Readonly<Record<ElementStatus["type"], string>> = {
  transport: "transport",
  storage: "slot",
  importExport: "import/export",
  dataTransfer: "drive",
};

function statusText(status: LibraryStatus, session: Session): string {
  const rows = status.elements.map((element) => [
    String(element.address),
    typeNames[element.type],
    element.full ? (element.volumeTag ?? "(no barcode)") : "-",
    element.volumeState ?? "",
    element.pool ?? "",
    element.driveSerialNumber ?? "",
  ]);
  const table = tableText(
    [
      { title: "ADDRESS", align: "right" },
      { title: "ELEMENT" },
      { title: "CARTRIDGE" },
      { title: "STATE" },
      { title: "POOL" },
      { title: "DRIVE SERIAL" },
    ],
    rows,
  );
  const name = [status.vendor, status.product].map((part) => part.trim()).join(" ");
  return `${session.bold(`${name}, serial number ${status.serialNumber.trim()}`)}\n${table}`;
}
