// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { packAnswers } from "../../../lib/catalog-server/container-answer.ts";
import { DiskBasedCatalog } from "../../../lib/catalog/disk-based-catalog.ts";
import * as records from "../catalog/records.ts";

const { r } = records;
const verdicts = ["not listed", "partial", "complete"];

describe("what a data server is told of a container object", () => {
  /** A container of one object that is durable, closed with so many exceptions. */
  async function told(exceptions: number): Promise<string | undefined> {
    const one = records.fingerprint({ ino: 11n });
    const list = [
      records.job(),
      records.sourceOpen(0, "/a", 0n),
      records.segmentOpen(0, 0n),
      records.containerOpen(1, "a/"),
      records.object(1, "one", 0n, r(1), { fingerprint: one }),
      records.containerClose(1, "a/", r(1), [["one", one]], { exceptions }),
      records.durable(0, 5n, r(1)),
    ];
    const claims = records.folded(...list);
    const options = { ...records.generating(list), claims };
    const catalog = await DiskBasedCatalog.generate(options);
    try {
      return verdicts[packAnswers(catalog, [Buffer.from("a/")]).readUInt8(0)];
    } finally {
      catalog.close();
    }
  }

  it("S5: it is complete only without exceptions: skipped, it would count none of them", async () => {
    expect(await told(0)).to.equal("complete");
    expect(await told(1)).to.equal("partial");
  });
});
