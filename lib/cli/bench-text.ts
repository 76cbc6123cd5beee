// SPDX-License-Identifier: Apache-2.0
/** The report of a measured drive for people. Rates are in 10^6 bytes a second, as drives are sold. */
import { densityText } from "../device/densities.ts";
import type { DriveBenchReport } from "../service/drive-bench.ts";
import { tableText } from "./table.ts";
import { countText, plural, sizeText } from "./text.ts";

type Stretch = NonNullable<DriveBenchReport["stream"]>;
type Interval = Stretch["intervals"][number];

export function benchText(report: DriveBenchReport): string {
  const { recordSizes, stream, source } = report;
  return [
    driveLines(report),
    ...(recordSizes.length === 0 ? [] : [recordSizesText(report)]),
    ...(stream === undefined ? [] : [streamText(report, stream)]),
    filemarkText(report),
    report.verdict.sentences.join("\n"),
    ...(source === undefined ? [] : [sourceText(source)]),
    endLines(report),
  ].join("\n\n");
}

function driveLines({ drive, data, isSimulatedTime }: DriveBenchReport): string {
  const compression = drive.compression === undefined ? "none" : drive.compression ? "on" : "off";
  const matching = drive.speedMatching;
  return [
    `Medium       ${densityText(drive.densityCode)}, compression ${compression}, data ${data}`,
    `Speed        ${matching === undefined ? "not known for this kind of drive" : `${matching.slowestMegabytesPerSecond} to ${matching.fastestMegabytesPerSecond} MB/s (vendors' documents)`}`,
    `Buffer       ${drive.bufferBytes === undefined ? "the drive does not tell (log page 0Ch)" : `${countText(drive.bufferBytes / 1_000_000n)} MB`}`,
    `Records      up to ${sizeText(BigInt(drive.largestRecordBytes))} on the way to the drive`,
    ...(isSimulatedTime ? ["Time         the simulated library's own: what this host does takes none of it"] : []),
  ].join("\n");
}

function recordSizesText({
  recordSizes,
  bestRecordSizeBytes,
  refusedRecordSizeBytes,
  synchronous,
}: DriveBenchReport): string {
  const table = tableText(
    [
      { title: "RECORD", align: "right" },
      { title: "WRITTEN", align: "right" },
      { title: "ACCEPTED", align: "right" },
      { title: "ON TAPE", align: "right" },
      { title: "QUICK WRITE", align: "right" },
      { title: "LONGEST", align: "right" },
      { title: "" },
    ],
    recordSizes.map((stretch) => [
      sizeText(BigInt(stretch.recordSizeBytes)),
      sizeText(stretch.bytes),
      megabytes(stretch.bytes, stretch.writingUs),
      onTape(stretch, synchronous.behindRecordUs),
      timeText(stretch.quickUs),
      timeText(stretch.longestUs),
      stretch.recordSizeBytes === bestRecordSizeBytes ? "best" : "",
    ]),
  );
  return refusedRecordSizeBytes === undefined
    ? table
    : `${table}\nrecords of ${sizeText(BigInt(refusedRecordSizeBytes))} do not get to the drive`;
}

const endTexts: Readonly<Record<NonNullable<DriveBenchReport["source"]>["ended"], string>> = {
  size: "as much as asked for",
  time: "as long as asked for",
  interrupted: "interrupted",
  endOfTape: "to the early warning of the tape's end",
  sourceDone: "all files",
};

function streamText({ synchronous }: DriveBenchReport, stream: Stretch): string {
  return [
    `Stream       ${sizeText(stream.bytes)} in records of ${sizeText(BigInt(stream.recordSizeBytes))}, ${endTexts[stream.ended]}: ` +
      `${megabytes(stream.bytes, stream.writingUs)} accepted, ${onTape(stream, synchronous.behindRecordUs)} on tape`,
    ...rateLines(stream.intervals),
  ].join("\n");
}

/** As jobs have them unless they are configured otherwise. */
const checkpointS = 120;

function filemarkText({ synchronous: { behindRecordUs, behindStreamUs, emptyUs } }: DriveBenchReport): string {
  const behindStream =
    behindStreamUs === undefined ? "" : `, ${timeText(behindStreamUs)} behind the stream with its buffer to write out`;
  const share = (100 * behindRecordUs) / (checkpointS * 1_000_000);
  return [
    `Filemark     synchronous: ${timeText(behindRecordUs)} behind a single record${behindStream}, ${timeText(emptyUs)} with nothing to wait for;`,
    `             a checkpoint every ${checkpointS} s costs ${share.toFixed(1)} % of the time`,
  ].join("\n");
}

function onTape({ bytes, writingUs, synchronisingUs }: Stretch, stopUs: number): string {
  return megabytes(bytes, writingUs + Math.max(0, synchronisingUs - stopUs));
}

const mostLines = 20;

/** The rate over time, in at most twenty stretches of whole seconds. */
export function rateLines(intervals: readonly Interval[]): readonly string[] {
  const together = Math.ceil(intervals.length / mostLines);
  const lines: string[] = [];
  for (let first = 0; first < intervals.length; first += together) {
    const some = intervals.slice(first, first + together);
    const us = some.reduce((sum, { durationUs }) => sum + durationUs, 0);
    const bytes = some.reduce((sum, interval) => sum + interval.bytes, 0n);
    const start = some[0]?.startUs ?? 0;
    lines.push(`${String(Math.round(start / 1_000_000)).padStart(10)} s  ${megabytes(bytes, us)}`);
  }
  return lines;
}

function sourceText(source: NonNullable<DriveBenchReport["source"]>): string {
  return [
    `Source       ${sizeText(source.bytes)} of ${plural(source.objects, "object")}, ${endTexts[source.ended]}: ${megabytes(source.bytes, source.writingUs)} accepted`,
    ...rateLines(source.intervals),
    ...source.verdict.sentences,
  ].join("\n");
}

function endLines({ rewindUs, cartridge, interrupted }: DriveBenchReport): string {
  return [
    `Rewind       ${timeText(rewindUs)}`,
    `Cartridge    ${cartridge.description}`,
    ...(interrupted ? ["Interrupted: what was measured until then is above"] : []),
  ].join("\n");
}

function megabytes(bytes: bigint, us: number): string {
  return us === 0 ? "-" : `${(Number(bytes) / us).toFixed(1)} MB/s`;
}

function timeText(us: number): string {
  if (us < 1000) return `${us} µs`;
  return us < 1_000_000 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1_000_000).toFixed(2)} s`;
}
