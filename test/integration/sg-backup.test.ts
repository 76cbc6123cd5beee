// SPDX-License-Identifier: Apache-2.0
/** The whole product over the kernel's own sg and st drivers, killed and resumed, in a User-mode Linux guest. */
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { needsGuest } from "../needs.ts";
import { runInGuest } from "../vm/guest.ts";

const program = fileURLToPath(new URL("./sg-backup-guest.ts", import.meta.url));

describe("backup through /dev/sg* and /dev/nst* in User-mode Linux", () => {
  before(function () {
    needsGuest(this);
  });

  it("a job that was killed goes on where it stopped", async () => {
    const { stdout, stderr, log } = await runInGuest({
      command: [process.execPath, program],
      library: { drives: 1, cartridges: 1, cartridgeMiB: 256 },
      timeoutMs: 240_000,
    });
    expect(stdout, `${stderr}\n${log}`).to.not.equal("");
    const found = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      readonly signal: string | null;
      readonly status: string;
      readonly bytesSaved: number;
      readonly differs: boolean;
    };
    expect(found).to.deep.include({ signal: "SIGKILL", status: "complete", differs: false });
    expect(found.bytesSaved).to.be.greaterThan(0);
  });
});
