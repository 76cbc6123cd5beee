// SPDX-License-Identifier: Apache-2.0
/** The examples of the documentation are compiled against the sources, and run on a simulated library. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { createSimulatedLibrary } from "../../lib/service/simulated-library.ts";
import { MediumChanger, TapeDrive } from "../../lib/device/index.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/** Inside the checkout, where TypeScript finds the types of Node.js. */
const folder = join(root, "build", "docs-examples");

interface Example {
  readonly name: string;
  readonly code: string;
}

const entries: Readonly<Record<string, string>> = {
  tidemark: join(root, "lib", "index.ts"),
  "tidemark/device": join(root, "lib", "device", "index.ts"),
  "tidemark/simulator": join(root, "lib", "device", "simulator.ts"),
};

function examples(): readonly Example[] {
  const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  return pages.flatMap((page) =>
    [...readFileSync(join(root, "docs", page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
      ([, code = ""], index) => ({
        name: `${page.replaceAll(/[/.]/g, "-")}-${index + 1}`,
        code: code.replaceAll(/from "(tidemark[^"]*)"/g, (whole, entry: string) => {
          const source = entries[entry];
          return source === undefined ? whole : `from ${JSON.stringify(relative(folder, source))}`;
        }),
      }),
    ),
  );
}

describe("examples of the documentation", () => {
  const all = examples();

  before(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { name, code } of all) writeFileSync(join(folder, `${name}.ts`), `export {};\n${code}`);
  });
  beforeEach(async () => {
    for (const name of ["library", "simulated"]) rmSync(join(folder, name), { recursive: true, force: true });
    createSimulatedLibrary(join(folder, "library"), { capacityBytes: 64n * 1024n * 1024n });
    const changer = MediumChanger.open({ kind: "simulated", folder: join(folder, "library"), unit: "changer" });
    await changer.attend();
    const elements = await changer.elements();
    const slot = elements.find(({ type, full }) => type === "storage" && full);
    const bay = elements.find(({ type }) => type === "dataTransfer");
    await changer.move(slot?.address ?? 0, bay?.address ?? 0);
    await changer.close();
    const drive = TapeDrive.open({ kind: "simulated", folder: join(folder, "library"), unit: "drive-0" });
    await drive.attend();
    await drive.write(Buffer.from("what was there before"), "a block");
    await drive.synchronise(1);
    await drive.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("there are some", () => {
    expect(all.length).to.be.at.least(5);
  });

  it("are accepted by the compiler", () => {
    const settings = { extends: "../../tsconfig.json", compilerOptions: { noEmit: true }, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const { stdout, status } = spawnSync("tsc", ["-p", folder], { encoding: "utf8" });
    expect(status, stdout).to.equal(0);
  });

  for (const { name } of all) {
    it(`${name} runs`, () => {
      const ran = spawnSync(process.execPath, [`${name}.ts`], { cwd: folder, encoding: "utf8" });
      expect(ran.status, ran.stderr).to.equal(0);
      expect(ran.stdout).to.not.equal("");
    });
  }
});
