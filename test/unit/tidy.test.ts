// SPDX-License-Identifier: Apache-2.0
/** The project's own rules, executed and not only asked for. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const longestFunctionLines = 70;
const entryPoints = ["lib/index.ts", "lib/device/index.ts", "lib/device/simulator.ts", "lib/cli/main.ts"];

/** Files of the project below a folder, relative to the root. */
function filesBelow(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const typeScript = ["lib", "test", "scripts"].flatMap((folder) => filesBelow(folder, [".ts"]));
const cpp = filesBelow("native", [".cpp", ".h"]);

/** Folders of lib and what each may import beside itself and errors.ts (architecture.md section 4). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  native: [],
  format: [],
  protocol: [],
  device: ["native"],
  catalog: ["format", "protocol"],
  media: ["device", "format", "catalog", "protocol"],
  "job-manager": ["media", "catalog", "format", "protocol"],
  "catalog-manager": ["media", "catalog", "format", "protocol"],
  "catalog-server": ["media", "catalog", "format", "protocol"],
  "media-server": ["media", "catalog", "format", "protocol", "device", "native"],
  "data-server": ["format", "protocol", "native"],
  service:
    "native format protocol device catalog media job-manager catalog-manager catalog-server media-server data-server".split(
      " ",
    ),
  cli: ["service", "device"],
};

const page = (name: string): string => `${name}.md`;

describe("tidy", () => {
  describe("layers", () => {
    it("every folder of lib has a place in them", () => {
      const folders = readdirSync(join(root, "lib"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
      for (const { name } of folders) expect(mayImport, `lib/${name}`).to.have.property(name);
    });

    it("the lint rules forbid exactly the imports that they do not allow", () => {
      const folder = mkdtempSync(join(tmpdir(), "tidemark-layers-"));
      try {
        writeFileSync(join(folder, ".oxlintrc.json"), lintRulesForPlantedFiles());
        symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
        plantEveryImport(folder);
        expect(lintedImports(folder)).to.deep.equal(forbiddenImports());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  it("native/sources.gypi lists exactly the sources that are there", () => {
    const { sources } = JSON.parse(read("native/sources.gypi")) as { readonly sources: readonly string[] };
    const onDisk = cpp.filter((path) => path.endsWith(".cpp") && !/^native\/(test|bench)\//.test(path));
    expect(sources.map((source) => `native/${source}`).sort()).to.deep.equal(onDisk);
  });

  it("every C++ file starts with its licence", () => {
    for (const path of cpp) {
      expect(read(path).split("\n", 1)[0], path).to.equal("// SPDX-License-Identifier: Apache-2.0");
    }
  });

  it("only native/addon includes napi.h", () => {
    const others = cpp.filter((path) => !path.startsWith("native/addon/"));
    for (const path of others) expect(read(path).includes("<napi.h>"), path).to.equal(false);
  });

  it(`no function is longer than ${longestFunctionLines} lines`, () => {
    const long = [...typeScript.flatMap(longBlocksOfTypeScript), ...cpp.flatMap(longBlocksOfCpp)];
    expect(long).to.deep.equal([]);
  });

  it("every file of lib is reached from an entry point", () => {
    const reached = reachedFrom(entryPoints);
    expect(filesBelow("lib", [".ts"]).filter((path) => !reached.has(path))).to.deep.equal([]);
  });

  it("the package's exports and command are entry points of lib", () => {
    const { exports, bin } = JSON.parse(read("package.json")) as {
      readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
      readonly bin: Readonly<Record<string, string>>;
    };
    const targets = [...Object.values(exports), ...Object.values(bin)]
      .map((target) => (typeof target === "string" ? target : target.default))
      .filter((target) => target.endsWith(".js"))
      .map((target) => target.replace(/^(\.\/)?dist/, "lib").replace(/\.js$/, ".ts"));
    expect(targets.sort()).to.deep.equal([...entryPoints].sort());
  });

  it("every helper of the tests is used by a test", () => {
    const tests = typeScript.filter((path) => path.endsWith(".test.ts"));
    const helpers = filesBelow("test", [".ts"]).filter((path) => !path.endsWith(".test.ts"));
    const { require: loaded } = JSON.parse(read(".mocharc.json")) as { readonly require: readonly string[] };
    const reached = reachedFrom([...tests, ...loaded, ...filesBelow("scripts", [".ts"])]);
    expect(helpers.filter((path) => !reached.has(path))).to.deep.equal([]);
  });

  it("every header is included and every script is called", () => {
    const allCpp = cpp.map(read).join("\n");
    const headers = cpp.filter((path) => path.endsWith(".h")).map((path) => path.replace("native/", ""));
    const isIncluded = (header: string): boolean =>
      // Tests include their helpers as neighbours.
      [header, header.replace("test/", "")].some((name) => allCpp.includes(`#include "${name}"`));
    expect(headers.filter((header) => !isIncluded(header))).to.deep.equal([]);
    const scripts = readdirSync(join(root, "scripts"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    const callers = ["package.json", ".ci/run", "README.md", "CONTRIBUTING.md", ...scripts];
    for (const script of scripts) {
      // In a folder they call each other as neighbours.
      const name = basename(script);
      const isCalled = callers.some((caller) => caller !== script && read(caller).includes(name));
      expect(isCalled, script).to.equal(true);
    }
  });

  it("no reminder and no half of a merge is left over, and no path of one machine", () => {
    const pages = [...filesBelow("docs", [".md"]), ...["README", "CHANGELOG", "CONTRIBUTING", "SECURITY"].map(page)];
    const texts = [...typeScript, ...cpp, ...pages, ...filesBelow("scripts", [""])];
    // The brackets keep this file from finding itself.
    const reminder = /\b(T[O]DO|F[I]XME|X{3})\b/;
    const machinePath = /\/w[o]rk\/(main|shared)\b/;
    const halfOfMerge = /^(<{7}|>{7}) /m;
    for (const path of new Set(texts)) {
      const text = read(path);
      expect(halfOfMerge.exec(text)?.[0], path).to.equal(undefined);
      expect(reminder.exec(text)?.[0], path).to.equal(undefined);
      expect(machinePath.exec(text)?.[0], path).to.equal(undefined);
    }
  });
});

/** The import rules alone: the planted files have nothing for the others to look at. */
function lintRulesForPlantedFiles(): string {
  const config = JSON.parse(read(".oxlintrc.json")) as {
    readonly overrides: readonly { readonly files: readonly string[]; readonly rules: Record<string, unknown> }[];
    readonly [key: string]: unknown;
  };
  const rule = "no-restricted-imports";
  const overrides = config.overrides
    .filter(({ rules }) => rules[rule] !== undefined)
    .map(({ files, rules }) => ({ files, rules: { [rule]: rules[rule] } }));
  return JSON.stringify({ plugins: ["eslint"], categories: config["categories"], overrides });
}

function plantEveryImport(folder: string): void {
  const folders = Object.keys(mayImport);
  for (const from of folders) {
    mkdirSync(join(folder, "lib", from), { recursive: true });
    for (const to of folders.filter((other) => other !== from)) {
      writeFileSync(join(folder, "lib", from, `${to}.ts`), `import "../${to}/index.ts";\n`);
    }
  }
}

function forbiddenImports(): string[] {
  const folders = Object.keys(mayImport);
  return folders
    .flatMap((from) =>
      folders.filter((to) => to !== from && !mayImport[from]?.includes(to)).map((to) => `${from} -> ${to}`),
    )
    .sort();
}

function lintedImports(folder: string): string[] {
  const oxlint = join(root, "node_modules/.bin/oxlint");
  const { stdout } = spawnSync(oxlint, ["--format=unix", "lib"], { cwd: folder, encoding: "utf8" });
  const found = stdout.matchAll(/lib\/([\w-]+)\/([\w-]+)\.ts:\d+:\d+:.*no-restricted-imports/g);
  return [...found].map((match) => `${match[1] ?? ""} -> ${match[2] ?? ""}`).sort();
}

/**
 * Blocks that may be function bodies and are too long. Prettier puts a block's end at its beginning's indentation,
 * so no parser is needed; a block inside a function is shorter than the function, so it need not be told apart.
 */
function longBlocksOfTypeScript(path: string): string[] {
  const lines = read(path).split("\n");
  return lines.flatMap((line, index) => {
    const opensBody = /(\)(: [^{}]*)? (=> )?|=> |^\s*\}\): .* )\{$/.test(line) && !/\b(describe|suite)\b/.test(line);
    if (!opensBody) return [];
    const indentation = /^ */.exec(line)?.[0] ?? "";
    const length = lines.slice(index).findIndex((later) => later.startsWith(`${indentation}}`)) + 1;
    return length > longestFunctionLines ? [`${path}:${index + 1} has ${length} lines`] : [];
  });
}

