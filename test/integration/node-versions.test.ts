// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import { peerNodes } from "../../scripts/peer-nodes.ts";
import { needs, needsPeerNode } from "../needs.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
/** What was built here, and what is published, where `scripts/prebuild` has made it. */
const builds = ["build/Release/*.node", "prebuilds/*/*.node"].flatMap((pattern) => globSync(pattern, { cwd: root }));
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

const libraries = /^(libc|libm|libgcc_s|libstdc\+\+|libpthread|ld-linux-[a-z0-9-]+)\.so\.\d+$/;

/** What Debian 12 and Ubuntu 22.04 both have. */
const newestSymbols = { GLIBC: [2, 35], GLIBCXX: [3, 4, 30], CXXABI: [1, 3, 13] } as const;

function isNewer(version: readonly number[], limit: readonly number[]): boolean {
  const place = version.findIndex((part, index) => part !== (limit[index] ?? 0));
  return place >= 0 && (version[place] ?? 0) > (limit[place] ?? 0);
}

describe("the addon", () => {
  let folder: string;

  it("has been built", () => {
    expect(builds).to.not.deep.equal([]);
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-versions-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function useAddon(executable: string, build: string): Found {
    const args = [program, join(root, build), join(folder, "library")];
    const { status, signal, stdout, stderr } = spawnSync(executable, args, { encoding: "utf8" });
    expect([status, signal], stderr).to.deep.equal([0, null]);
    return JSON.parse(stdout) as Found;
  }

  const pinned = { version: process.versions.node, executable: process.execPath, isInstalled: true };
  for (const build of builds) {
    const isPublished = build.startsWith("prebuilds");
    for (const peer of [...peerNodes(), pinned]) {
      it(`${build} works on Node.js ${peer.version}, in a worker too`, function () {
        needsPeerNode(this, peer);
        const found = useAddon(peer.executable, build);
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

    it(`${build} asks for nothing but Node-API of Node.js, and for few libraries`, function () {
      needs(this, "readelf");
      const { stdout } = spawnSync("readelf", ["--wide", "--dynamic", "--dyn-syms", join(root, build)], {
        encoding: "utf8",
      });
      const wanted = [...stdout.matchAll(/\bUND (\S+)/g)].map((match) => match[1] ?? "");
      expect(wanted).to.include("napi_create_threadsafe_function");
      expect(wanted.filter((name) => /^_ZNK?(2v8|4node)|^uv_|^node_/.test(name))).to.deep.equal([]);
      const needed = [...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1] ?? "");
      // What is built on a computer may use its libiscsi; what is published must load where there is none.
      const isAllowed = (name: string): boolean =>
        libraries.test(name) || (!isPublished && name.startsWith("libiscsi."));
      expect(needed.filter((name) => !isAllowed(name))).to.deep.equal([]);
    });

    if (!isPublished) continue;
    it(`${build} asks for no newer system than Debian 12 or Ubuntu 22.04`, function () {
      needs(this, "readelf");
      const { stdout } = spawnSync("readelf", ["--wide", "--version-info", join(root, build)], { encoding: "utf8" });
      for (const [name, newest] of Object.entries(newestSymbols)) {
        const found = [...stdout.matchAll(new RegExp(`Name: ${name}_([0-9.]+)`, "g"))].map((match) => match[1] ?? "");
        expect(found).to.not.deep.equal([]);
        expect(found.filter((version) => isNewer(version.split(".").map(Number), newest))).to.deep.equal([]);
      }
    });
  }

  it("covers each supported line of Node.js", () => {
    const lines = [...peerNodes(), pinned].map(({ version }) => Number(version.split(".")[0]));
    expect(lines.sort((a, b) => a - b)).to.deep.equal([20, 22, 24, 26]);
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
