// SPDX-License-Identifier: Apache-2.0
/** Every public name of the driver says what it is, and every method that sends a command which clause it follows. */
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const lib = resolve(dirname(fileURLToPath(import.meta.url)), "../../../lib");
const read = (path: string): string => readFileSync(join(lib, path), "utf8");
const entry = "device/index.ts";

/** A declaration and the comment that stands right before it. */
interface Declared {
  readonly name: string;
  /** From its first line to the end, or to the next one of the same indentation. */
  readonly text: string;
  readonly comment: string;
}

interface Public {
  /** Relative to lib. */
  readonly path: string;
  /** Nothing: all that the file exports. */
  readonly name?: string;
}

function publicNames(index: string): readonly Public[] {
  const exports = index.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from "(.*)";$/gm);
  return [...exports].flatMap(([, list, target = ""]): readonly Public[] => {
    const path = relative(lib, resolve(lib, dirname(entry), target));
    if (list === undefined) return [{ path }];
    const names = list.split(",").map((name) => name.trim());
    return names.filter((name) => name !== "").map((name) => ({ path, name }));
  });
}

const exported = /^export (?:abstract |async )*(?:function|class|interface|type|const) (\w+)/;
/** Prettier indents the members of a class by two spaces; private ones begin with `#`. */
const member =
  /^ {2}(?!(?:private|protected|constructor)\b)(?:(?:public|static|override|readonly|async|get|set) )*(\w+)[?!]?[(<:]/;

function declarations(text: string, head: RegExp): readonly Declared[] {
  const lines = text.split("\n");
  const indentation = (line: string): number => line.search(/\S/);
  return lines.flatMap((line, index): readonly Declared[] => {
    const name = head.exec(line)?.[1];
    if (name === undefined) return [];
    const rest = lines.slice(index + 1);
    const next = rest.findIndex((later) => later !== "" && indentation(later) <= indentation(line));
    // The line that ends it, such as `}`, is of its indentation too.
    const body = next < 0 ? rest : rest.slice(0, next + 1);
    return [{ name, text: [line, ...body].join("\n"), comment: commentBefore(lines, index) }];
  });
}

function commentBefore(lines: readonly string[], index: number): string {
  if (lines[index - 1]?.trimEnd().endsWith("*/") !== true) return "";
  const start = lines.slice(0, index).findLastIndex((line) => line.trimStart().startsWith("/**"));
  return start < 0 ? "" : lines.slice(start, index).join("\n");
}

const isDocumented = ({ comment }: Declared): boolean => /[A-Za-z]{2}/.test(comment.replaceAll(/@\w+/g, ""));

/** Every method that gives a promise sends commands, but for these. */
const silent = new Set(["close", "transferLimit"]);
const sends = ({ name, text }: Declared): boolean => /\): (?:Promise<|Return)/.test(text) && !silent.has(name);
const cites = ({ comment }: Declared): boolean => /\b(?:SSC|SPC|SMC)-\d/.test(comment);

/** What is missing in a file, of the names that are public. */
function missing(path: string, text: string, isPublic: (name: string) => boolean): readonly string[] {
  const found = declarations(text, exported).filter(({ name }) => isPublic(name));
  const undocumented = found.filter((each) => !isDocumented(each));
  const classes = found.filter((each) => /^export (?:abstract )?class /.test(each.text));
  return [
    ...undocumented.map(({ name }) => `${path}: ${name} has no comment`),
    ...classes.flatMap((each) => missingMembers(path, each)),
  ];
}

function missingMembers(path: string, { name: className, text }: Declared): readonly string[] {
  return declarations(text, member).flatMap((each) => {
    const where = `${path}: ${className}.${each.name}`;
    if (!isDocumented(each)) return [`${where} has no comment`];
    return sends(each) && !cites(each) ? [`${where} cites no clause`] : [];
  });
}

describe("the driver's documentation", () => {
  const names = publicNames(read(entry));
  // What both kinds of device have is public through them.
  const paths = new Set([...names.map(({ path }) => path), "device/device.ts"]);

  it("is there for every public name, with a clause for every command", () => {
    const gaps = [...paths].flatMap((path) => {
      const wanted = new Set(names.filter((each) => each.path === path).map(({ name }) => name));
      const isPublic = (name: string): boolean => wanted.has(undefined) || wanted.has(name) || name === "Device";
      return missing(path, read(path), isPublic);
    });
    expect(gaps).to.deep.equal([]);
  });

  it("is looked for in all that the entry point exports", () => {
    for (const { path, name } of names) {
      const found = declarations(read(path), exported).map((each) => each.name);
      if (name === undefined) expect(found, path).to.not.deep.equal([]);
      else expect(found, path).to.include(name);
    }
    const methods = declarations(read("device/tape-drive.ts"), member).map(({ name }) => name);
    expect(methods).to.include.members(["open", "attend", "rewind", "positionSource", "setEncryption"]);
    expect(methods).to.not.include("constructor");
    expect(declarations(read("device/device.ts"), member).map(({ name }) => name)).to.not.include("need");
  });

  it("is missed where it is not", () => {
    const text = [
      "/** About the file. */",
      'import { x } from "./x.ts";',
      "export interface Bare {",
      "  readonly field: number;",
      "}",
      "/** A class. */",
      "export class Drive {",
      "  /** Its name. */",
      "  readonly name: string;",
      "  /** REWIND (SSC-5 7.9). */",
      "  async rewind(): Promise<void> {",
      "    await x();",
      "  }",
      "",
      "  async load(): Promise<void> {",
      "    await x();",
      "  }",
      "",
      "  /** LOCATE. */",
      "  async locate(",
      "    target: bigint,",
      "  ): Promise<void> {",
      "    await x();",
      "  }",
      "",
      "  get place(): number {",
      "    return 1;",
      "  }",
      "",
      "  /** Lets it go. */",
      "  async close(): Promise<void> {}",
      "",
      "  protected need(): void {}",
      "  async #motion(): Promise<void> {}",
      "}",
      "export const hidden = 1;",
    ].join("\n");
    expect(missing("a.ts", text, (name) => name !== "hidden")).to.deep.equal([
      "a.ts: Bare has no comment",
      "a.ts: Drive.load has no comment",
      "a.ts: Drive.locate cites no clause",
      "a.ts: Drive.place has no comment",
    ]);
  });
});
