// SPDX-License-Identifier: Apache-2.0
/**
 * The trees that the simulated jobs back up. The same bytes, names and times each time: only numbers of files and the
 * times at which they were made differ between two computers. One tree is shared, read only, by all courses.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TreeBuilder } from "./tree-builder.ts";

/** Of the jobs that these trees are made for. */
export const recordSizeBytes = 16384;

export interface ReferenceTree {
  /** Folders of the source volumes, below the tree's own. */
  readonly sources: readonly string[];
  /** Makes them in a new folder. Counted up when what is made changes: an older tree is another one. */
  readonly edition: number;
  readonly make: (folder: string) => void;
}

const kib = 1024;

/**
 * Three source volumes of together some 17 MiB: three cartridges of 7 MiB are needed. Headers longer than a record are
 * among them where the file system takes attributes of that size, as tmpfs does.
 */
export const referenceTree: ReferenceTree = {
  sources: ["documents", "recordings", "oddities"],
  edition: 2,
  make: (folder) => {
    const tree = new TreeBuilder(folder, 1);
    documents(tree);
    recordings(tree);
    oddities(tree);
    tree.finish();
  },
};

/** Two source volumes of together some 400 KiB: one object of each of the most telling kinds. */
export const smallTree: ReferenceTree = {
  sources: ["first", "second"],
  edition: 2,
  make: (folder) => {
    const tree = new TreeBuilder(folder, 2);
    smallFirst(tree);
    smallSecond(tree);
    tree.finish();
  },
};

/**
 * The source volumes of a tree that is made once on a computer and shared, read only, by all who ask: numbers of files
 * and times of change are on the tape, so that only the same files give the same trace.
 */
export function sharedSources(tree: ReferenceTree): readonly string[] {
  const name = `${tree.sources.join("-")}-${tree.edition}`;
  const parent = join(existsSync(memory) ? memory : tmpdir(), `tidemark-trees-${process.getuid?.() ?? 0}`);
  const folder = join(parent, name);
  if (!existsSync(folder)) {
    mkdirSync(parent, { recursive: true });
    // Made aside and put in place whole: who finds the tree finds all of it.
    const aside = mkdtempSync(join(parent, ".making-"));
    tree.make(aside);
    try {
      renameSync(aside, folder);
    } catch (error) {
      rmSync(aside, { recursive: true, force: true });
      // Another process was quicker.
      if (!existsSync(folder)) throw error;
    }
  }
  return tree.sources.map((source) => join(folder, source));
}

/** A file system in memory, where there is one: it is quick, and takes long attributes. */
const memory = "/dev/shm";

/** Many small files, sizes around every boundary of the format, links within a source. */
function documents(tree: TreeBuilder): void {
  tree.folder("documents/edges").folder("documents/links/other");
  const record = recordSizeBytes;
  const aroundBlock = [0, 1, 2, 511, 512, 513, 1023, 1024, 1025];
  const aroundRecord = [record - 513, record - 512, record - 511, record - 1, record, record + 1];
  const further = [record - 1536, record - 1024, record + 512, 2 * record - 512, 2 * record - 1, 2 * record];
  for (const bytes of [...aroundBlock, ...aroundRecord, ...further]) tree.file(`documents/edges/bytes-${bytes}`, bytes);
  tree.file("documents/links/original", 700).hardLink("documents/links/original", "documents/links/another");
  tree.hardLink("documents/links/original", "documents/links/other/elsewhere");
  tree.file("documents/links/z-large", 3 * record).hardLink("documents/links/z-large", "documents/links/a-large");
  tree.symbolicLink("original", "documents/links/symbolic");
  tree.hardLink("documents/links/symbolic", "documents/links/symbolic-again");
  tree.symbolicLink("/nowhere/at all", "documents/links/dangling");
  tree.symbolicLink(`${"l".repeat(90)}/${"m".repeat(200)}/${"n".repeat(700)}`, "documents/links/long-target");
  for (let part = 0; part < 4; part++) {
    tree.folder(`documents/letters/part-${part}`);
    tree.files(`documents/letters/part-${part}/letter`, 30, 0, 3000);
  }
  tree.folder("documents/empty", 0o750).folder("documents/nested/empty/further/down");
  tree.file("documents/middle", 1300 * kib + 77).file("documents/zz-last", 2900 * kib);
}

