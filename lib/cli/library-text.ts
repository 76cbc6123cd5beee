// SPDX-License-Identifier: Apache-2.0
/** The library as people see it: drives, cartridges, elements, requests. */
import type { CartridgeStatus, ElementStatus, LibraryStatus, OperatorRequest } from "../service/api.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { sizeText, timeText } from "./text.ts";

export function libraryText(status: LibraryStatus, session: Session, elements: boolean): string {
  const name = [status.vendor, status.product].map((part) => (part ?? "").trim()).join(" ");
  const title =
    status.serialNumber === undefined
      ? "drives without a changer"
      : `${name}, serial number ${status.serialNumber.trim()}`;
  const parts = elements
    ? [elementsText(status.elements)]
    : [drivesText(status), cartridgesText(status.cartridges), waitingText(status), needsText(status)];
  return [session.bold(title), ...parts.filter((part) => part !== "")].join("\n\n");
}

function drivesText({ drives }: LibraryStatus): string {
  return tableText(
    [{ title: "DRIVE" }, { title: "STATE" }, { title: "CARTRIDGE" }, { title: "USED BY" }, { title: "LAST ERROR" }],
    drives.map((drive) => [
      `${drive.number}  ${drive.name}`,
      drive.state === "outOfService" ? "out of service" : serviceText(drive.cleaning),
      drive.volumeTag ?? "-",
      drive.usedBy === undefined ? "-" : userText(drive.usedBy),
      errorText(drive.lastError ?? (drive.reason === undefined ? undefined : { text: drive.reason })),
    ]),
  );
}

function serviceText(cleaning: LibraryStatus["drives"][number]["cleaning"]): string {
  if (cleaning === "notNeeded") return "in service";
  return cleaning === "now" ? "must be cleaned" : "to be cleaned soon";
}

function userText(user: LibraryStatus["waiting"][number]): string {
  const who = user.jobId === undefined ? `process ${user.processId}` : `job ${user.jobId}`;
  return `${who} (${user.purpose})`;
}

function cartridgesText(cartridges: readonly CartridgeStatus[]): string {
  if (cartridges.length === 0) return "no cartridges are known";
  return tableText(
    [
      { title: "PLACE" },
      { title: "CARTRIDGE" },
      { title: "POOL" },
      { title: "STATE" },
      { title: "SET" },
      { title: "WRITTEN", align: "right" },
      { title: "FULL", align: "right" },
      { title: "LAST ERROR" },
    ],
    cartridges.map((each) => [
      each.place,
      each.volumeTag,
      each.pool ?? "-",
      stateText(each),
      each.mediaSet === undefined ? "-" : `${each.mediaSet.slice(0, 8)}/${each.setNumber ?? "?"}`,
      each.bytes === undefined ? "-" : sizeText(each.bytes),
      fillText(each),
      errorText(each.lastError),
    ]),
  );
}

const stateNames: Readonly<Record<string, string>> = {
  inUse: "in use",
  notLabelled: "not labelled",
  usedUp: "used up",
};

function stateText({ state, worm, writeProtected }: CartridgeStatus): string {
  const marks = [...(worm ? ["WORM"] : []), ...(writeProtected ? ["write protected"] : [])];
  return [stateNames[state] ?? state, ...marks].join(", ");
}

function fillText({ bytes, capacityBytes }: CartridgeStatus): string {
  if (bytes === undefined || capacityBytes === undefined || capacityBytes === 0n) return "-";
  return `${(bytes * 100n) / capacityBytes} %`;
}

function errorText(error: { readonly atMs?: number; readonly text: string } | undefined): string {
  if (error === undefined) return "-";
  return error.atMs === undefined ? error.text : `${timeText(error.atMs)} ${error.text}`;
}

function waitingText({ waiting }: LibraryStatus): string {
  return waiting.length === 0 ? "" : `waiting for a drive: ${waiting.map(userText).join(", ")}`;
}

function needsText({ requests }: LibraryStatus): string {
  if (requests === 0) return "";
  return `${requests === 1 ? "1 request" : `${requests} requests`} to the operator: tidemark library requests`;
}

const typeNames: Readonly<Record<ElementStatus["type"], string>> = {
  transport: "transport",
  storage: "slot",
  importExport: "import/export",
  dataTransfer: "drive",
};

function elementsText(elements: readonly ElementStatus[]): string {
  return tableText(
    [
      { title: "ADDRESS", align: "right" },
      { title: "ELEMENT" },
      { title: "CARTRIDGE" },
      { title: "STATE" },
      { title: "POOL" },
      { title: "DRIVE SERIAL" },
      { title: "EXCEPTION" },
    ],
    elements.map((element) => [
      String(element.address),
      typeNames[element.type],
      contentText(element),
      element.volumeState ?? "",
      element.pool ?? "",
      element.driveSerialNumber ?? "",
      element.exception ?? "",
    ]),
  );
}

function contentText({ full, volumeTag = "" }: ElementStatus): string {
  if (!full) return "-";
  return volumeTag === "" ? "(no barcode)" : volumeTag;
}

export function requestsText(requests: readonly OperatorRequest[]): string {
  if (requests.length === 0) return "nothing is asked of the operator";
  return tableText(
    [{ title: "REQUEST" }, { title: "SINCE" }, { title: "JOB" }, { title: "WHAT TO DO" }],
    requests.map(({ id, sinceMs, jobId, text }) => [id, timeText(sinceMs), jobId ?? "-", text]),
  );
}
