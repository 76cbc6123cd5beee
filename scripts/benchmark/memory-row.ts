// SPDX-License-Identifier: Apache-2.0
/** What is resident beside the ring, of jobs of more and more objects: it must not grow with them. */
import { join } from "node:path";
import { streamSpace } from "./backup-rows.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { spaceOfEmptyFiles } from "./data-sets.ts";
import type { Figure } from "./figure.ts";
import { measure as measureCommand } from "./measurement.ts";
import { Product } from "./product.ts";
import { quoted } from "./shell.ts";

const mib = 2 ** 20;

export const memoryRow: Row = {
  key: "memory",
  title: "memory beside the ring",
  sets: [],
  emptyFiles: largest,
  extra: (options) => streamSpace(spaceOfEmptyFiles(largest(options))),
  measure,
};

function largest({ memoryObjects }: { readonly memoryObjects: readonly number[] }): number {
  return memoryObjects.at(-1) ?? 0;
}

/** Each once: what counts is the most of a whole run. */
function measure(bench: Bench, notes: RowNotes): readonly Figure[] {
  return bench.options.memoryObjects.flatMap((objects) => {
    const source = bench.sets.empty(objects);
    const product = new Product(join(bench.workFolder, "product"));
    product.make();
    bench.say(`a job of ${objects} objects`);
    const whole = { what: `process at ${objects}`, ...measureCommand(exec(product, source), "sampled") };
    const command = `exec ${quoted(bench.native.path)} pack ${quoted(source)}`;
    const native = { what: `native at ${objects}`, ...measureCommand(command, "sampled") };
    notes.runs.push(whole, native);
    return [
      figure("process", objects, whole.besideRingBytes, 150),
      figure("native code alone", objects, native.besideRingBytes, 64),
    ];
  });
}

/** Without a shell around it: it is this process that is looked at. */
function exec(product: Product, source: string): string {
  return `exec ${product.command(`backup ${quoted(source)}`)}`;
}

function figure(line: string, objects: number, bytes: number | undefined, most: number): Figure {
  const value = (bytes ?? Number.NaN) / mib;
  const point = { line, x: objects };
  return { name: `${line}, ${objects} objects`, value, unit: "mebibytes", goal: { is: "atMost", value: most }, point };
}
