// SPDX-License-Identifier: Apache-2.0
/** Restores against `tar -x`: from a simulated cartridge, and from a file beside it with the same files. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromFile, gnuTar, intoFile } from "./archivers.ts";
import { streamSpace } from "./backup-rows.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete, pairFigures } from "./contest.ts";
import { spaceOfSet } from "./data-sets.ts";
import type { SetName } from "./data-sets.ts";
import type { Figure } from "./figure.ts";
import { settle } from "./measurement.ts";
import { Product } from "./product.ts";
import { quoted, shell } from "./shell.ts";

export const restoreRows: readonly Row[] = [
  restoreRow("restore-large", "restore of large files", "large"),
  restoreRow("restore-small", "restore of small files", "small"),
];

function restoreRow(key: string, title: string, set: SetName): Row {
  return {
    key,
    title,
    sets: [set],
    extra: (options) => {
      const restored = spaceOfSet(set, options);
      // The cartridge, the file of tar's, and what comes out of one of them.
      return {
        bytes: 2 * streamSpace(restored).bytes + restored.bytes,
        inodes: restored.inodes + streamSpace(restored).inodes,
      };
    },
    measure: (bench, notes) => restore(bench, notes, bench.sets.path(set)),
  };
}

function restore(bench: Bench, notes: RowNotes, source: string): readonly Figure[] {
  const product = new Product(join(bench.workFolder, "product"));
  const image = join(bench.workFolder, "image");
  const target = join(bench.workFolder, "target");
  product.make();
  shell(product.command(`backup ${quoted(source)}`));
  shell(`${gnuTar.create(source)} | ${intoFile(image)}`);
  const prepare = (): void => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
  };
  // Both media are in the page cache.
  const ready = (): void => {
    settle(bench.workFolder);
    shell(`cat ${quoted(image)} >/dev/null && find ${quoted(product.libraryFolder)} -type f -exec cat {} + >/dev/null`);
  };
  const extract = `tar -x -p --acls --xattrs -f - -C ${quoted(target)}`;
  const contestants = [
    { name: "tidemark", command: product.command(`restore --job 1 --to ${quoted(target)}`), prepare },
    { name: "tar", command: `${fromFile(image)} | ${extract}`, prepare },
  ];
  const runs = compete(contestants, bench.options.rounds, ready, notes);
  return pairFigures("to GNU tar", runs("tidemark"), runs("tar"), { wall: 1 });
}
