// SPDX-License-Identifier: Apache-2.0
/** What the documentation says must be so. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { format, resolveConfig } from "prettier";
import { referencePages } from "../../scripts/reference-docs.ts";
import { configText } from "../../lib/service/config-text.ts";
import { parseConfig } from "../../lib/service/config.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const read = (path: string): string => readFileSync(join(root, path), "utf8");

describe("documentation", () => {
  for (const [path, text] of referencePages()) {
    it(`${path} says what the code says`, async () => {
      const options = (await resolveConfig(join(root, path))) ?? {};
      const expected = await format(text, { ...options, parser: "markdown" });
      expect(read(path) === expected, `${path} is out of date: npm run docs`).to.equal(true);
    });
  }

  it("every link leads to a file that is there", () => {
    for (const page of pages) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|mailto:)([^)#]+)(#[^)]*)?\)/g)) {
        const path = resolve(root, dirname(page), target ?? "");
        expect(existsSync(path), `${page} -> ${relative(root, path)}`).to.equal(true);
      }
    }
  });

  it("every page is linked from another one", () => {
    const linked = new Set(
      pages.flatMap((page) =>
        [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) =>
          relative(root, resolve(root, dirname(page), match[1] ?? "")),
        ),
      ),
    );
    expect(pages.filter((page) => page !== "README.md" && !linked.has(page))).to.deep.equal([]);
  });

  it("the configuration's page names every key, and its example is accepted", () => {
    const page = read("docs/reference/configuration.md");
    const keys = [...configText({ stateFolder: "s", libraryFolder: "l" }).matchAll(/^(?:# )?(\w+) = /gm)].map(
      (match) => match[1] ?? "",
    );
    expect(keys).to.have.lengthOf.above(8);
    for (const key of keys) expect(page, key).to.include(`${key}\``);
    const example = /```toml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    expect(parseConfig(example, "/etc/tidemark.toml").stateFolder).to.be.a("string");
  });
});
