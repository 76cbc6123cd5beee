// SPDX-License-Identifier: Apache-2.0
/** What a case asks of a library beyond what all have. Nothing else excuses a case. */
import type { ChangerCapabilitiesFound, DriveCapabilities } from "../../lib/device/index.ts";
import type { PositionForm } from "../../lib/native/binding.ts";
import type { Bench } from "./bench.ts";
import { isException } from "./exceptions.ts";
import type { Exception } from "./exceptions.ts";

type DriveCommand = keyof DriveCapabilities["commands"];
type ChangerCommand = keyof ChangerCapabilitiesFound["commands"];

/** In the words of the table, which says "no" before them. */
export type Requirement =
  | DriveCommand
  | `changer's ${ChangerCommand}`
  /** The form counts; one that says zeros, or that it does not know, will not do. */
  | `${PositionForm} position`
  | "position in any form"
  | "compression"
  | "encryption"
  | "logical block protection"
  | "partitions"
  | "attributes"
  | "recommended timeouts"
  | "import/export elements"
  | "serial number of every drive"
  | `mode page ${string}`
  | `log page ${string}`
  | Exception;

/** What the product's own probes found. */
export interface Found {
  readonly drive: DriveCapabilities;
  readonly changer: ChangerCapabilitiesFound;
}

/** Asks the library, with a tape loaded; it writes one block to tell a truthful position from zeros. */
export async function probe(bench: Bench): Promise<Found> {
  const drive = await bench.loaded();
  await drive.write(Buffer.from("probe"), "a probe");
  return { drive: await drive.capabilities(), changer: await bench.changer.capabilities() };
}

/** "untested" is no excuse: then the case itself tries. */
function lacksCommand(commands: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const support = commands[name];
  return support === undefined ? undefined : support === "no";
}

function lacksPage({ modePages, logPages }: DriveCapabilities, requirement: string): boolean | undefined {
  const [, kind, page = ""] = /^(mode|log) page (.+)$/.exec(requirement) ?? [];
  if (kind === undefined) return undefined;
  return kind === "mode" ? !modePages.includes(page) : !logPages.includes(Number.parseInt(page, 16));
}

function lacksFeature({ drive, changer }: Found, requirement: Requirement): boolean | undefined {
  const forms = Object.entries(drive.positionForms);
  const form = forms.find(([name]) => requirement === `${name} position`);
  if (form !== undefined) return form[1] !== "proved";
  switch (requirement) {
    case "position in any form":
      return !forms.some(([, support]) => support === "proved");
    case "compression":
      return !drive.compression;
    case "encryption":
      return !drive.encryption;
    case "logical block protection":
      return !drive.logicalBlockProtection;
    case "partitions":
      return !drive.partitions;
    case "attributes":
      return drive.mediumAuxiliaryMemory !== true;
    case "recommended timeouts":
      return Object.keys(drive.timeoutSeconds).length === 0;
    case "serial number of every drive":
      return !changer.identifiesDrives;
    case "import/export elements":
      return changer.elements.importExport === 0;
    default:
      return undefined;
  }
}

/** Whether the probes say that the library has it not. An exception is no matter of theirs. */
export function lacks(found: Found, requirement: Requirement): boolean {
  if (isException(requirement)) return false;
  const lacking =
    lacksFeature(found, requirement) ??
    lacksPage(found.drive, requirement) ??
    lacksCommand(found.drive.commands, requirement) ??
    lacksCommand(found.changer.commands, requirement.replace(/^changer's /, ""));
  if (lacking === undefined) throw new Error(`no probe tells of ${requirement}`);
  return lacking;
}
