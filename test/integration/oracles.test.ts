// SPDX-License-Identifier: Apache-2.0
/** The programs that operators know say the same as the driver, of the same library, over the kernel's own nodes. */
import { join } from "node:path";
import { expect } from "chai";
import { needsGuest } from "../needs.ts";
import { runInGuest } from "../vm/guest.ts";
import type { Walk } from "../vm/oracle-walk.ts";

const walkScript = join(import.meta.dirname, "../vm/oracle-walk.ts");

describe("oracles in the guest", () => {
  let walk: Walk;

  before(async function () {
    needsGuest(this, "mtx", "mt", "sg_inq");
    const { status, stdout, stderr, log } = await runInGuest({
      command: [process.execPath, walkScript],
      library: { drives: 2, cartridges: 4, cartridgeMiB: 16, storageElements: 6, importExportElements: 2 },
    });
    if (status !== 0) throw new Error(`the walk ended with ${status ?? "the guest"}:\n${stderr}\n${log}`);
    walk = JSON.parse(stdout) as Walk;
  });

  const questions = [
    "mtx status, at the beginning",
    "mtx status, a drive loaded",
    "mtx status, both drives loaded, a cartridge in the import/export element",
    "mtx status, a cartridge in another storage element",
    "mt status of an empty drive",
    "mt status of a drive that was just loaded",
    "sg_inq of a drive",
    "sg_inq of a changer",
    "sg_vpd of a drive",
    "sg_vpd of a changer",
  ];

  for (const question of questions) {
    it(question, () => {
      const { theirs, ours } = walk.comparisons.find((each) => each.question === question) ?? {};
      expect(theirs).to.be.a("string").and.not.equal("");
      expect(ours).to.equal(theirs);
    });
  }

  it("asks nothing else", () => {
    expect(walk.comparisons.map(({ question }) => question)).to.have.members(questions);
  });

  it("discovery finds the nodes by serial number, without opening them", () => {
    const found = walk.discovered.map(({ kind, serialNumber, sgPath, nstPath }) => {
      return { kind, serialNumber, sg: sgPath, nst: nstPath };
    });
    const [first, second, changer] = walk.nodes;
    expect(found).to.have.deep.members([
      { kind: "drive", serialNumber: "TGTDRIVE0", sg: first?.sg, nst: first?.nst },
      { kind: "drive", serialNumber: "TGTDRIVE1", sg: second?.sg, nst: second?.nst },
      { kind: "changer", serialNumber: "TGTCHANGER", sg: changer?.sg, nst: undefined },
    ]);
  });
});
