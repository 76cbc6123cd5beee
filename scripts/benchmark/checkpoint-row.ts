// SPDX-License-Identifier: Apache-2.0
/**
 * What a checkpoint costs the host: the same job with many and with none. A simulated drive writes faster than a real
 * one and synchronises in no time, so one every 5 s is reckoned from the cost of one; a real drive adds its own time.
 */
import { join } from "node:path";
import { warmUp } from "./archivers.ts";
import { streamSpace } from "./backup-rows.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete } from "./contest.ts";
import { spaceOfSet } from "./data-sets.ts";
import type { Figure } from "./figure.ts";
import { settle } from "./measurement.ts";
import { Product } from "./product.ts";
import { quoted, shell } from "./shell.ts";
import { median, secondsText } from "./statistics.ts";

const mib = 2 ** 20;

export const checkpointRow: Row = {
  key: "checkpoint",
  title: "checkpoints, on the host's side",
  sets: ["mixed"],
  extra: (options) => streamSpace(spaceOfSet("mixed", options)),
  measure,
};

function measure(bench: Bench, notes: RowNotes): readonly Figure[] {
  const { checkpointMib, rounds } = bench.options;
  const source = bench.sets.path("mixed");
  const product = new Product(join(bench.workFolder, "product"));
  const ready = (): void => {
    settle(bench.workFolder);
    shell(warmUp(source));
  };
  const contestant = (name: string, settings: string) => ({
    name,
    command: product.command(`backup ${quoted(source)}`),
    prepare: () => product.make(settings),
    manner: "marked" as const,
  });
  const contestants = [
    contestant("many", `[checkpoint]\nsize = "${checkpointMib} MiB"\n`),
    contestant("one every 120 s", ""),
  ];
  const runs = compete(contestants, rounds, ready, notes);
  const { bytesWritten } = JSON.parse(runs("many")[0]?.lastLine ?? "") as { readonly bytesWritten: number };
  const count = Math.max(1, Math.floor(bytesWritten / (checkpointMib * mib)));
  const [many, few] = contestants.map(({ name }) => runs(name).map(({ wallS }) => wallS)) as [number[], number[]];
  const [manyCpu, fewCpu] = contestants.map(({ name }) => median(runs(name).map(({ cpuS }) => cpuS))) as [
    number,
    number,
  ];
  const oneS = (median(many) - median(few)) / count;
  const from = `${count} checkpoints: ${secondsText(many)} to ${secondsText(few)}`;
  return [
    { name: "one of them, wall", value: oneS * 1000, unit: "milliseconds", from },
    { name: "one of them, CPU", value: ((manyCpu - fewCpu) / count) * 1000, unit: "milliseconds" },
    { name: "of the time, one every 120 s", value: (oneS / 120) * 100, unit: "percent" },
    { name: "of the time, one every 5 s", value: (oneS / 5) * 100, unit: "percent" },
  ];
}
