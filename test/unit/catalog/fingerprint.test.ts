// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { CatalogError } from "../../../lib/errors.ts";
import { decodeFingerprint, directoryEntryFingerprint, encodeFingerprint } from "../../../lib/catalog/fingerprint.ts";

const unsigned = fc.bigInt(0n, 2n ** 64n - 1n);
const signed = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const word = fc.nat(0xffffffff);

describe("fingerprints", () => {
  it("give back what was put in", () => {
    const fingerprint = fc.record({
      dev: unsigned,
      ino: unsigned,
      sizeBytes: unsigned,
      mtimeNs: signed,
      ctimeNs: signed,
      mode: word,
      uid: word,
      gid: word,
    });
    fc.assert(
      fc.property(fingerprint, (fields) => {
        const bytes = encodeFingerprint(fields);
        expect(bytes.length).to.equal(52);
        expect(decodeFingerprint(bytes)).to.deep.equal(fields);
        const entry = { ...fields, sizeBytes: 0n, mtimeNs: 0n, ctimeNs: 0n };
        expect(decodeFingerprint(directoryEntryFingerprint(bytes))).to.deep.equal(entry);
      }),
    );
  });

  it("have 52 bytes", () => {
    expect(() => decodeFingerprint(Buffer.alloc(51))).to.throw(CatalogError, "52 bytes, not 51");
  });
});
