// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { volumeBytesAt } from "../../../lib/media/volume-bytes.ts";

describe("bytes on a volume", () => {
  const identity = {
    volumeUuid: "u",
    volumeTag: "A",
    pool: "p",
    recordSizeBytes: 16384,
    labelBytes: 10320n,
    labelObjects: 3n,
  };

  it("are the label and whole records; filemarks hold none", () => {
    expect(volumeBytesAt(identity, 3n, 1)).to.equal(10320n);
    // Head, two records, footer, filemark, head.
    expect(volumeBytesAt(identity, 9n, 2)).to.equal(10320n + 5n * 16384n);
  });
});
