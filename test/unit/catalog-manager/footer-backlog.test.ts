// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { FooterBacklog } from "../../../lib/catalog-manager/footer-backlog.ts";
import { TemporaryCatalog } from "../../../lib/catalog/temporary-catalog.ts";
import { emptySummary } from "../../../lib/catalog/temporary-catalog-reader.ts";
import { MemoryFileSystem } from "../catalog/memory-file-system.ts";

const mib = 2 ** 20;

describe("footer backlog", () => {
  let catalog: TemporaryCatalog;
  let backlog: FooterBacklog;

  beforeEach(async () => {
    const fileSystem = new MemoryFileSystem();
    const origin = { epoch: 1, nonce: Buffer.alloc(8, 1) };
    const options = { fileSystem, folder: "/jobs/17", origin, reserveBytes: 0 };
    catalog = await TemporaryCatalog.start(options, emptySummary, Buffer.from([0xf6]));
    backlog = new FooterBacklog(catalog.reader());
  });

  const add = async (payload: Buffer): Promise<void> => backlog.add(await catalog.append(payload), payload);
  const contentOf = async (content: ReturnType<FooterBacklog["hold"]>): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const payload of content.payloads()) pieces.push(payload);
    return Buffer.concat(pieces);
  };

  for (const [what, bytes] of [
    ["few records, in memory", 3],
    ["many records, on disk", 17 * mib],
  ] as const) {
    it(`does not give a footer what comes while it is written: ${what}`, async () => {
      const [first, second] = [Buffer.alloc(bytes, 1), Buffer.from("second")];
      await add(first);
      const held = backlog.hold();
      expect((await contentOf(held)).equals(first)).to.equal(true);
      await add(second);
      expect((await contentOf(held)).equals(first)).to.equal(true);
      backlog.release();
      expect(backlog.bytes).to.equal(BigInt(second.length));
      expect((await contentOf(backlog.hold())).toString()).to.equal("second");
    });
  }

  it("gives the next footer all of it where one was not written to its end", async () => {
    await add(Buffer.from("first "));
    backlog.hold();
    await add(Buffer.from("second"));
    expect((await contentOf(backlog.hold())).toString()).to.equal("first second");
  });
});
