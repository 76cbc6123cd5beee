// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { jsonText } from "../../../lib/cli/json-text.ts";

describe("JSON output", () => {
  it("writes counts as numbers where every reader holds them exactly, else as strings", () => {
    expect(jsonText({ small: 5n, edge: 2n ** 53n - 1n, large: 2n ** 53n })).to.equal(
      '{"small":5,"edge":9007199254740991,"large":"9007199254740992"}',
    );
  });

  it("writes paths as strings where they are UTF-8, else as base64", () => {
    expect(jsonText({ a: Buffer.from("ü"), b: Buffer.from([0xff]) })).to.equal('{"a":"ü","b":{"base64":"/w=="}}');
  });

  it("loses no byte of any path", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = JSON.parse(jsonText([Buffer.from(bytes)])) as (string | { base64: string })[];
        const [path] = read;
        const back = typeof path === "string" ? Buffer.from(path) : Buffer.from(path?.base64 ?? "", "base64");
        expect(back.equals(bytes)).to.equal(true);
      }),
    );
  });

  it("leaves absent fields out and goes into lists and objects", () => {
    expect(jsonText({ a: undefined, b: [{ c: 1n }], d: null })).to.equal('{"b":[{"c":1}],"d":null}');
  });
});
