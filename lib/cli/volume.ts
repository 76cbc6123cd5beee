// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import type { Command } from "commander";
import type { LabelOutcome, VolumeSummary } from "../service/api.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";
import { plural, sizeText } from "./text.ts";
import { UsageError } from "./usage-error.ts";
import { addVolumeVerify } from "./verify.ts";
import { addVolumeDetailCommands } from "./volume-details.ts";

const deviceCodes = [
  exitCodes.done,
  exitCodes.failed,
  exitCodes.usage,
  exitCodes.needsOperator,
  exitCodes.device,
  exitCodes.catalog,
];

export function addVolumeCommands(program: Command, run: Runner): void {
  const volume = program.command("volume").description("Tape volumes: labelled cartridges.");
  document(volume, ["tidemark volume list"], [exitCodes.done, exitCodes.usage]);
  addLabel(volume, run);
  const list = volume
    .command("list")
    .description("List the tape volumes that the catalog knows.")
    .action(run(listVolumes));
  document(list, ["tidemark volume list"], [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog]);
  addVolumeDetailCommands(volume, run);
  addVolumeVerify(volume, run);
  const recipe = volume
    .command("recipe")
    .description("Print the commands that read a job back with GNU tar alone.")
    .argument("<job>", "the job's number")
    .option("--folder <folder>", "where the commands are to restore to", "restored")
    .action(run(printRecipe));
  document(
    recipe,
    ["tidemark volume recipe 1 --folder /srv/restored > restore.sh"],
    [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog],
  );
  const read = volume
    .command("read")
    .description("Write one tape file raw to the standard output, as dd would from the drive. File 0 is the label.")
    .argument("<barcode>", "the cartridge")
    .argument("<file-number>", "the tape file, counted from the beginning of the tape")
    .action(run(readTapeFile));
  document(read, ["tidemark volume read TMK001L9 1 | tar -tvf -"], deviceCodes);
}

interface LabelOptions {
  readonly all?: boolean;
  readonly pool?: string;
  readonly yes?: boolean;
  readonly overwriteForeign?: boolean;
}

function addLabel(volume: Command, run: Runner): void {
  const label = volume
    .command("label")
    .description("Label cartridges and so make them tape volumes. What is on them is lost.")
    .argument("[barcode...]", "the cartridges")
    .option("--all", "every cartridge in the library that has no label yet")
    .option("--pool <name>", "the pool to put them in (default: the configuration's)")
    .option("--overwrite-foreign", "also those that carry another product's label")
    .option("--yes", "do not ask")
    .action(run(labelVolumes));
  document(label, ["tidemark volume label --all --yes", "tidemark volume label TMK001L9 --pool weekly"], deviceCodes);
}

async function labelVolumes(session: Session, barcodes: readonly string[], options: LabelOptions): Promise<ExitCode> {
  const all = options.all === true;
  if (all === barcodes.length > 0) throw new UsageError("name the cartridges to label by barcode, or say --all");
  const which = all ? "every unlabelled cartridge in the library" : barcodes.join(", ");
  const overwriteForeign = options.overwriteForeign === true;
  const foreign = overwriteForeign ? ", another product's label and data included" : "";
  await session.confirm(
    options.yes === true,
    `writes a label at the beginning of ${which}; what is on the tape is lost${foreign}`,
  );
  const outcomes = await session.withService((service) =>
    service.labelVolumes(
      { volumeTags: all ? "all" : barcodes, pool: options.pool ?? service.config.backup.pool, overwriteForeign },
      (outcome) => {
        if (!session.json) session.terminal.writeOut(`${outcomeText(outcome)}\n`);
      },
    ),
  );
  if (session.json) session.print({ volumes: outcomes }, () => "");
  // Of "all", what cannot be labelled is left alone and named; of those asked for by name, each is wanted.
  const isMissed = !all && outcomes.some(({ outcome }) => outcome === "skipped");
  return isMissed ? exitCodes.needsOperator : exitCodes.done;
}

const outcomeNames: Readonly<Record<LabelOutcome["outcome"], string>> = {
  labelled: "labelled",
  alreadyLabelled: "has a label already",
  skipped: "skipped",
};

function outcomeText({ volumeTag, outcome, reason }: LabelOutcome): string {
  return `${volumeTag}  ${outcomeNames[outcome]}${reason === undefined ? "" : `: ${reason}`}`;
}

async function listVolumes(session: Session): Promise<ExitCode> {
  const volumes = await session.withService((service) => service.listVolumes());
  session.print({ volumes }, () =>
    volumes.length === 0 ? 'no tape volumes yet: label some with "tidemark volume label --all"' : volumesText(volumes),
  );
  return exitCodes.done;
}

function volumesText(volumes: readonly VolumeSummary[]): string {
  return tableText(
    [
      { title: "BARCODE" },
      { title: "POOL" },
      { title: "STATE" },
      { title: "WRITTEN", align: "right" },
      { title: "RECORD", align: "right" },
      { title: "LAST JOB", align: "right" },
    ],
    volumes.map((volume) => [
      volume.volumeTag,
      volume.pool,
      volume.state,
      sizeText(volume.bytes),
      sizeText(BigInt(volume.recordSizeBytes)),
      volume.lastJobId ?? "-",
    ]),
  );
}

async function printRecipe(session: Session, jobId: string, options: { readonly folder: string }): Promise<ExitCode> {
  const targetFolder = resolve(session.terminal.workingFolder, options.folder);
  const commands = await session.withService((service) =>
    service.recipe(jobId, { targetFolder, configPath: session.configPath() }),
  );
  session.print({ jobId, commands }, () => commands.join("\n"));
  return exitCodes.done;
}

async function readTapeFile(session: Session, barcode: string, fileNumber: string): Promise<ExitCode> {
  if (!/^\d{1,9}$/.test(fileNumber)) {
    throw new UsageError(`"${fileNumber}" is no tape file's number: they count 0, 1, 2 ...`);
  }
  if (session.terminal.outputIsTerminal) {
    throw new UsageError("this writes raw tape data: send the standard output into a file or a program");
  }
  const standardOutput = 1;
  const { bytes, blocks } = await session.withService((service) =>
    service.readTapeFile(barcode, Number(fileNumber), standardOutput),
  );
  session.remark(`${plural(bytes, "byte")} in ${plural(blocks, "block")}`);
  return exitCodes.done;
}
