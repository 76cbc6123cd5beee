// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { diskFault, isFull, mebibytes } from "../../../lib/catalog/disk-fault.ts";
import { CatalogError } from "../../../lib/errors.ts";

const failed = (code: string): Error => Object.assign(new Error("it failed"), { code });

describe("what a disk says", () => {
  it("becomes a sentence that says what to do", () => {
    const broken = diskFault("/jobs/17", "read", failed("EIO"));
    expect(broken).to.include({ code: "ERR_TAPE_CATALOG_IO" });
    expect(broken.message).to.equal(
      "cannot read the temporary catalog in /jobs/17: Error: it failed. Check that disk, then resume the job",
    );
    const full = diskFault("/jobs/17", "append to", failed("EDQUOT"));
    expect(full).to.include({ code: "ERR_TAPE_CATALOG_FULL" });
    expect(full.message).to.contain("the disk that holds /jobs/17 is full. Make at least 64 MiB free there");
    expect(diskFault("/jobs/17", "read", "no error at all").message).to.equal("cannot read /jobs/17: no error at all");
  });

  it("stays what it is where it is a mistake of the program, or said already", () => {
    const mistake = new TypeError("a mistake");
    expect(diskFault("/jobs/17", "read", mistake)).to.equal(mistake);
    const said = new CatalogError("said");
    expect(diskFault("/jobs/17", "read", said)).to.equal(said);
  });

  it("is full for the disk, or for the user", () => {
    expect(["ENOSPC", "EDQUOT", "EIO"].map((code) => isFull(failed(code)))).to.deep.equal([true, true, false]);
    expect(isFull(new Error("without a code"))).to.equal(false);
    expect(isFull("ENOSPC")).to.equal(false);
    expect([mebibytes(64 * 1024 * 1024), mebibytes(1n)]).to.deep.equal(["64 MiB", "0 MiB"]);
  });
});
