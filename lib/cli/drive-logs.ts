// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that show what it has counted and noticed. */
import type { Command } from "commander";
import { logPageName, logValues, tapeAlert, tapeAlertActions } from "../device/index.ts";
import type { LogValue, TapeAlert, TapeDrive } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { deviceCodes, withDrive, withDriveOptions } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** Reading it clears it for this host. */
const tapeAlertPage = 0x2e;

export function addDriveLogs(drive: Command, run: Runner): void {
  const logs = withDriveOptions(drive.command("logs"))
    .description("List the drive's log pages, or show some of them. Moves no tape.")
    .argument("[page...]", "hexadecimal numbers, such as 17 or 10/01; 2E is cleared by being read")
    .action(run(showLogs));
  document(logs, ["tidemark drive logs", "tidemark drive logs 0C 17 --json"], deviceCodes);
  const alerts = withDriveOptions(drive.command("alerts"))
    .description("Show the TapeAlert flags that are set, and what to do. Clears nothing unless told to.")
    .option("--clear", "read them from page 2Eh, which clears them for this host")
    .action(run(showAlerts));
  document(alerts, ["tidemark drive alerts"], deviceCodes);
}

interface PageName {
  readonly page: number;
  readonly subpage: number;
}

async function showLogs(session: Session, wanted: readonly string[], options: DriveOptions): Promise<ExitCode> {
  const pages = wanted.map(parsePage);
  if (pages.length === 0) return listPages(session, options);
  if (pages.some(({ page }) => page === tapeAlertPage)) {
    session.remark("page 2E is cleared for this host by being read; page 12, where the drive has it, is not");
  }
  const shown = await withDrive(session, options, async (drive) => {
    await drive.attend();
    const read = [];
    for (const page of pages) read.push(await readPage(drive, page));
    return read;
  });
  session.print({ pages: shown }, () => shown.map(pageText).join("\n\n"));
  return exitCodes.done;
}

function parsePage(text: string): PageName {
  const match = /^(?:0x)?([0-9A-Fa-f]{1,2})h?(?:[/,]([0-9A-Fa-f]{1,2})h?)?$/.exec(text);
  const page = Number.parseInt(match?.[1] ?? "", 16);
  if (Number.isNaN(page) || page > 0x3f) {
    throw new UsageError(`"${text}" is no log page: write its hexadecimal number, 00 to 3F, or PAGE/SUBPAGE`);
  }
  return { page, subpage: Number.parseInt(match?.[2] ?? "0", 16) };
}

async function readPage(
  drive: TapeDrive,
  { page, subpage }: PageName,
): Promise<PageName & { readonly name: string; readonly values: readonly LogValue[] }> {
  const answer = await drive.logPage(page, subpage);
  if (answer === undefined) throw new OperatorError(`${drive.name} has no log page ${pageNumber({ page, subpage })}`);
  return { page, subpage, name: logPageName(page, subpage), values: logValues(answer) };
}

function pageNumber({ page, subpage }: PageName): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  return subpage === 0 ? hex(page) : `${hex(page)}/${hex(subpage)}`;
}

function pageText(page: Awaited<ReturnType<typeof readPage>>): string {
  const table = tableText(
    [{ title: "CODE" }, { title: "NAME" }, { title: "VALUE", align: "right" }, { title: "UNIT" }],
    page.values.map(({ code, name, value, unit, partition }) => [
      code.toString(16).toUpperCase().padStart(4, "0"),
      partition === undefined ? name : `${name} ${partition}`,
      value === undefined ? "unknown" : String(value),
      unit ?? "",
    ]),
  );
  return `Page ${pageNumber(page)}: ${page.name}\n${table}`;
}

async function listPages(session: Session, options: DriveOptions): Promise<ExitCode> {
  const codes = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    const known = await drive.logPageCodes();
    if (known !== undefined) return known;
    throw new OperatorError(`${name} has no log pages`);
  });
  const pages = codes.map((code) => ({ ...code, name: logPageName(code.page, code.subpage) }));
  session.print({ pages }, () =>
    tableText(
      [{ title: "PAGE" }, { title: "NAME" }],
      pages.map((page) => [pageNumber(page), page.name]),
    ),
  );
  return exitCodes.done;
}

async function showAlerts(session: Session, options: DriveOptions & { readonly clear?: boolean }): Promise<ExitCode> {
  const flags = await withDrive(session, options, async (drive, { name }) => {
    await drive.attend();
    const set = options.clear === true ? await drive.takeTapeAlertFlags() : await drive.tapeAlertFlags();
    if (set !== undefined) return set;
    throw new OperatorError(
      options.clear === true
        ? `${name} has no TapeAlert (log page 2E)`
        : `${name} has no log page 12, which shows the flags without clearing them; --clear reads page 2E, if it has that`,
    );
  });
  const alerts = flags.map(tapeAlert);
  const actions = tapeAlertActions(flags);
  session.print({ alerts, actions }, () => alertsText(alerts));
  return exitCodes.done;
}

function alertsText(alerts: readonly TapeAlert[]): string {
  if (alerts.length === 0) return "no TapeAlert flag is set";
  return tableText(
    [
      { title: "FLAG", align: "right" },
      { title: "SEVERITY" },
      { title: "CONCERNS" },
      { title: "WHAT" },
      { title: "WHAT TO DO" },
    ],
    alerts.map(({ flag, severity, scope, text, advice }) => [String(flag), severity, scope, text, advice]),
  );
}
