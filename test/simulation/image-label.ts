// SPDX-License-Identifier: Apache-2.0
/** What a cartridge's label and the heads of its segments say (docs/reference/tape-format.md), from its image alone. */
import type { Image } from "./image.ts";
import { TarProblem, readHeaders } from "./image-tar.ts";

export interface Label {
  readonly uuid: string;
  readonly barcode: string;
  readonly recordSizeBytes: number;
}

export interface Head {
  readonly volumeUuid: string;
  readonly jobId: string;
  readonly epoch: number;
  readonly segment: number;
  readonly streamOffset: number;
  readonly continues?: {
    readonly path: string;
    readonly bytesLeft: number;
    /** What tar compares with what it has of the file. */
    readonly offset: number;
  };
}

/** Objects of tape file 0: VOL1, volume header, filemark. */
export const labelObjects = 3;

/** @throws TarProblem where the cartridge has no label as it must be */
export function readLabel(image: Image): Label {
  const [vol1, header] = [image.block(0), image.block(1)];
  if (vol1?.length !== 80 || vol1.toString("latin1", 0, 4) !== "VOL1")
    throw new TarProblem("object 0 is no VOL1 label");
  if (vol1.toString("latin1", 4, 10) !== image.barcode.slice(0, 6))
    throw new TarProblem("VOL1 has another volume serial");
  if (header === undefined || image.objects[2]?.kind !== "filemark") throw new TarProblem("the label is incomplete");
  const { member, end } = readHeaders(header, 0);
  if (member?.path !== ".tidemark/volume.json") throw new TarProblem("object 1 is no volume header");
  const json: unknown = JSON.parse(header.toString("utf8", end, end + member.archivedBytes));
  const { uuid, barcode, recordSizeBytes } = json as Partial<Label>;
  if (uuid === undefined || barcode === undefined || recordSizeBytes === undefined)
    throw new TarProblem("the volume header lacks a field");
  if (barcode !== image.barcode) throw new TarProblem(`the volume header is that of ${barcode}`);
  return { uuid, barcode, recordSizeBytes };
}

/** @throws TarProblem where the block is no segment's head */
export function readHead(block: Buffer): Head {
  const { globals, member, end } = readHeaders(block, 0);
  const first = readHeadComment(block);
  if (member === undefined || end !== block.length) throw new TarProblem("a segment head does not fill its block");
  const field = (name: string): string => {
    const value = new RegExp(`(?:^| )${name}=([^ ]*)`).exec(first)?.[1];
    if (value === undefined) throw new TarProblem(`a segment head has no ${name}`);
    return decodeURIComponent(value);
  };
  // A filler's comment comes behind the head's own.
  const last = globals.get("comment") ?? "";
  if (last.trim() !== "" && `${title}${first}` !== `comment=${last}`) throw new TarProblem("a filler says something");
  const path = globals.get("GNU.volume.filename");
  const own = `.tidemark/${field("job")}/${field("segment")}`;
  if (path === undefined ? member.path !== own : !member.path.includes("GNUFileParts/"))
    throw new TarProblem(`the member of a segment head is ${JSON.stringify(member.path)}`);
  const continues = {
    path: path ?? "",
    bytesLeft: Number(globals.get("GNU.volume.size")),
    offset: Number(globals.get("GNU.volume.offset")),
  };
  return {
    volumeUuid: field("volume"),
    jobId: field("job"),
    epoch: Number(field("epoch")),
    segment: Number(field("segment")),
    streamOffset: Number(field("offset")),
    ...(path === undefined ? {} : { continues }),
  };
}

const title = "comment=Tidemark segment ";

function readHeadComment(block: Buffer): string {
  const start = block.indexOf(title);
  if (start < 0 || start > 1024) throw new TarProblem("a block is no segment head");
  return block.toString("utf8", start + title.length, block.indexOf(0x0a, start));
}
