// SPDX-License-Identifier: Apache-2.0
/** The proof that GNU tar alone reads what the format lays down, cuts included. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync, mkdirSync, lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { encodeVolumeHeader } from "../../lib/format/volume-label.ts";
import { recipe } from "../../lib/format/recipe.ts";
import type { RecipeSegment } from "../../lib/format/recipe.ts";
import { cutStream, footerBytes, headAt, noise, recordSizeBytes, StreamBuilder } from "./stream-builder.ts";

const blocks = String(recordSizeBytes / 512);
const flags = ["-p", "--numeric-owner", "--warning=no-unknown-keyword", "-b", blocks];

describe("the format read by GNU tar", () => {
  let folder = "";
  let target = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-format-"));
    target = join(folder, "target");
    mkdirSync(target);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function tar(...parameters: string[]): { status: number | null; text: string; warnings: string } {
    const run = spawnSync("tar", parameters, {
      cwd: target,
      env: { PATH: process.env["PATH"], LC_ALL: "C" },
      input: "",
    });
    return { status: run.status, text: run.stdout.toString("latin1"), warnings: run.stderr.toString("latin1") };
  }

  function saved(parts: readonly { readonly bytes: Buffer }[]): string[] {
    return parts.flatMap(({ bytes }, index) => {
      const path = join(folder, `part-${index}`);
      writeFileSync(path, bytes);
      return ["-f", path];
    });
  }

  function expectJoined(parts: readonly { readonly bytes: Buffer }[]): void {
    const run = tar("-xM", ...flags, ...saved(parts));
    expect(run.warnings).to.equal("");
    expect(run.status).to.equal(0);
  }

  function restored(path: Buffer | string): Buffer {
    return readFileSync(Buffer.concat([Buffer.from(`${target}/`), Buffer.from(path)]));
  }

  it("lists a closed segment and restores its directories' times", () => {
    const builder = new StreamBuilder()
      .directory("d/")
      .file("d/a", noise(100, "a"))
      .file("d/b", noise(40000, "b"))
      .file("d/empty", Buffer.alloc(0));
    const [part] = cutStream(builder, []);
    const files = saved([part!]);
    const list = tar("-tf", files[1]!, "-b", blocks);
    expect(list).to.include({ status: 0, warnings: "" });
    expect(list.text.trim().split("\n")).to.deep.equal([
      ".tidemark/17/0",
      "d/",
      "d/a",
      "d/b",
      "d/empty",
      ".tidemark/17/0.cborseq",
    ]);
    expect(tar("-x", ...flags, ...files)).to.deep.include({ status: 0, warnings: "" });
    expect(restored("d/b").equals(noise(40000, "b"))).to.equal(true);
    expect(statSync(join(target, "d")).mtimeMs).to.equal(1600000000000);
  });

  it("reads the volume header with tar's default record size", () => {
    const header = encodeVolumeHeader({
      uuid: "u",
      barcode: "TM0001L9",
      pool: "default",
      createdAtMs: 0,
      recordSizeBytes,
    });
    const run = tar("-xO", ...saved([{ bytes: header }]));
    expect(run).to.include({ status: 0, warnings: "" });
    expect(JSON.parse(run.text)).to.include({ barcode: "TM0001L9", format: "1.1" });
  });

  it("joins a file cut three times over four segments", () => {
    const data = noise(10 * recordSizeBytes + 77, "long");
    const builder = new StreamBuilder()
      .directory("d/")
      .file("d/before", noise(5, "x"))
      .file("d/long", data)
      .file("d/after", noise(3000, "y"));
    const parts = cutStream(builder, [2, 5, 9]);
    expect(parts.map(({ continues }) => continues)).to.deep.equal([false, true, true, true]);
    expectJoined(parts);
    expect(restored("d/long").equals(data)).to.equal(true);
    expect(restored("d/after").equals(noise(3000, "y"))).to.equal(true);
    expect(existsSync(join(target, "d/GNUFileParts"))).to.equal(false);
  });

  it("joins at every record boundary of a mixed stream", () => {
    const builder = new StreamBuilder().directory("d/");
    for (let index = 0; index < 12; index += 1) builder.file(`d/${index}`, noise(index * 2900, `f${index}`));
    const records = builder.finish().length / recordSizeBytes;
    for (let record = 1; record < records; record += 1) {
      expectJoined(cutStream(builder, [record]));
      for (let index = 0; index < 12; index += 1) {
        expect(
          restored(`d/${index}`).equals(noise(index * 2900, `f${index}`)),
          `file ${index} cut at ${record}`,
        ).to.equal(true);
      }
      rmSync(target, { recursive: true });
      mkdirSync(target);
    }
  });

  it("joins cuts in each of the last blocks before and behind the end of a file", () => {
    for (let back = -2; back <= 3; back += 1) {
      // The file's data ends `back` blocks of 512 bytes before the second record's end; odd sizes leave padding.
      const data = noise(2 * recordSizeBytes - 512 - back * 512 - 13, `end${back}`);
      const builder = new StreamBuilder().file("f", data).file("g", noise(20000, "g"));
      expectJoined(cutStream(builder, [2]));
      expect(restored("f").equals(data), `data ends ${back} blocks before the cut`).to.equal(true);
      expect(restored("g").equals(noise(20000, "g"))).to.equal(true);
    }
  });

  it("reads a segment that starts at a member boundary with -xM", () => {
    const first = noise(recordSizeBytes - 512, "a");
    const builder = new StreamBuilder().file("a", first).file("b", noise(9000, "b")).file("c", noise(30000, "c"));
    const parts = cutStream(builder, [1]);
    expect(parts[1]!.continues).to.equal(false);
    expectJoined(parts);
    expect(restored("a").equals(first)).to.equal(true);
    expect(restored("b").equals(noise(9000, "b"))).to.equal(true);
    rmSync(target, { recursive: true });
    mkdirSync(target);
    expectJoined([parts[1]!]);
    expect(restored("b").equals(noise(9000, "b"))).to.equal(true);
  });

  it("needs dd to take a part's valid records where its tail is longer", () => {
    const data = noise(6 * recordSizeBytes, "f");
    const parts = cutStream(new StreamBuilder().file("f", data), [3]);
    const long = { bytes: Buffer.concat([parts[0]!.bytes, noise(2 * recordSizeBytes, "void")]) };
    expect(tar("-xM", ...flags, ...saved([long, parts[1]!])).warnings).to.match(
      /out of sequence|wrong size|not continued/,
    );
    const [, longFile = "", , nextFile = ""] = saved([long, parts[1]!]);
    const trimmed = join(folder, "trimmed");
    const run = spawnSync("dd", [`if=${longFile}`, `of=${trimmed}`, `bs=${recordSizeBytes}`, "count=4", "status=none"]);
    expect(run.status).to.equal(0);
    expect(tar("-xM", ...flags, "-f", trimmed, "-f", nextFile)).to.deep.include({ status: 0, warnings: "" });
    expect(restored("f").equals(data)).to.equal(true);
  });

  it("joins long paths, long components, newlines and names that are not UTF-8", () => {
    const component = "c".repeat(250);
    const paths = [
      Buffer.from(`${"d".repeat(150)}/${"e".repeat(150)}/${"f".repeat(168)}`),
      Buffer.from(`x/${component}`),
      Buffer.from("x/two\nlines\n"),
      Buffer.concat([Buffer.from("x/"), Buffer.from([0xff, 0xfe, 0x80, 0x41])]),
      Buffer.from("x/gr\u00fc\u00dfe \u{1f4fc}"),
      Buffer.from("x/\u00e9".normalize("NFD")),
    ];
    for (const path of paths) {
      const data = noise(4 * recordSizeBytes + 9, path.toString("latin1"));
      const parts = cutStream(
        new StreamBuilder().file("first", noise(1, "1")).file(path, data).file("last", noise(2, "2")),
        [1, 3],
      );
      expect(parts.map(({ continues }) => continues)).to.deep.equal([false, true, true]);
      expectJoined(parts);
      expect(restored(path).equals(data), path.toString("latin1")).to.equal(true);
      expect(restored("last").equals(noise(2, "2"))).to.equal(true);
    }
  });

  it("only warns about a footer-only segment between cut and continuation", () => {
    const data = noise(6 * recordSizeBytes, "f");
    const builder = new StreamBuilder().file("f", data).file("g", noise(10, "g"));
    const parts = cutStream(builder, [3]);
    const footerOnly = {
      bytes: Buffer.concat([
        headAt(new StreamBuilder(), BigInt(3 * recordSizeBytes), 7, 0n).bytes,
        footerBytes(0, noise(900, "cbor")),
      ]),
    };
    const run = tar("-xM", ...flags, ...saved([parts[0]!, footerOnly, parts[1]!]));
    expect(run.status, run.warnings).to.equal(0);
    expect(run.warnings).to.contain("is not continued on this volume");
    expect(restored("f").equals(data)).to.equal(true);
    expect(restored("g").equals(noise(10, "g"))).to.equal(true);
  });

  it("joins a sparse file cut in its data, and refuses a cut in its map", () => {
    const extents = [
      { at: 100 * 4096, data: noise(3 * recordSizeBytes, "s1") },
      { at: 400 * 4096, data: noise(2 * recordSizeBytes + 512, "s2") },
    ];
    const realSize = 900 * 4096;
    const builder = new StreamBuilder()
      .file("a", noise(100, "a"))
      .sparse("d/sparse", realSize, extents)
      .file("z", noise(10, "z"));
    const sparse = builder.members[1]!;
    expect(headAt(builder, BigInt(recordSizeBytes), 1, 2n).continues).to.equal(false);
    expect(Number(sparse.firstDataEndOffset!)).to.be.lessThan(4 * recordSizeBytes);
    for (const cuts of [[4], [5], [4, 5]]) {
      expectJoined(cutStream(builder, cuts));
      const whole = Buffer.alloc(realSize);
      for (const { at, data } of extents) data.copy(whole, at);
      expect(restored("d/sparse").equals(whole), `cut at ${cuts.join(" and ")}`).to.equal(true);
      expect(lstatSync(join(target, "d/sparse")).blocks * 512).to.be.lessThan(realSize / 2);
      rmSync(target, { recursive: true });
      mkdirSync(target);
    }
  });

  it("reads cut segments one by one where the cut is a member boundary, no zero blocks behind it", () => {
    const builder = new StreamBuilder().file("a", noise(recordSizeBytes - 512, "a")).file("b", noise(9000, "b"));
    const [first] = cutStream(builder, [1]);
    const run = tar("-x", ...flags, ...saved([first!]));
    expect(run).to.deep.include({ status: 0, warnings: "" });
    expect(restored("a").equals(noise(recordSizeBytes - 512, "a"))).to.equal(true);
  });

  describe("by the printed recipe", () => {
    /** Parts become tape files 1, 2, ... of one volume that a stand-in for `tidemark` reads. */
    function follow(
      parts: readonly { readonly bytes: Buffer }[],
      segments: readonly RecipeSegment[],
    ): { status: number | null; warnings: string } {
      parts.forEach(({ bytes }, index) => writeFileSync(join(folder, `TM0001L9-${index + 1}`), bytes));
      writeFileSync(join(folder, "tidemark"), `#!/bin/sh\nexec cat "${folder}/$3-$4"\n`, { mode: 0o755 });
      const lines = recipe({
        jobId: "17",
        recordSizeBytes,
        segments,
        targetFolder: target,
        medium: { kind: "simulated", command: `${folder}/tidemark` },
      });
      const run = spawnSync("sh", ["-s"], {
        cwd: folder,
        input: lines.join("\n"),
        env: { PATH: process.env["PATH"], TMPDIR: folder },
      });
      return { status: run.status, warnings: run.stderr.toString() };
    }

    function described(
      parts: readonly { readonly bytes: Buffer; readonly continues: boolean }[],
      cuts: readonly number[],
    ): RecipeSegment[] {
      const bounds = [0, ...cuts];
      return parts.map(({ continues }, segment) => ({
        segment,
        volumeTag: "TM0001L9",
        tapeFile: segment + 1,
        content: "stream",
        continues,
        end: segment === cuts.length ? "closed" : "cut",
        validRecords: BigInt(1 + (bounds[segment + 1] ?? 0) - (bounds[segment] ?? 0)),
      }));
    }

    it("restores closed and cut segments, void tails skipped, and nothing of its own", () => {
      const data = noise(10 * recordSizeBytes + 77, "long");
      const builder = new StreamBuilder()
        .directory("d/")
        .file("d/before", noise(5, "x"))
        .file("d/long", data)
        .file("d/after", noise(3000, "y"));
      const parts = cutStream(builder, [2, 5, 9]);
      parts[1] = { ...parts[1]!, bytes: Buffer.concat([parts[1]!.bytes, noise(3 * recordSizeBytes, "void")]) };
      expect(follow(parts, described(parts, [2, 5, 9]))).to.deep.equal({ status: 0, warnings: "" });
      expect(restored("d/long").equals(data)).to.equal(true);
      expect(restored("d/after").equals(noise(3000, "y"))).to.equal(true);
      expect(existsSync(join(target, ".tidemark"))).to.equal(false);
      expect(statSync(join(target, "d")).mtimeMs).to.equal(1600000000000);
    });

    it("ends a chain that was cut at a member boundary", () => {
      const first = noise(2 * recordSizeBytes - 512, "a");
      const builder = new StreamBuilder().file("a", first).file("b", noise(30, "b"));
      const parts = cutStream(builder, [1, 2]);
      expect(parts.map(({ continues }) => continues)).to.deep.equal([false, true, false]);
      expect(follow(parts, described(parts, [1, 2]))).to.deep.equal({ status: 0, warnings: "" });
      expect(restored("a").equals(first)).to.equal(true);
      expect(restored("b").equals(noise(30, "b"))).to.equal(true);
      expect(follow(parts.slice(0, 2), described(parts, [1, 2]).slice(0, 2))).to.deep.equal({
        status: 0,
        warnings: "",
      });
    });

    it("goes on behind a member that was cut and written again whole, links and times intact", () => {
      const old = new StreamBuilder()
        .directory("d/")
        .file("d/kept", noise(10, "k"))
        .file("d/f", noise(5 * recordSizeBytes, "old"));
      const cut = { ...cutStream(old, [3])[0]! };
      const again = new StreamBuilder().file("d/f", noise(4000, "new")).directory("d/");
      const whole = cutStream(again, [])[0]!;
      for (const pieces of [[3], [2, 3]]) {
        const parts = [...cutStream(old, pieces).slice(0, -1), whole];
        const segments = described(parts, pieces).map((segment, index) =>
          index === pieces.length - 1 ? { ...segment, endsInsideMember: true } : segment,
        );
        const run = follow(parts, segments);
        expect(run.status, run.warnings).to.equal(0);
        expect(restored("d/f").equals(noise(4000, "new"))).to.equal(true);
        expect(restored("d/kept").equals(noise(10, "k"))).to.equal(true);
        expect(statSync(join(target, "d")).mtimeMs).to.equal(1600000000000);
      }
      expect(cut.continues).to.equal(false);
    });
  });
});