/** Files larger than a segment, sparse ones, links to another source. */
function recordings(tree: TreeBuilder): void {
  tree.folder("recordings/sparse").folder("recordings/takes");
  tree.file("recordings/long", 5200 * kib + 123).hardLink("documents/links/original", "recordings/from-documents");
  tree.hardLink("documents/edges/bytes-16385", "recordings/takes/from-edges");
  const every = (count: number, step: number, bytes: number): { at: number; bytes: number }[] =>
    Array.from({ length: count }, (_, index) => ({ at: index * step, bytes }));
  tree.sparse("recordings/sparse/hole-only", 300_000, []);
  tree.sparse("recordings/sparse/hole-first", 400_000, [{ at: 262_144, bytes: 50_001 }]);
  tree.sparse("recordings/sparse/hole-last", 500_000, [{ at: 0, bytes: 65_536 }]);
  tree.sparse("recordings/sparse/some", 1_000_000, every(5, 196_608, 20_480));
  tree.sparse("recordings/sparse/many", 2_000_000, every(100, 16_384, 4096));
  tree.sparse("recordings/sparse/large", 3_000_000, every(4, 720_896, 180_224));
  tree.hardLink("recordings/sparse/some", "recordings/sparse/some-again");
  for (let take = 0; take < 10; take++)
    tree.file(`recordings/takes/take-${take}`, tree.number(100 * kib, 300 * kib), 0o440);
}

/** Names, attributes, kinds, owners. */
function oddities(tree: TreeBuilder): void {
  const deep = Array.from({ length: 12 }, (_, level) => `level-${level}-${"d".repeat(20)}`).join("/");
  tree.folder(`oddities/${deep}`).folder("oddities/many").folder("oddities/attributes").folder("oddities/kinds");
  tree.file(`oddities/${deep}/bottom`, 100).file(`oddities/${deep}/${"b".repeat(255)}`, 2 * recordSizeBytes + 9);
  tree.file(`oddities/${"n".repeat(255)}`, 300).file(`oddities/${"m".repeat(255)}`, 40 * kib);
  tree
    .file(`oddities/${"h".repeat(101)}`, 10)
    .file("oddities/new\nline", 20)
    .file("oddities/ leading and trailing ", 5);
  tree.file("oddities/unicode-\u00e4\u6f22\u{1f4fc}", 30);
  const notText = (end: readonly number[]): Buffer => Buffer.concat([Buffer.from("oddities/"), Buffer.from(end)]);
  tree.file(notText([0xff, 0xfe, 0x80]), 40).folder(notText([0x64, 0xc3, 0x28]));
  tree.file(notText([0x64, 0xc3, 0x28, 0x2f, 0xe4]), 20 * kib);
  tree.files("oddities/many/file", 120, 1, 900);
  tree.files("oddities/attributes/file", 12, 100, 2000);
  for (let file = 0; file < 6; file++) tree.attribute(`oddities/attributes/file-${file}`, "user.number", 10 + file);
  // Headers longer than a record, where the file system takes so much.
  tree.attribute("oddities/attributes/file-6", "user.large", 40 * kib);
  tree.attribute("oddities/attributes/file-7", "user.tidemark.of a file", 500).accessList("oddities/attributes/file-8");
  tree.folder("oddities/attributes/folder").defaultAccessList("oddities/attributes/folder");
  tree.fifo("oddities/kinds/fifo").device("oddities/kinds/null");
  tree.file("oddities/kinds/set-user", 50).mode("oddities/kinds/set-user", 0o4755);
  tree.folder("oddities/kinds/sticky").mode("oddities/kinds/sticky", 0o1777);
  tree.file("oddities/kinds/other-owner", 60).owner("oddities/kinds/other-owner", 1234, 5678);
  tree.file("oddities/kinds/far-owner", 60).owner("oddities/kinds/far-owner", 3_000_000_000, 2_100_000);
  tree.file("oddities/zz-large", 3300 * kib + 1).file("oddities/zzz-last", 3);
}

function smallFirst(tree: TreeBuilder): void {
  tree.folder("first/empty").folder("first/folder/inner");
  tree.file("first/a-empty", 0).file("first/b-one", 1).file("first/c-record", recordSizeBytes);
  tree.file("first/folder/original", 600).hardLink("first/folder/original", "first/folder/inner/link");
  tree.files("first/folder/inner/file", 4, 10, 2000);
  tree.file("first/large", 100 * kib + 1).symbolicLink("nowhere", "first/link");
  const stretches = [0, 98_304, 196_608].map((at) => ({ at, bytes: 20_480 }));
  tree.sparse("first/sparse", 300_000, stretches);
  tree.file(`first/${"n".repeat(255)}`, recordSizeBytes - 512);
}

function smallSecond(tree: TreeBuilder): void {
  const deep = Array.from({ length: 5 }, (_, level) => `level-${level}-${"d".repeat(50)}`).join("/");
  tree.folder(`second/${deep}`).file(`second/${deep}/bottom`, 100);
  tree.hardLink("first/folder/original", "second/a-link").file("second/b-large", 150 * kib);
  tree.fifo("second/fifo").file("second/new\nline", 20);
  tree.file(Buffer.concat([Buffer.from("second/"), Buffer.from([0xff, 0x80])]), 40);
  tree.file("second/attribute", 50).attribute("second/attribute", "user.number", 20);
  tree.file("second/owned", 513).owner("second/owned", 1234, 5678);
}
