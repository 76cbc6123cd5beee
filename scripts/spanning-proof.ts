// SPDX-License-Identifier: Apache-2.0
/** What `scripts/spanning` proves when the job is complete: nothing is on tape twice, and everything comes back. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareTrees } from "./compare-trees.ts";
import type { JobDetails, SegmentStatus } from "./spanning-course.ts";
import type { SpanningLibrary } from "./spanning-library.ts";
import { lastLines } from "./spanning-product.ts";
import type { Product } from "./spanning-product.ts";

export interface StreamProof {
  readonly streamBytes: number;
  /** Heads, footers and the padding of segments, in whole records. */
  readonly overheadBytes: number;
  /** Records on tape behind the end of their segment. */
  readonly voidBytes: number;
  readonly segments: number;
  readonly differences: readonly string[];
}

/**
 * The segments must follow one another in the stream without a gap and without an overlap, and where an image can be
 * read, each tape file must hold its segment's records and nothing else.
 */
export function proveStreams(parts: readonly JobDetails[], library: SpanningLibrary, recordBytes: number): StreamProof {
  const proofs = parts.map((part) => proveStream(part, library, recordBytes));
  const sum = (value: (proof: StreamProof) => number): number => proofs.reduce((total, each) => total + value(each), 0);
  return {
    streamBytes: sum(({ streamBytes }) => streamBytes),
    overheadBytes: sum(({ overheadBytes }) => overheadBytes),
    voidBytes: sum(({ voidBytes }) => voidBytes),
    segments: sum(({ segments }) => segments),
    differences: proofs.flatMap(({ differences }) => differences),
  };
}

function proveStream(job: JobDetails, library: SpanningLibrary, recordBytes: number): StreamProof {
  const differences: string[] = [];
  const segments = job.segments.toSorted((a, b) => a.streamStart - b.streamStart || a.segment - b.segment);
  let offset = 0;
  let overheadBytes = 0;
  let voidBytes = 0;
  for (const segment of segments) {
    const end = segment.streamEnd ?? segment.streamStart;
    if (segment.streamStart !== offset) {
      const what = segment.streamStart < offset ? "twice" : "never";
      differences.push(
        `segment ${segment.segment}: stream bytes ${segment.streamStart} to ${offset} are ${what} on tape`,
      );
    }
    offset = end;
    const records = recordsIn(library, segment);
    if (records === undefined) continue;
    const streamRecords = (end - segment.streamStart) / recordBytes;
    const rest = records - streamRecords;
    if (rest < 1)
      differences.push(`segment ${segment.segment} has ${records} records on tape, not ${streamRecords + 1}`);
    // A cut segment is its head and stream; what lies behind that was accepted and never adopted.
    if (segment.ended === "cut") voidBytes += (rest - 1) * recordBytes;
    overheadBytes += (segment.ended === "cut" ? 1 : rest) * recordBytes;
  }
  if (offset !== job.bytes) differences.push(`the segments hold ${offset} stream bytes, the job has ${job.bytes}`);
  return { streamBytes: offset, overheadBytes, voidBytes, segments: segments.length, differences };
}

/** Records of a tape file, counted in the cartridge's image. */
function recordsIn(library: SpanningLibrary, { volumeTag, tapeFile }: SegmentStatus): number | undefined {
  const objects = library.objects(volumeTag);
  if (objects === undefined) return undefined;
  let file = 0;
  let records = 0;
  for (const object of objects) {
    if (object === "filemark") file++;
    else if (file === tapeFile) records++;
  }
  return records;
}

export interface RestoreProof {
  readonly objects: number;
  readonly bytes: number;
  readonly differences: readonly string[];
}

export async function proveRestoreByProduct(
  product: Product,
  jobId: string,
  sources: readonly string[],
): Promise<RestoreProof> {
  const target = join(product.folder, "restored-by-product");
  const { code, out, error } = await product.run("restore", "--job", jobId, "--to", target);
  const proof = compareAndRemove(target, sources);
  if (code === 0) return proof;
  return {
    ...proof,
    differences: [`the restore ended with ${String(code)}: ${lastLines(out + error)}`, ...proof.differences],
  };
}

/** Runs the printed recipe as it stands, in a shell that knows `tidemark`. */
export async function proveRestoreByTar(
  product: Product,
  jobId: string,
  sources: readonly string[],
): Promise<RestoreProof> {
  const target = join(product.folder, "restored-by-tar");
  const recipe = await product.succeed("volume", "recipe", jobId, "--folder", target);
  mkdirSync(target, { recursive: true });
  const { status, stderr } = spawnSync("sh", [], {
    input: recipe,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, PATH: `${product.commandFolder()}:${process.env["PATH"] ?? ""}`, TMPDIR: product.folder },
  });
  // For who looks into a folder that was kept.
  writeFileSync(join(product.folder, "recipe.sh"), recipe);
  writeFileSync(join(product.folder, "recipe.log"), stderr);
  if (status !== 0) throw new Error(`the recipe ended with ${String(status)}:\n${lastLines(stderr)}`);
  return compareAndRemove(target, sources);
}

/** Members have the source's path without its leading slash. */
function compareAndRemove(target: string, sources: readonly string[]): RestoreProof {
  const compared = sources.map((source) => compareTrees(Buffer.from(source), Buffer.from(join(target, source))));
  rmSync(target, { recursive: true });
  return {
    objects: compared.reduce((sum, { objects }) => sum + objects, 0),
    bytes: compared.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    differences: compared.flatMap(({ differences }) => differences),
  };
}
