// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { MediaSetDetails, MediaSetJob } from "../service/media-api.ts";
import { addMediaSetCopy } from "./copy.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { mediaSetsText, poolJobsText, poolVolumesText } from "./media-text.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { fieldsText } from "./table.ts";
import { sizeText, timeText } from "./text.ts";

const codes = [exitCodes.done, exitCodes.failed, exitCodes.usage, exitCodes.catalog];

export function addMediaSetCommands(program: Command, run: Runner): void {
  const mediaSet = program
    .command("media-set")
    .description("Media sets: cartridges that the jobs of a pool filled one after the other.");
  document(mediaSet, ["tidemark media-set list"], [exitCodes.done, exitCodes.usage]);
  const list = mediaSet
    .command("list")
    .description("List the media sets in order of their beginning.")
    .option("--pool <name>", "only those of a pool")
    .action(run(listMediaSets));
  document(list, ["tidemark media-set list --pool weekly"], codes);
  const show = mediaSet
    .command("show")
    .description("Show a media set: its cartridges in order and where they are, its jobs, and what lies where.")
    .argument("<uuid>", "the set's UUID, or its beginning")
    .action(run(showMediaSet));
  document(show, ["tidemark media-set show 3f2a"], codes);
  addMediaSetCopy(mediaSet, run);
}

async function listMediaSets(session: Session, options: { readonly pool?: string }): Promise<ExitCode> {
  const mediaSets = await session.withService((service) => Promise.resolve(service.media.listMediaSets(options.pool)));
  session.print({ mediaSets }, () =>
    mediaSets.length === 0 ? "no media sets yet: the first job begins one" : mediaSetsText(mediaSets),
  );
  return exitCodes.done;
}

async function showMediaSet(session: Session, uuid: string): Promise<ExitCode> {
  const set = await session.withService((service) => Promise.resolve(service.media.showMediaSet(uuid)));
  session.print({ ...set }, () => setText(session, set));
  return exitCodes.done;
}

function setText(session: Session, set: MediaSetDetails): string {
  const fields = fieldsText([
    ["  pool", set.pool],
    ["  began", timeText(set.createdAtMs)],
    ["  closed", set.closedAtMs === undefined ? "no: jobs may go on with it" : timeText(set.closedAtMs)],
    ["  written", sizeText(set.bytes)],
  ]);
  const volumes = set.volumeList.length === 0 ? "no volumes: all were written over" : poolVolumesText(set.volumeList);
  const jobs = set.jobs.length === 0 ? "no jobs" : poolJobsText(set.jobs, { title: "TAPE FILES", cell: segmentsText });
  return `${session.bold(`media set ${set.uuid}`)}\n${fields}\n\n${volumes}\n\n${jobs}`;
}

/** `TMK001L9:1-3 TMK002L9:1`. */
function segmentsText({ segments }: MediaSetJob): string {
  const tags = [...new Set(segments.map(({ volumeTag }) => volumeTag))];
  const texts = tags.map((tag) => {
    const files = segments.filter(({ volumeTag }) => volumeTag === tag).map(({ tapeFile }) => tapeFile);
    return `${tag}:${rangesText(files)}`;
  });
  return texts.length === 0 ? "-" : texts.join(" ");
}

/** `1-3,5`. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers.toSorted((left, right) => left - right)) {
    const range = ranges.at(-1);
    if (range !== undefined && number <= range.last + 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(",");
}
