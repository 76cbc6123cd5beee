// SPDX-License-Identifier: Apache-2.0
/** The trees that simulated jobs back up are what they are said to be. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { recordSizeBytes, referenceTree, sharedSources, smallTree } from "./reference-tree.ts";
import type { ReferenceTree } from "./reference-tree.ts";
import { sourceSnapshot } from "./source-snapshot.ts";
import type { SourceObject } from "./source-snapshot.ts";

describe("reference trees", function () {
  this.timeout(60_000);
  const objectsOf = (tree: ReferenceTree): readonly SourceObject[] =>
    sharedSources(tree).flatMap((source) => [...sourceSnapshot(source).objects.values()]);
  const nameOf = ({ path }: SourceObject): string => path.slice(path.lastIndexOf("/") + 1);

  it("the reference job has 300 files and more of every kind, in three source volumes, and at most 20 MiB", () => {
    const objects = objectsOf(referenceTree);
    const files = objects.filter(({ stats }) => stats.isFile());
    expect(referenceTree.sources.length).to.equal(3);
    expect(files.length).to.be.at.least(300);
    const bytes = files.reduce((sum, { stats }) => sum + stats.size, 0n);
    expect(Number(bytes)).to.be.within(16 * 2 ** 20, 24 * 2 ** 20);
    // Holes take no room.
    const stored = files.reduce((sum, { stats }) => sum + stats.blocks * 512n, 0n);
    expect(Number(stored)).to.be.at.most(20 * 2 ** 20);
  });

  it("the reference job has what is hard to keep", () => {
    const objects = objectsOf(referenceTree);
    const count = (wanted: (object: SourceObject) => boolean): number => objects.filter(wanted).length;
    const volumeOf = ({ path }: SourceObject): string | undefined =>
      referenceTree.sources.find((source) => path.includes(`/${source}/`));
    const volumes = new Map<bigint, Set<string | undefined>>();
    for (const object of objects) {
      const { ino } = object.stats;
      volumes.set(ino, (volumes.get(ino) ?? new Set()).add(volumeOf(object)));
    }
    expect([...volumes.values()].some(({ size }) => size > 1)).to.equal(true);
    expect(count(({ stats }) => stats.isFIFO())).to.be.at.least(1);
    expect(count(({ target }) => target !== undefined && target.length > 255)).to.be.at.least(1);
    expect(count(({ stats }) => stats.isFile() && stats.size === 0n)).to.be.at.least(1);
    expect(count(({ stats }) => stats.isFile() && stats.blocks * 512n < stats.size)).to.be.at.least(6);
    expect(count(({ stats }) => stats.size > 4n * 2n ** 20n)).to.be.at.least(1);
    expect(count((object) => nameOf(object).length === 255)).to.be.at.least(3);
    expect(count(({ path }) => path.length > 255)).to.be.at.least(3);
    expect(count(({ path }) => path.includes("\n"))).to.be.at.least(1);
    expect(count(({ path }) => !isText(path))).to.be.at.least(3);
    for (const bytes of [0, 1, 511, 512, 513, recordSizeBytes - 1, recordSizeBytes, recordSizeBytes + 1])
      expect(count(({ stats }) => stats.isFile() && stats.size === BigInt(bytes))).to.be.at.least(1);
  });

  it("the small job has some 30 objects in two source volumes", () => {
    expect(smallTree.sources.length).to.equal(2);
    const objects = objectsOf(smallTree);
    expect(objects.length).to.be.within(25, 40);
  });

  it("is the same each time it is made", () => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-tree-"));
    try {
      smallTree.make(folder);
      sharedSources(smallTree).forEach((source, index) => {
        const again = join(folder, smallTree.sources[index] ?? "");
        const [one, other] = [source, again].map((path) => [...sourceSnapshot(path).objects.values()]);
        const facts = (objects: readonly SourceObject[] = [], root = ""): readonly string[] =>
          objects.map((object) => factsOf(object, root.length)).sort();
        expect(facts(one, source)).to.deep.equal(facts(other, again));
      });
      expect(readFileSync(join(folder, "first", "b-one")).length).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Folders have other sizes on other file systems. */
function factsOf({ path, stats, content, target }: SourceObject, rootLength: number): string {
  const data = content?.toString("base64") ?? target ?? "";
  return [path.slice(rootLength), stats.mode, stats.mtimeNs, data].map(String).join(" ");
}

function isText(path: string): boolean {
  const bytes = Buffer.from(path, "latin1");
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}
