// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { senseError } from "../../../lib/errors.ts";
import { footerRecords, segmentFooterLayout } from "../../../lib/format/segment-footer.ts";
import { findFooter, footerPieces } from "../../../lib/media-server/footer-reader.ts";
import type { NativeReadOutcome } from "../../../lib/native/binding.ts";

const recordSizeBytes = 16384;
const volume = {
  volumeUuid: "uuid-1",
  volumeTag: "LTO001L9",
  pool: "default",
  recordSizeBytes,
  labelBytes: 10320n,
  labelObjects: 3n,
};
const good = { outcome: "completed", scsiStatus: 0, residue: 0 } as unknown as NativeReadOutcome["result"];
const failed = (senseKey: number, asc: number) =>
  ({
    outcome: "completed",
    scsiStatus: 2,
    residue: 0,
    sense: { senseKey, asc, ascq: 0, deferred: false, valid: false },
  }) as unknown as NativeReadOutcome["result"];

async function footerOf(segment: number, body: Buffer, jobId = "1"): Promise<Buffer[]> {
  const layout = segmentFooterLayout({ jobId, segment, bodyBytes: BigInt(body.length), recordSizeBytes });
  const all: Buffer[] = [];
  for await (const record of footerRecords(layout, [body], recordSizeBytes)) all.push(record);
  return all;
}

/** Blocks, filemarks (undefined), and what cannot be read. */
class Drive {
  readonly objects: (Buffer | NativeReadOutcome["result"] | undefined)[];
  unreachable: number | undefined;
  #at = 0;

  constructor(objects: Drive["objects"]) {
    this.objects = objects;
  }

  locate(position: bigint): Promise<void> {
    if (Number(position) === this.unreachable)
      throw senseError("a locate", { senseKey: 3, asc: 0x14, ascq: 0, deferred: false, command: "LOCATE(16)" });
    this.#at = Number(position);
    return Promise.resolve();
  }

  read(): Promise<NativeReadOutcome> {
    const object = this.objects[this.#at++];
    const outcome = Buffer.isBuffer(object)
      ? { kind: "block", data: object, result: good }
      : { kind: object === undefined ? "filemark" : "failed", data: Buffer.alloc(0), result: object ?? good };
    return Promise.resolve(outcome as unknown as NativeReadOutcome);
  }
}

const file = { jobId: "1", segment: 4, firstBlock: 1n };

describe("H4: a segment's footer on tape", () => {
  const body = Buffer.from(Array.from({ length: 40_000 }, (_, index) => index % 251));
  const data = Buffer.alloc(recordSizeBytes, "x");
  let footer: Buffer[];
  beforeEach(async () => {
    footer = await footerOf(4, body);
  });

  it("H4: is found by its end, and gives its records back", async () => {
    const drive = new Drive([data, data, ...footer, undefined]);
    const filemark = BigInt(2 + footer.length);
    const found = await findFooter(drive, volume, { ...file, filemark });
    expect(found).to.include({ footerBlock: 2n, bodyBytes: 40_000n });
    const pieces: Uint8Array[] = [];
    for await (const piece of footerPieces(drive, volume, found!)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(body)).to.equal(true);
  });

  it("H4: is no other one's, nor a file's data that looks like one", async () => {
    const none = async (...objects: Drive["objects"]): Promise<void> => {
      const drive = new Drive([data, ...objects, undefined]);
      const filemark = BigInt(1 + objects.length);
      expect(await findFooter(drive, volume, { ...file, filemark })).to.equal(undefined);
    };
    await none(...(await footerOf(5, body)));
    await none(...(await footerOf(4, body, "2")));
    // It does not end where the file does.
    await none(...footer, data);
    await none(...footer.slice(0, -1));
    const header = Buffer.from(footer[0] ?? data);
    header.fill(0xff, 124, 136);
    await none(header, ...footer.slice(1));
    await none();
    // Only the real one reaches the filemark.
    const drive = new Drive([data, ...footer, data, ...footer, undefined]);
    const filemark = BigInt(2 + 2 * footer.length);
    const found = await findFooter(drive, volume, { ...file, filemark });
    expect(found?.footerBlock).to.equal(BigInt(2 + footer.length));
  });

  it("H4: that cannot be read is none; an attention says nothing of it", async () => {
    const filemark = BigInt(2 + footer.length);
    const drive = new Drive([data, failed(3, 0x11), ...footer, undefined]);
    expect(await findFooter(drive, volume, { ...file, filemark })).to.equal(undefined);
    drive.unreachable = 1;
    expect(await findFooter(drive, volume, { ...file, filemark })).to.equal(undefined);
    const interrupted = new Drive([data, failed(6, 0x29), undefined]);
    const error = await findFooter(interrupted, volume, { ...file, filemark }).catch((thrown: unknown) => thrown);
    expect(error).to.have.property("asc", 0x29);
  });

  it("H4: that cannot be read to its end says where", async () => {
    const place = { footerBlock: 1n, headerBytes: 1024, bodyBytes: 40_000n };
    const read = async (drive: Drive): Promise<unknown> => {
      try {
        for await (const piece of footerPieces(drive, volume, place)) expect(piece.length).to.be.greaterThan(0);
      } catch (error) {
        return error;
      }
      return "all of it";
    };
    const torn = new Drive([data, ...footer.slice(0, 1), failed(3, 0x11)]);
    expect(String(await read(torn))).to.match(
      /block 2 of LTO001L9, which belongs to a segment's footer, cannot be read/,
    );
    torn.unreachable = 1;
    expect(String(await read(torn))).to.match(/block 1 of LTO001L9/);
    expect(String(await read(new Drive([data, Buffer.alloc(512)])))).to.match(/block 1 of LTO001L9/);
    expect(await read(new Drive([data, ...footer.slice(0, 1), failed(6, 0x29)]))).to.have.property("asc", 0x29);
  });
});
