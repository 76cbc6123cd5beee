// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { fieldsText, tableText } from "../../../lib/cli/table.ts";

describe("tables", () => {
  it("aligns columns and leaves nothing behind a line's end", () => {
    const text = tableText(
      [{ title: "NAME" }, { title: "BYTES", align: "right" }, { title: "NOTE" }],
      [
        ["a", "1", ""],
        ["longer", "1,000,000", "x"],
      ],
    );
    expect(text.split("\n")).to.deep.equal(["NAME        BYTES  NOTE", "a               1", "longer  1,000,000  x"]);
  });

  it("writes named values in one column", () => {
    expect(
      fieldsText([
        ["a", "1"],
        ["long", "2"],
      ]),
    ).to.equal("a     1\nlong  2");
  });
});
