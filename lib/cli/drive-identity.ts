// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that say what it is. They need no medium and move no tape. */
import type { Command } from "commander";
import { probeDrive } from "../device/index.ts";
import type { Designator, DriveCapabilities } from "../device/index.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText, tableText } from "./table.ts";
import { countText } from "./text.ts";

export function addDriveIdentity(drive: Command, run: Runner): void {
  const inquiry = withDriveOptions(drive.command("inquiry"))
    .description("Show what the drive says that it is: INQUIRY and its vital product data.")
    .action(run(showInquiry));
  document(inquiry, ["tidemark drive inquiry", "tidemark drive inquiry --drive /dev/sg3 --json"], deviceCodes);
  const capabilities = withDriveOptions(drive.command("capabilities"))
    .description("Show what the drive can do: its commands with their timeouts, limits, pages and algorithms.")
    .action(run(showCapabilities));
  document(capabilities, ["tidemark drive capabilities", "tidemark drive capabilities --json"], deviceCodes);
}

async function showInquiry(session: Session, options: DriveOptions): Promise<ExitCode> {
  const answer = await withDrive(session, options, async (drive, { name }) => ({
    drive: name,
    ...(await drive.inquiry()),
    pages: await drive.vitalPageCodes(),
    designators: await drive.identification(),
  }));
  session.print(answer, () =>
    fieldsText([
      ["Drive", answer.drive],
      ["Vendor", answer.vendor.trim()],
      ["Product", answer.product.trim()],
      ["Revision", answer.revision.trim()],
      ["Serial number", answer.serialNumber.trim()],
      ["Device type", `${answer.deviceType.toString(16).padStart(2, "0")}h`],
      ["Vital product data", answer.pages.map(hex).join(", ")],
      ...answer.designators.map((designator): readonly [string, string] => [
        `Designator, ${associations[designator.association]}`,
        designatorText(designator),
      ]),
    ]),
  );
  return exitCodes.done;
}

const associations: Readonly<Record<Designator["association"], string>> = {
  logicalUnit: "logical unit",
  targetPort: "port",
  targetDevice: "device",
  unknown: "other",
};

/** SPC-5 table 647. */
const designatorTypes = [
  "vendor's own",
  "T10 vendor",
  "EUI-64",
  "NAA",
  "relative port",
  "port group",
  "logical unit group",
  "MD5",
  "SCSI name",
];

function designatorText({ type, codeSet, value }: Designator): string {
  const text = codeSet === "binary" || codeSet === "unknown" ? value.toString("hex") : value.toString("utf8");
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").trim();
  return `${plain} (${designatorTypes[type] ?? `type ${type}`})`;
}

function hex(page: number): string {
  return page.toString(16).toUpperCase().padStart(2, "0");
}

async function showCapabilities(session: Session, options: DriveOptions): Promise<ExitCode> {
  const found = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    return { drive: name, ...(await probeDrive(drive)) };
  });
  session.print(found, () => `${limitsText(found)}\n\n${commandsText(found)}`);
  return exitCodes.done;
}

function limitsText(found: DriveCapabilities & { readonly drive: string }): string {
  const yes = (value: boolean): string => (value ? "yes" : "no");
  const { blockLimits, mediumAuxiliaryMemory, positionForms, transferLimitBytes } = found;
  const forms = Object.entries(positionForms).map(([form, support]) => `${form} ${support}`);
  return fieldsText([
    ["Drive", found.drive],
    [
      "Blocks",
      blockLimits === undefined
        ? "not told"
        : `${countText(blockLimits.minimumBytes)} to ${countText(blockLimits.maximumBytes)} bytes`,
    ],
    ["Transfer", transferLimitBytes === undefined ? "no limit known" : `up to ${countText(transferLimitBytes)} bytes`],
    ["Position", forms.join(", ")],
    ["Compression", yes(found.compression)],
    ["Encryption", yes(found.encryption)],
    ["Logical block protection", yes(found.logicalBlockProtection)],
    ["Partitions", yes(found.partitions)],
    ["Cartridge memory", mediumAuxiliaryMemory === undefined ? "no tape loaded" : yes(mediumAuxiliaryMemory)],
    ["Vital product data", found.vitalPages.map(hex).join(", ")],
    ["Mode pages", found.modePages.join(", ")],
    ["Log pages", found.logPages.map(hex).join(", ")],
    ["Lists its commands", yes(found.reportsOperations)],
  ]);
}

function commandsText({ commands, timeoutSeconds }: DriveCapabilities): string {
  const timeouts: Readonly<Partial<Record<string, number>>> = timeoutSeconds;
  return tableText(
    [{ title: "COMMAND" }, { title: "SUPPORTED" }, { title: "TIMEOUT", align: "right" }],
    Object.entries(commands).map(([command, support]) => {
      const seconds = timeouts[command];
      return [command, support, seconds === undefined ? "" : `${countText(seconds)} s`];
    }),
  );
}
