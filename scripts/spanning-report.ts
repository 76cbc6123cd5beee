// SPDX-License-Identifier: Apache-2.0
/** What `scripts/spanning` prints at its end. */
import type { Interruption } from "./spanning-course.ts";
import type { RestoreProof, StreamProof } from "./spanning-proof.ts";

export interface VolumeStatus {
  readonly volumeTag: string;
  readonly state: string;
  readonly bytes: number;
  readonly lastJobId?: string;
}

export interface SpanningReport {
  readonly seed: number;
  readonly transport: string;
  readonly sizeBytes: number;
  readonly capacityBytes: number;
  readonly interruptions: readonly Interruption[];
  readonly stream: StreamProof;
  /** Stream bytes that all runs together put on tape, and those of them that a resume discarded. */
  readonly writtenBytes: number;
  readonly discardedBytes: number;
  readonly volumes: readonly VolumeStatus[];
  readonly byProduct: RestoreProof;
  readonly byTar: RestoreProof;
  /** The cartridge that could not be written to its end. */
  readonly broken?: string;
  readonly differences: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
}

export function printReport(report: SpanningReport): void {
  console.log("");
  printTable(
    ["", "interrupted by", "at byte", "on", "stream on tape", "resumed at", "discarded", "twice", "file"],
    report.interruptions.flatMap((each) =>
      each.parts.map((part, index) => [
        ...(index === 0 ? firstCells(each) : ["", "", ""]),
        part.volumeTag,
        count(part.streamOnTape),
        count(part.resumedAt),
        count(part.discardedBytes),
        count(part.twiceBytes),
        part.continued ? "continued" : "-",
      ]),
    ),
  );
  console.log("");
  printTable(
    ["cartridge", "state", "bytes"],
    report.volumes.map(({ volumeTag, state, bytes }) => [volumeTag, state, count(bytes)]),
  );
  const used = report.volumes.filter(({ lastJobId }) => lastJobId !== undefined).length;
  const { stream, byProduct, byTar } = report;
  console.log("");
  printTable(undefined, [
    ["cartridges used", `${used} of ${report.volumes.length}, ${count(report.capacityBytes)} bytes each`],
    ["stream bytes of the job", `${count(stream.streamBytes)} in ${stream.segments} segments`],
    ["stream bytes written, all runs", count(report.writtenBytes)],
    ["of them discarded at a resume", count(report.discardedBytes)],
    ["written twice", count(report.writtenBytes - report.discardedBytes - stream.streamBytes)],
    ["heads, footers, padding on tape", count(stream.overheadBytes)],
    ["void on tape", count(stream.voidBytes)],
    ["restored by the product", restored(byProduct)],
    ["restored by GNU tar", restored(byTar)],
    ...Object.entries(report.seconds).map(([what, seconds]) => [`seconds: ${what}`, seconds.toFixed(1)]),
  ]);
  for (const difference of report.differences) console.log(`DIFFERENCE: ${difference}`);
}

function firstCells({ number, how, missing, imageBytes }: Interruption): readonly string[] {
  return [String(number), missing === undefined ? how : `${how}, ${missing} missing`, count(imageBytes)];
}

function restored({ objects, bytes, differences }: RestoreProof): string {
  const what = `${count(objects)} objects, ${count(bytes)} bytes`;
  return differences.length === 0 ? `identical: ${what}` : `${differences.length} differences in ${what}`;
}

export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Columns of figures are set to the right. */
function printTable(head: readonly string[] | undefined, rows: readonly (readonly string[])[]): void {
  const lines = head === undefined ? rows : [head, ...rows];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const isFigure = (column: number): boolean =>
    head !== undefined && rows.length > 0 && rows.every((row) => /^[\d,]*$/.test(row[column] ?? ""));
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      isFigure(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    console.log(`   ${cells.join("  ").trimEnd()}`);
  }
}