/** The same for C++, by counting braces outside strings and comments. */
function longBlocksOfCpp(path: string): string[] {
  const lines = read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ""))
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])'/g, "")
        .replace(/\/\/.*/, "")
        .trimEnd(),
    );
  const isTest = path.startsWith("native/test/");
  return lines.flatMap((line, index) => {
    if (!line.endsWith("{") || /^\s*(\}\s*)?(namespace|class|struct|enum|union|extern)\b/.test(line)) return [];
    if (isTest && /^(TEST_SUITE)\b/.test(line)) return [];
    const length = blockLength(lines, index);
    return length > longestFunctionLines && !isInitializer(line) ? [`${path}:${index + 1} has ${length} lines`] : [];
  });
}

/** A table of constants may be long: it has no flow to follow. */
function isInitializer(line: string): boolean {
  return /(=|\breturn|[,({])\s*\{$/.test(line);
}

function blockLength(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let index = start; index < lines.length; index++) {
    for (const character of index === start ? "{" : (lines[index] ?? "")) {
      if (character === "{") depth++;
      if (character === "}") depth--;
      if (depth === 0) return index - start + 1;
    }
  }
  return lines.length - start;
}

/** Files that are imported, directly or not, statically, dynamically or as a worker's file. */
function reachedFrom(entries: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    // An import that leads nowhere is the compiler's to report.
    if (!existsSync(join(root, path))) continue;
    for (const [, target] of read(path).matchAll(/(?:from|import|import\(|URL\()\s*"(\.[^"$]+\.ts)"/g)) {
      waiting.push(relative(root, resolve(root, dirname(path), target ?? "")));
    }
  }
  return reached;
}
