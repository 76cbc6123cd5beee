// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { AcceptedBlocks } from "./accepted-blocks.ts";
import { Image } from "./image.ts";

describe("accepted blocks", () => {
  const given = (object: number, bytes: number, isAccepted = true): object => ({
    block: { volumeTag: "A", object, bytes, isAccepted },
  });
  const bytesAfter = (...commands: readonly object[]): bigint | undefined => {
    const label = { kind: "block", bytes: Buffer.alloc(80) } as const;
    const blocks = new AcceptedBlocks(new Map([["A", new Image("A", [label, { kind: "filemark" }])]]));
    blocks.add(commands);
    return blocks.bytes().get("A");
  };

  it("I8: end where one was accepted last, or where they ended before, if that one is lost with the buffer", () => {
    expect(bytesAfter()).to.equal(80n);
    expect(bytesAfter(given(2, 100), given(3, 100), given(5, 100), {})).to.equal(380n);
    expect(bytesAfter(given(2, 100), given(3, 100), given(2, 30))).to.equal(280n);
    expect(bytesAfter(given(2, 100), given(2, 30), given(3, 90))).to.equal(200n);
  });

  it("I8: of one that nobody knows the outcome of, both may be there", () => {
    expect(bytesAfter(given(2, 100), given(3, 100), given(2, 30, false))).to.equal(280n);
    expect(bytesAfter(given(2, 100), given(3, 50, false))).to.equal(230n);
  });
});
