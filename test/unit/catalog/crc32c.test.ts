// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { crc32c } from "../../../lib/catalog/crc32c.ts";

describe("crc32c", () => {
  it("gives what RFC 3720 appendix B.4 gives", () => {
    const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
    expect(crc32c(Buffer.alloc(32))).to.equal(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).to.equal(0x62a8ab43);
    expect(crc32c(ascending)).to.equal(0x46dd794e);
    expect(crc32c(Buffer.from(ascending).reverse())).to.equal(0x113fdb5c);
    const read10 = "01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000";
    expect(crc32c(Buffer.from(read10, "hex"))).to.equal(0xd9963a56);
    expect(crc32c(Buffer.from("123456789"))).to.equal(0xe3069283);
    expect(crc32c(Buffer.alloc(0))).to.equal(0);
  });

  it("goes on from a seed, wherever the bytes are divided", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
        expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).to.equal(crc32c(bytes));
      }),
    );
  });
});
