// SPDX-License-Identifier: Apache-2.0
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const program = fileURLToPath(new URL("./catalog-opener.ts", import.meta.url));

describe("catalog store of several processes", () => {
  const children: ChildProcess[] = [];
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-stores-"));
    children.push(...Array.from({ length: 4 }, () => fork(program)));
  });

  after(async () => {
    for (const child of children) {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    }
    rmSync(folder, { recursive: true });
  });

  it("is made by one of those that open it at the same time, and opened by the others", async () => {
    for (let count = 0; count < 15; count++) {
      const answers = children.map(async (child) => {
        const answered = once(child, "message") as Promise<[string]>;
        child.send(join(folder, `${count}.sqlite`));
        return (await answered)[0];
      });
      expect(await Promise.all(answers)).to.deep.equal(["opened", "opened", "opened", "opened"]);
    }
  });
});
