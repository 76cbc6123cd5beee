// SPDX-License-Identifier: Apache-2.0
/** Verbs of `tidemark drive` that prepare a medium, and destroy what is on it. */
import type { Command } from "commander";
import type { MediumPartitions } from "../device/index.ts";
import { OperatorError } from "../errors.ts";
import { allowDestruction, withDestructiveOptions } from "./destructive.ts";
import type { DestructiveOptions } from "./destructive.ts";
import { deviceCodes, withDriveOptions, withReadyDrive } from "./device-work.ts";
import type { DriveOptions } from "./device-work.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { UsageError } from "./usage-error.ts";

export function addDriveMedium(drive: Command, run: Runner): void {
  const erase = withDestructiveOptions(withDriveOptions(drive.command("erase")))
    .description("Erase the tape from its beginning. What is on it is lost.")
    .option("--long", "overwrite all of it, which takes hours; else only the end of data is put to the beginning")
    .action(run(eraseTape));
  document(erase, ["tidemark drive erase --yes", "tidemark drive erase --long --drive 0 --yes"], deviceCodes);
  const partitions = withDestructiveOptions(withDriveOptions(drive.command("partitions")))
    .description("Show the partitions of the tape, or format it with others. Formatting loses what is on it.")
    .option("--single", "format it with one partition")
    .option("--sizes <gigabytes>", 'format it with partitions of these sizes, such as "100,rest"')
    .action(run(partitionTape));
  document(partitions, ["tidemark drive partitions", "tidemark drive partitions --sizes 100,rest --yes"], deviceCodes);
}

async function eraseTape(
  session: Session,
  options: DriveOptions & DestructiveOptions & { readonly long?: boolean },
): Promise<ExitCode> {
  await withReadyDrive(session, options, async (drive, named) => {
    await allowDestruction(session, drive, named, options, "erases the tape");
    await drive.rewind();
    await drive.erase({ entire: options.long === true });
  });
  session.print({ erased: true, long: options.long === true }, () => "erased");
  return exitCodes.done;
}

type PartitionOptions = DriveOptions & DestructiveOptions & { readonly single?: boolean; readonly sizes?: string };

async function partitionTape(session: Session, options: PartitionOptions): Promise<ExitCode> {
  const { single, sizes } = options;
  if (single === true && sizes !== undefined) throw new UsageError("say either --single or --sizes");
  const wanted = sizes === undefined ? undefined : partitionSizes(sizes);
  const page = await withReadyDrive(session, options, async (drive, named) => {
    const present = await drive.partitions();
    if (single !== true && wanted === undefined) return present;
    const layout = wanted === undefined ? undefined : newLayout(present, wanted, named.name);
    await allowDestruction(session, drive, named, options, "formats the tape");
    await drive.rewind();
    await drive.formatMedium(layout);
    return drive.partitions();
  });
  session.print({ partitions: page }, () =>
    page === undefined ? "the drive knows no partitions" : partitionsText(page),
  );
  return exitCodes.done;
}

/** What stands for "all that is left" in mode page 11h (SSC-4 8.3.4). */
const rest = 0xffff;
/** Sizes are given in 10^9 bytes: the exponent of their unit. */
const gigabyteExponent = 9;
/** PARTITION UNITS is a field of four bits: page 11h can count in up to 10^15 bytes. */
const largestSize = 0xfffe;

function partitionSizes(text: string): readonly number[] {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map((part) => (part === "rest" ? rest : Number(part)));
  const isValid = parts.every((part, index) => part === "rest" || (/^\d{1,5}$/.test(part) && inRange(numbers[index])));
  const rests = numbers.filter((number) => number === rest).length;
  if (isValid && numbers.length > 1 && rests <= 1) return numbers;
  throw new UsageError(
    `"${text}" are no partition sizes: write gigabytes (1 to ${largestSize}) and once "rest", such as 100,rest; for one partition say --single`,
  );
}

function inRange(size: number | undefined): boolean {
  return size !== undefined && size >= 1 && size <= largestSize;
}

function newLayout(present: MediumPartitions | undefined, sizes: readonly number[], name: string): MediumPartitions {
  if (present === undefined) throw new OperatorError(`${name} knows no partitions (mode page 11h)`);
  if (sizes.length - 1 > present.maximumAdditional) {
    throw new OperatorError(`${name} makes at most ${present.maximumAdditional + 1} partitions of this tape`);
  }
  return {
    ...present,
    additional: sizes.length - 1,
    fixed: false,
    selected: false,
    initiatorDefined: true,
    unit: "byExponent",
    sizeExponent: gigabyteExponent,
    onFormatMedium: true,
    sizes,
  };
}

const unitTexts: Readonly<Record<MediumPartitions["unit"], string>> = {
  bytes: "B",
  kilobytes: "KB",
  megabytes: "MB",
  byExponent: "",
};

function partitionsText(page: MediumPartitions): string {
  const unit = page.unit === "byExponent" ? `x 10^${page.sizeExponent} B` : unitTexts[page.unit];
  const rows = Array.from({ length: page.additional + 1 }, (_, partition) => {
    const size = page.sizes[partition];
    return [String(partition), size === undefined ? "not told" : size === rest ? "the rest" : `${size} ${unit}`];
  });
  const table = tableText([{ title: "PARTITION", align: "right" }, { title: "SIZE" }], rows);
  return `${table}\nat most ${page.maximumAdditional + 1} partitions on this tape`;
}
