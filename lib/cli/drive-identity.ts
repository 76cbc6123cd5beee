// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that say what it is. They need no medium and move no tape. */
import type { Command } from "commander";
import type { BlockLimits, Designator, EncryptionAlgorithm, SupportedOperation } from "../device/index.ts";
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

/** Whatever the drive has not is absent or empty. */
interface Capabilities {
  readonly drive: string;
  readonly blockLimits: BlockLimits;
  readonly maximumObjectNumber?: bigint;
  readonly commands?: readonly SupportedOperation[];
  readonly vitalPages: readonly number[];
  readonly modePages: readonly PageCode[];
  readonly logPages: readonly PageCode[];
  readonly compression: boolean;
  readonly encryption: readonly EncryptionAlgorithm[];
  readonly blockProtection: boolean;
  readonly reservations: boolean;
}

interface PageCode {
  readonly page: number;
  readonly subpage: number;
}

async function showCapabilities(session: Session, options: DriveOptions): Promise<ExitCode> {
  const found = await withDrive(session, options, async (drive, { name }): Promise<Capabilities> => {
    await drive.attend();
    const maximumObjectNumber = await drive.maximumObjectNumber();
    const commands = await drive.supportedOperations();
    return {
      drive: name,
      blockLimits: await drive.blockLimits(),
      ...(maximumObjectNumber === undefined ? {} : { maximumObjectNumber }),
      ...(commands === undefined ? {} : { commands }),
      vitalPages: await drive.vitalPageCodes(),
      modePages: (await drive.modePages()).map(({ code, subpage }) => ({ page: code, subpage })),
      logPages: (await drive.logPageCodes()) ?? [],
      compression: (await drive.compression())?.capable === true,
      encryption: (await drive.encryptionCapabilities())?.algorithms ?? [],
      blockProtection: (await drive.blockProtection()) !== undefined,
      reservations: (await drive.reservationCapabilities()) !== undefined,
    };
  });
  session.print({ ...found }, () => capabilitiesText(found));
  return exitCodes.done;
}

function capabilitiesText(found: Capabilities): string {
  const yes = (value: boolean): string => (value ? "yes" : "no");
  const { blockLimits, maximumObjectNumber, commands } = found;
  const fields = fieldsText([
    ["Drive", found.drive],
    ["Blocks", `${countText(blockLimits.minimumBytes)} to ${countText(blockLimits.maximumBytes)} bytes`],
    ["Largest object number", maximumObjectNumber === undefined ? "not told" : countText(maximumObjectNumber)],
    ["Compression", yes(found.compression)],
    ["Encryption", found.encryption.length === 0 ? "no" : `${found.encryption.length} algorithms`],
    ["Logical block protection", yes(found.blockProtection)],
    ["Persistent reservations", yes(found.reservations)],
    ["Vital product data", found.vitalPages.map(hex).join(", ")],
    ["Mode pages", found.modePages.map(pageText).join(", ")],
    ["Log pages", found.logPages.map(pageText).join(", ")],
  ]);
  if (commands === undefined) return `${fields}\nthe drive does not list its commands`;
  const table = tableText(
    [
      { title: "COMMAND" },
      { title: "CDB", align: "right" },
      { title: "NOMINAL", align: "right" },
      { title: "TIMEOUT", align: "right" },
    ],
    commands.map(({ operationCode, serviceAction, cdbBytes, timeouts }) => [
      serviceAction === undefined ? hex(operationCode) : `${hex(operationCode)}/${hex(serviceAction)}`,
      String(cdbBytes),
      timeouts === undefined ? "-" : `${countText(timeouts.nominalSeconds)} s`,
      timeouts === undefined ? "-" : `${countText(timeouts.recommendedSeconds)} s`,
    ]),
  );
  return `${fields}\n\n${table}`;
}

function pageText({ page, subpage }: PageCode): string {
  return subpage === 0 ? hex(page) : `${hex(page)}/${hex(subpage)}`;
}
