// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import { peerNodes } from "../../scripts/peer-nodes.ts";
import { needs, needsPeerNode } from "../needs.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const program = join(here, "../fixtures/use-addon.mjs");

interface Found {
  readonly node: string;
  readonly napi: number;
  readonly main: readonly string[];
  readonly worker: readonly string[];
  readonly digest: string;
}

/** What the one addon does, on each Node.js alike. */
function expectedOf(word: string): readonly string[] {
  return ["written", word, "filemark", "TypeError", "2", "the device has been closed"];
}

describe("one build of the addon", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-versions-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function useAddon(executable: string): Found {
    const { status, signal, stdout, stderr } = spawnSync(executable, [program, root, join(folder, "library")], {
      encoding: "utf8",
    });
    expect([status, signal], stderr).to.deep.equal([0, null]);
    return JSON.parse(stdout) as Found;
  }

  const pinned = { version: process.versions.node, executable: process.execPath, isInstalled: true };
  for (const peer of [...peerNodes(), pinned]) {
    it(`works on Node.js ${peer.version}, in a worker too`, function () {
      needsPeerNode(this, peer);
      const found = useAddon(peer.executable);
      expect(found).to.deep.equal({
        node: peer.version,
        napi: found.napi,
        main: expectedOf("from the main thread"),
        worker: expectedOf("from a worker"),
        digest: "2d06800538d394c2",
      });
      expect(found.napi).to.be.at.least(9);
    });
  }

  it("covers each supported line of Node.js", () => {
    const lines = [...peerNodes(), pinned].map(({ version }) => Number(version.split(".")[0]));
    expect(lines.sort((a, b) => a - b)).to.deep.equal([20, 22, 24, 26]);
  });

  it("asks for nothing but Node-API of Node.js, and for no library that a plain system has not", function () {
    needs(this, "readelf");
    const { path } = createRequire(import.meta.url)("node-gyp-build") as { path: (folder: string) => string };
    const { stdout } = spawnSync("readelf", ["--wide", "--dynamic", "--dyn-syms", path(root)], { encoding: "utf8" });
    const undefinedSymbols = [...stdout.matchAll(/\bUND (\S+)/g)].map((match) => match[1] ?? "");
    expect(undefinedSymbols).to.include("napi_create_threadsafe_function");
    expect(undefinedSymbols.filter((name) => /^_ZNK?(2v8|4node)|^uv_|^node_/.test(name))).to.deep.equal([]);
    const libraries = [...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1] ?? "");
    const plain = /^(libc|libm|libgcc_s|libstdc\+\+|libpthread|ld-linux-[a-z0-9-]+)\.so\.\d+$/;
    expect(libraries.filter((name) => !plain.test(name))).to.deep.equal([]);
  });

  it("is refused with a sentence where Node.js is too old for it", () => {
    const binding = pathToFileURL(join(root, "lib/native/binding.ts")).href;
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `Object.defineProperty(process, "versions", { value: { ...process.versions, napi: "8" } });
         const { nativeBinding } = await import(${JSON.stringify(binding)});
         nativeBinding();`,
      ],
      { encoding: "utf8" },
    );
    expect(status).to.equal(1);
    expect(stderr).to.include(
      `Error: this Node.js (${process.version}) offers Node-API 8, Tidemark needs 9: use Node.js 22.18 or newer`,
    );
  });
});
