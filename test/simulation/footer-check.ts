// SPDX-License-Identifier: Apache-2.0
/**
 * The footers on tape must tell of every claimed object, so that a lost disk does not lose the job. They are found and
 * decoded here from the image: CBOR by the library that the product uses too (nobody writes CBOR by hand), the records
 * by their numbers and elements alone.
 */
import { Decoder } from "cbor-x";
import type { Image } from "./image.ts";
import { readHeaders } from "./image-tar.ts";
import { isZero } from "./object-check.ts";
import type { ToldFinished, ToldObject } from "./told.ts";

/** Numbers of the records that are looked at (lib/catalog/persistent-record.ts has all). */
const recordNumber = { job: 1, segmentOpen: 4, containerOpen: 6, containerClose: 7, object: 9, extent: 16 } as const;

const decoder = new Decoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false });

interface Described {
  readonly path: string;
  readonly endOffset: number;
  readonly outcome: number;
}

/** What all footers of a job on all volumes say together. */
class Description {
  readonly containers = new Map<number, string>();
  /** By header offset; objects without a member have none of their own. */
  readonly objects = new Map<number, Described[]>();
  readonly closed = new Set<string>();
  readonly extents = new Set<string>();

  add(record: readonly unknown[]): void {
    const [number, id, second, third] = record;
    if (number === recordNumber.containerOpen) this.containers.set(Number(id), bytesText(third));
    if (number === recordNumber.containerClose) this.closed.add(bytesText(third));
    if (number === recordNumber.object) this.#addObject(Number(id), bytesText(second), record);
    if (number === recordNumber.extent) this.extents.add(extentKey(third, record[4], record[5]));
  }

  #addObject(containerId: number, name: string, record: readonly unknown[]): void {
    const folder = this.containers.get(containerId);
    if (folder === undefined) return;
    const path = `${folder}${name}`;
    const key = Number(record[5]);
    const list = this.objects.get(key) ?? [];
    this.objects.set(key, list);
    const plain = path.endsWith("/") ? path.slice(0, -1) : path;
    list.push({ path: plain, endOffset: Number(record[7]), outcome: Number(record[8]) });
  }
}

function extentKey(headerOffset: unknown, from: unknown, to: unknown): string {
  return [headerOffset, from, to].map(Number).join(":");
}

export function checkFooters(jobId: string, told: ToldFinished, images: ReadonlyMap<string, Image>): readonly string[] {
  const violations: string[] = [];
  const description = new Description();
  const seen = new Set<number>();
  const ordered = told.segments.toSorted((a, b) => a.segment - b.segment);
  for (const { segment, volumeTag, footerBlock } of ordered) {
    seen.add(segment);
    if (footerBlock === undefined) continue;
    try {
      const records = footerRecords(jobId, segment, images.get(volumeTag), Number(footerBlock));
      violations.push(...frontProblems(jobId, segment, records, seen));
      for (const record of records) description.add(record);
    } catch (error) {
      violations.push(`footer of segment ${segment} (${volumeTag}): ${String(error)}`);
    }
  }
  for (const object of told.objects) {
    const problem = describedProblem(object, told, description);
    if (problem !== undefined) violations.push(`${JSON.stringify(object.path)}: ${problem}`);
  }
  return violations;
}

function footerRecords(
  jobId: string,
  segment: number,
  image: Image | undefined,
  footerBlock: number,
): readonly (readonly unknown[])[] {
  const first = image?.block(footerBlock);
  if (image === undefined || first === undefined) throw new Error("it is not on the medium");
  const { member, end } = readHeaders(first, 0);
  if (member?.path !== `.tidemark/${jobId}/${segment}.cborseq`) throw new Error("another member is in its place");
  const blocks: Buffer[] = [];
  for (let number = footerBlock; ; number++) {
    const block = image.block(number);
    if (block === undefined) break;
    blocks.push(block);
  }
  const bytes = Buffer.concat(blocks);
  const behind = end + member.archivedBytes;
  if (behind > bytes.length) throw new Error("it is cut off");
  if (!isZero(bytes.subarray(behind))) throw new Error("something stands behind it");
  return decoder.decodeMultiple(bytes.subarray(end, behind)) as readonly (readonly unknown[])[];
}

/** Job and segments so far stand in each. */
function frontProblems(
  jobId: string,
  segment: number,
  records: readonly (readonly unknown[])[],
  earlier: ReadonlySet<number>,
): readonly string[] {
  const problems: string[] = [];
  const has = (number: number, first: unknown): boolean =>
    records.some((record) => record[0] === number && record[1] === first);
  if (!has(recordNumber.job, jobId)) problems.push(`footer of segment ${segment}: it does not name the job`);
  for (const each of earlier) {
    if (!has(recordNumber.segmentOpen, each)) problems.push(`footer of segment ${segment}: segment ${each} is missing`);
  }
  return problems;
}

function describedProblem(
  object: ToldObject,
  told: ToldFinished,
  { objects, extents }: Description,
): string | undefined {
  const found = objects
    .get(object.headerOffset)
    ?.find(({ path, endOffset, outcome }) => path === object.path && endOffset === object.endOffset && outcome === 0);
  if (found === undefined) return "no footer tells of it";
  for (const { from, to } of told.extents.get(object.headerOffset) ?? []) {
    if (!extents.has(extentKey(object.headerOffset, from, to))) return `no footer tells of its extent at ${from}`;
  }
  return undefined;
}

function bytesText(value: unknown): string {
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1")
    : "";
}
