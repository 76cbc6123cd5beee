// SPDX-License-Identifier: Apache-2.0
/** `tidemark drive attributes`: the memory chip of the cartridge in the drive. */
import type { Command } from "commander";
import { attributeId, attributeName, attributeValue, encodeAttribute } from "../device/index.ts";
import type { AttributeToWrite, AttributeValue } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { allowDestruction, withDestructiveOptions } from "./destructive.ts";
import type { DestructiveOptions } from "./destructive.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { wholeNumber } from "./drive-motion.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jsonText } from "./json-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

type AttributeOptions = DriveOptions &
  DestructiveOptions & { readonly partition: string; readonly set?: readonly string[] };

export function addDriveMemory(drive: Command, run: Runner): void {
  const attributes = withDestructiveOptions(withDriveOptions(drive.command("attributes")))
    .description("Show what the cartridge's memory holds, or write to it. Showing moves no tape.")
    .argument("[attribute...]", "only these, by name or hexadecimal number")
    .option("--partition <number>", "of this partition", "0")
    .option("--set <name=value...>", "write these; an empty value deletes one")
    .action(run(showOrSetAttributes));
  document(
    attributes,
    ["tidemark drive attributes", "tidemark drive attributes --set 'user text label=weekly 47' --yes"],
    deviceCodes,
  );
}

async function showOrSetAttributes(
  session: Session,
  wanted: readonly string[],
  options: AttributeOptions,
): Promise<ExitCode> {
  const ids = new Set(wanted.map(attributeNumber));
  const changes = (options.set ?? []).map(parseChange);
  const partition = Number(wholeNumber(options.partition, "a partition's number"));
  if (partition > 255) throw new UsageError(`there is no partition ${partition}`);
  const values = await withDrive(session, options, async (drive, named) => {
    const { ready } = await drive.attend();
    if (changes.length > 0) {
      if (!ready) throw new OperatorError(`${named.name} is not ready: whose cartridge it is cannot be told`);
      const names = changes.map(({ id }) => attributeName(id)).join(", ");
      await allowDestruction(session, drive, named, options, `writes ${names} to the memory of the cartridge`);
      await drive.writeAttributes(changes, partition);
    }
    const attributes = await drive.attributes(partition);
    if (attributes !== undefined) return attributes.map(attributeValue);
    throw new OperatorError(`${named.name} has no cartridge with a memory, or cannot read it`);
  });
  const shown = values.filter(({ id }) => ids.size === 0 || ids.has(id));
  session.print({ attributes: shown }, () => attributesText(shown));
  return exitCodes.done;
}

function attributeNumber(text: string): number {
  const id = attributeId(text);
  if (id !== undefined) return id;
  throw new UsageError(`"${text}" is no attribute: write its name, such as barcode, or its number, such as 0806`);
}

function parseChange(text: string): AttributeToWrite {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`"${text}" is nothing to write: say NAME=VALUE, such as barcode=TMK001L9`);
  return encodeAttribute(attributeNumber(text.slice(0, equals)), text.slice(equals + 1));
}

function attributesText(values: readonly AttributeValue[]): string {
  if (values.length === 0) return "no such attributes";
  return tableText(
    [{ title: "ID" }, { title: "NAME" }, { title: "VALUE" }],
    values.map((each) => [
      each.id.toString(16).toUpperCase().padStart(4, "0"),
      each.name,
      each.value === undefined ? "-" : `${valueText(each.value)}${each.unit === undefined ? "" : ` ${each.unit}`}`,
    ]),
  );
}

function valueText(value: Exclude<AttributeValue["value"], undefined>): string {
  if (typeof value === "string" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return jsonText(value);
}
