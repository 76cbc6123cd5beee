// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { CartridgeEntry, VolumeDetails } from "../service/media-api.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { rangesText } from "./media-set.ts";
import { locationText, poolJobsText, useText } from "./media-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText } from "./table.ts";
import { countText, plural, sizeText, timeText } from "./text.ts";

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog];

type Fields = readonly (readonly [name: string, value: string])[];

/** The verbs of `volume` that ask the catalog alone. */
export function addVolumeDetailCommands(volume: Command, run: Runner): void {
  const show = volume
    .command("show")
    .description("Show everything that is known of a cartridge: its state, whether it can be written, wear, jobs.")
    .argument("<barcode>", "the cartridge")
    .action(run(showVolume));
  document(show, ["tidemark volume show TMK001L9"], codes);
  const retire = volume
    .command("retire")
    .description("Take a cartridge out of use for good: what is on it can be read, nothing is written on it again.")
    .argument("<barcode>", "the cartridge")
    .option("--yes", "do not ask")
    .action(run(retireVolume));
  document(retire, ["tidemark volume retire TMK001L9 --yes"], codes);
}

async function showVolume(session: Session, volumeTag: string): Promise<ExitCode> {
  const details = await session.withService((service) => Promise.resolve(service.media.showVolume(volumeTag)));
  session.print({ ...details }, () => detailsText(session, details));
  return exitCodes.done;
}

async function retireVolume(
  session: Session,
  volumeTag: string,
  options: { readonly yes?: boolean },
): Promise<ExitCode> {
  await session.confirm(options.yes === true, `takes ${volumeTag} out of use for good: nothing is written on it again`);
  const details = await session.withService((service) => Promise.resolve(service.media.retireVolume(volumeTag)));
  session.print({ ...details }, () => `${volumeTag} retired`);
  return exitCodes.done;
}

function detailsText(session: Session, details: VolumeDetails): string {
  const { volumeTag, volume, cartridge, jobs } = details;
  const fields: Fields = [
    ...(volume === undefined ? [["  volume", "none: not labelled"] as const] : volumeFields(volume)),
    ["  can be written", useText(details)],
    ["  place", locationText(cartridge?.location)],
    ...(cartridge === undefined ? [] : cartridgeFields(cartridge)),
  ];
  const onIt =
    jobs.length === 0
      ? "no jobs on it"
      : poolJobsText(jobs, { title: "TAPE FILES", cell: ({ tapeFiles }) => rangesText(tapeFiles) || "-" });
  return `${session.bold(`cartridge ${volumeTag}`)}\n${fieldsText(fields)}\n\n${onIt}`;
}

function volumeFields(volume: NonNullable<VolumeDetails["volume"]>): Fields {
  return [
    ["  volume", volume.volumeUuid],
    ["  pool", volume.pool],
    ["  state", volume.state],
    [
      "  media set",
      volume.mediaSet === undefined ? "none" : `${volume.mediaSet}, number ${volume.setNumber ?? "unknown"}`,
    ],
    ["  labelled", timeText(volume.labelledAtMs)],
    ["  written", `${sizeText(volume.bytes)}, ${plural(BigInt(volume.tapeFiles - 1), "tape file")} behind the label`],
    ["  record size", sizeText(BigInt(volume.recordSizeBytes))],
    ...(volume.mediumSerial === undefined ? [] : [["  medium serial", volume.mediumSerial] as const]),
  ];
}

function cartridgeFields(cartridge: CartridgeEntry): Fields {
  const { wear, cleanings, lastError } = cartridge;
  const size = (name: string, bytes: bigint | undefined): Fields =>
    bytes === undefined ? [] : [[name, sizeText(bytes)]];
  const properties = [cartridge.worm ? "WORM" : "", cartridge.writeProtected ? "write protected" : ""].filter(Boolean);
  return [
    ["  cartridge", [cartridge.kind, ...properties].join(", ")],
    ...(cleanings === undefined ? [] : [["  cleanings", `${cleanings.used} of ${cleanings.limit}`] as const]),
    ...(wear === undefined ? [] : [["  seen by a drive", timeText(wear.atMs)] as const]),
    ...(wear?.loads === undefined ? [] : [["  loads", countText(wear.loads)] as const]),
    ...size("  capacity", wear?.capacityBytes),
    ...size("  remaining", wear?.remainingBytes),
    ...size("  written in its life", wear?.lifetimeWrittenBytes),
    ...size("  read in its life", wear?.lifetimeReadBytes),
    ...(wear?.alerts === undefined || wear.alerts.length === 0 ? [] : [["  alerts", wear.alerts.join(", ")] as const]),
    ...(lastError === undefined ? [] : [["  last error", `${timeText(lastError.atMs)}: ${lastError.text}`] as const]),
  ];
}
