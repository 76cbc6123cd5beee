// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { FormatError } from "../../../lib/errors.ts";
import * as pax from "../../../lib/format/pax.ts";

const bytes = (minimum: number, maximum: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: minimum, maxLength: maximum }).map((array) => Buffer.from(array));

function header(fields: Partial<pax.UstarHeader> = {}): pax.UstarHeader {
  return {
    path: Buffer.from("a"),
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: 0n,
    mtimeSeconds: 0,
    typeflag: "0",
    ...fields,
  };
}

describe("pax headers", () => {
  it("count their own length, also where counting adds a digit", () => {
    for (let length = 0; length < 1100; length += 1) {
      const record = pax.encodePaxRecord({ keyword: "comment", value: Buffer.alloc(length, "x") });
      expect(Number(record.toString("latin1").split(" ")[0])).to.equal(record.length);
    }
  });

  it("hold any records", () => {
    const record = fc.record({ keyword: fc.stringMatching(/^[A-Za-z.]{1,40}$/), value: bytes(0, 2000) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const whole = Buffer.concat(records.map(pax.encodePaxRecord));
        expect(pax.decodePaxRecords(whole)).to.deep.equal(records);
      }),
    );
  });

  it("never throw anything but a FormatError on other bytes", () => {
    fc.assert(
      fc.property(bytes(0, 2048), (noise) => {
        for (const decode of [pax.decodePaxRecords, pax.decodeMemberHeader, pax.decodeUstarHeader]) {
          try {
            decode(noise);
          } catch (error) {
            expect(error).to.be.instanceOf(FormatError);
          }
        }
      }),
    );
  });

  it("notice any flipped bit of a ustar header", () => {
    const block = pax.encodeUstarHeader(
      header({ path: Buffer.from("home/anna/letter.txt"), sizeBytes: 123456n, mtimeSeconds: 1700000000 }),
    );
    fc.assert(
      fc.property(fc.nat(511), fc.nat(7), (at, bit) => {
        const damaged = Buffer.from(block);
        damaged[at] = damaged[at]! ^ (1 << bit);
        let decoded: pax.UstarHeader | undefined;
        try {
          decoded = pax.decodeUstarHeader(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(FormatError);
          return;
        }
        // Only the filling of the checksum field itself carries nothing.
        expect(at).to.be.within(148, 155);
        expect(decoded).to.deep.equal(pax.decodeUstarHeader(block));
      }),
    );
  });

  it("give back any member, whatever its path and size", () => {
    const path = bytes(1, 600).filter((value) => !value.includes(0));
    fc.assert(
      fc.property(path, fc.bigInt(0n, 2n ** 60n), (value, sizeBytes) => {
        const encoded = pax.encodeMemberHeader(header({ path: value, sizeBytes, mtimeSeconds: 1700000000 }));
        expect(encoded.length % 512).to.equal(0);
        const decoded = pax.decodeMemberHeader(encoded);
        expect(decoded?.header.path.equals(value)).to.equal(true);
        expect(decoded?.header.sizeBytes).to.equal(sizeBytes);
        expect(decoded?.headerBytes).to.equal(encoded.length);
      }),
    );
  });

  it("split a path at a slash where ustar fields hold it, and need no pax record then", () => {
    const path = Buffer.from(`${"a".repeat(150)}/${"b".repeat(99)}`);
    expect(pax.fitsUstar(path)).to.equal(true);
    expect(pax.encodeMemberHeader(header({ path })).length).to.equal(512);
    expect(pax.fitsUstar(Buffer.from(`${"a".repeat(156)}/b`))).to.equal(false);
    expect(pax.fitsUstar(Buffer.from("b".repeat(101)))).to.equal(false);
  });

  it("fill any multiple of 512 bytes exactly", () => {
    for (const total of [512, 1024, 1536, 10240, 16384, 524288]) {
      const filler = pax.encodeFiller(total);
      expect(filler.length).to.equal(total);
      expect(pax.decodeMemberHeader(filler)).to.equal(undefined);
    }
    for (const total of [0, 511, 513]) expect(() => pax.encodeFiller(total)).to.throw(FormatError);
  });

  it("end at zeros, and refuse a header of another format", () => {
    expect(pax.decodeMemberHeader(Buffer.alloc(1024))).to.equal(undefined);
    const other = pax.encodeUstarHeader(header());
    other.write("xstar", 257);
    other.write("010000\0 ", 148);
    expect(() => pax.decodeUstarHeader(other)).to.throw(FormatError, /checksum|ustar/);
    expect(() => pax.decodeUstarHeader(Buffer.alloc(100))).to.throw(FormatError);
  });
});
