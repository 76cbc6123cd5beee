// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark changer` that show what there is. They move nothing. */
import type { Command } from "commander";
import { mapDrives, mappingText, mtxStatusText } from "../device/index.ts";
import type { Element } from "../device/index.ts";
import { knownDevices, listedDevice } from "./device-name.ts";
import { deviceCodes, withChanger, withChangerOptions } from "./device-work.ts";
import type { ChangerOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { elementTypeNames } from "./element-name.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

export function addChangerStatus(changer: Command, run: Runner): void {
  const list = changer
    .command("list")
    .description("List the changers of this machine and of the configured library. Opens none of this machine's.")
    .action(run(listChangers));
  document(list, ["tidemark changer list"], deviceCodes);
  const status = withChangerOptions(changer.command("status"))
    .description("Show every element and the cartridge in it. Moves nothing.")
    .option("--format <format>", "text, or mtx: exactly as mtx prints it", "text")
    .action(run(showStatus));
  document(status, ["tidemark changer status", "tidemark changer status --format mtx"], deviceCodes);
}

async function listChangers(session: Session): Promise<ExitCode> {
  const changers = await knownDevices(session, "changer");
  session.print({ changers: changers.map(listedDevice) }, () =>
    changers.length === 0
      ? "no changers on this machine, and none in a configured library"
      : tableText(
          [{ title: "ADDRESS" }, { title: "SERIAL" }, { title: "PRODUCT" }, { title: "LINK" }],
          changers.map(({ name, serialNumber, discovered }) => [
            name,
            serialNumber ?? "-",
            discovered === undefined ? "-" : `${discovered.vendor} ${discovered.product} ${discovered.revision}`,
            discovered?.byIdPath ?? discovered?.schPath ?? "-",
          ]),
        ),
  );
  return exitCodes.done;
}

async function showStatus(session: Session, options: ChangerOptions & { readonly format: string }): Promise<ExitCode> {
  if (options.format !== "text" && options.format !== "mtx") {
    throw new UsageError(`there is no format "${options.format}": write text or mtx`);
  }
  await withChanger(session, options, async (changer, named) => {
    const elements = await changer.elements();
    if (options.format === "mtx") {
      session.terminal.writeOut(mtxStatusText(named.name, elements));
      return;
    }
    await printElements(session, named.name, elements);
  });
  return exitCodes.done;
}

/** The table of `status` and `inventory`: with it, which drive of this machine stands in which element. */
export async function printElements(session: Session, name: string, elements: readonly Element[]): Promise<void> {
  const drives = (await knownDevices(session, "drive")).map((drive) => ({
    ...drive.discovered,
    ...(drive.serialNumber === undefined ? {} : { serialNumber: drive.serialNumber }),
    name: drive.name,
  }));
  const mappings = mapDrives(elements, drives);
  // The raw tag is for mtx alone: the trimmed one says the same.
  const shown = elements.map(({ volumeTagField: _, ...element }) => element);
  session.print({ changer: name, elements: shown, drives: mappings }, () =>
    tableText(
      [
        { title: "ADDRESS", align: "right" },
        { title: "ELEMENT" },
        { title: "CARTRIDGE" },
        { title: "FROM", align: "right" },
        { title: "DRIVE" },
        { title: "NOTE" },
      ],
      elements.map((element) => {
        const mapping = mappings.find(({ elementAddress }) => elementAddress === element.address);
        const drive = mapping === undefined || element.type !== "dataTransfer" ? "" : driveText(mapping);
        return [
          String(element.address),
          elementTypeNames[element.type],
          element.full ? (element.volumeTag ?? "") || "(no barcode)" : "-",
          element.full ? String(element.sourceAddress ?? "") : "",
          drive,
          noteText(element),
        ];
      }),
    ),
  );
}

type Mapping = ReturnType<typeof mapDrives<{ readonly name: string; readonly serialNumber?: string }>>[number];

function driveText(mapping: Mapping): string {
  return mapping.kind === "found" ? `${mapping.drive.name} (${mapping.serialNumber})` : mappingText(mapping);
}

function noteText({ exception, disabled }: Element): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  const notes = [
    exception === undefined ? "" : `exception ${hex(exception.asc)}/${hex(exception.ascq)}`,
    disabled === true ? "disabled" : "",
  ];
  return notes.filter((note) => note !== "").join(", ");
}
