// SPDX-License-Identifier: Apache-2.0
/**
 * Runs inside the guest: leads the library through some states, and in each asks the programs that everybody uses and
 * our command line or driver the same question, by way of the same nodes. Writes what both said as JSON; the test compares.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as fileSystem from "node:fs/promises";
import { discoverDevices } from "../../lib/device/discovery.ts";
import type { DiscoveredDevice } from "../../lib/device/discovery.ts";
import { MediumChanger, TapeDrive } from "../../lib/device/index.ts";

export interface Comparison {
  readonly question: string;
  readonly theirs: string;
  readonly ours: string;
}

export interface Walk {
  readonly comparisons: readonly Comparison[];
  readonly discovered: readonly Omit<DiscoveredDevice, "address">[];
  /** Nodes as the guest's set-up found them: drives, then the changer. */
  readonly nodes: readonly { readonly sg: string; readonly nst?: string }[];
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this runs in the guest`);
  return value;
}

function output(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}

/** The command line as users have it, a process of its own. */
function tidemark(...args: readonly string[]): string {
  return output(process.execPath, join(import.meta.dirname, "../../lib/cli/main.ts"), ...args);
}

const changerPath = variable("TIDEMARK_CHANGER_SG");
const drives = [0, 1].map((index) => ({
  sg: variable(`TIDEMARK_DRIVE_${index}_SG`),
  nst: variable(`TIDEMARK_DRIVE_${index}_NST`),
}));
const comparisons: Comparison[] = [];
const changer = MediumChanger.open({ kind: "sg", path: changerPath });
const [firstDrive = { sg: "", nst: "" }] = drives;

function compareInventory(state: string): void {
  const ours = tidemark("changer", "status", "--format", "mtx", "--changer", changerPath);
  comparisons.push({ question: `mtx status, ${state}`, theirs: output("mtx", "-f", changerPath, "status"), ours });
}

function compareDrive(state: string): void {
  const theirs = output("mt", "-f", firstDrive.nst, "status");
  const ours = tidemark("drive", "status", "--format", "mt", "--drive", firstDrive.sg);
  comparisons.push({ question: `mt status of ${state}`, theirs, ours });
}

/** `sg_inq` prints the fields with their padding. */
function field(text: string, name: string): string {
  return new RegExp(`${name}: *(.*?) *$`, "m").exec(text)?.[1] ?? "";
}

async function compareInquiry(path: string, device: TapeDrive | MediumChanger): Promise<void> {
  const { deviceType, vendor, product, revision, serialNumber } = await device.inquiry();
  const standard = output("sg_inq", path);
  const theirs = ["Vendor identification", "Product identification", "Product revision level", "Unit serial number"];
  comparisons.push({
    question: `sg_inq of a ${deviceType === 8 ? "changer" : "drive"}`,
    theirs: theirs.map((name) => field(standard, name)).join("|"),
    ours: [vendor, product, revision, serialNumber].join("|"),
  });
}

async function compareVitalPages(path: string, device: TapeDrive | MediumChanger, name: string): Promise<void> {
  const pages = await device.vitalPageCodes();
  const theirs = pages.map((page) =>
    execFileSync("sg_vpd", ["--raw", `--page=${page}`, path], { stdio: ["ignore", "pipe", "ignore"] }).toString("hex"),
  );
  const ours: string[] = [];
  for (const page of pages) ours.push((await device.vitalPage(page))?.toString("hex") ?? "");
  comparisons.push({ question: `sg_vpd of a ${name}`, theirs: theirs.join("\n"), ours: ours.join("\n") });
}

compareInventory("at the beginning");
compareDrive("an empty drive");
output("mtx", "-f", changerPath, "load", "1", "0");
compareInventory("a drive loaded");
compareDrive("a drive that was just loaded");
output("mtx", "-f", changerPath, "load", "3", "1");
output("mtx", "-f", changerPath, "transfer", "2", "7");
compareInventory("both drives loaded, a cartridge in the import/export element");
output("mtx", "-f", changerPath, "unload", "6", "0");
compareInventory("a cartridge in another storage element");
output("mtx", "-f", changerPath, "unload", "3", "1");

const drive = TapeDrive.open({ kind: "sg", path: firstDrive.sg });
await compareInquiry(firstDrive.sg, drive);
await compareInquiry(changerPath, changer);
await compareVitalPages(firstDrive.sg, drive, "drive");
await compareVitalPages(changerPath, changer, "changer");
await drive.close();
await changer.close();

const walk: Walk = {
  comparisons,
  discovered: await discoverDevices({ fileSystem }),
  nodes: [...drives, { sg: changerPath }],
};
process.stdout.write(JSON.stringify(walk));
