// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { countText, modeText, pathText, plural, sizeText, timeText, timeTextNs } from "../../../lib/cli/text.ts";

describe("text for people", () => {
  it("writes sizes with one decimal, never rounded up", () => {
    expect(sizeText(0n)).to.equal("0 B");
    expect(sizeText(1023n)).to.equal("1023 B");
    expect(sizeText(1024n)).to.equal("1.0 KiB");
    expect(sizeText(512n * 2n ** 20n)).to.equal("512.0 MiB");
    expect(sizeText(2n ** 20n - 1n)).to.equal("1023.9 KiB");
    expect(sizeText(2n ** 80n)).to.match(/ EiB$/);
  });

  it("groups digits and counts nouns", () => {
    expect(countText(1234567n)).to.equal("1,234,567");
    expect(countText(999)).to.equal("999");
    expect(plural(1n, "file")).to.equal("1 file");
    expect(plural(2000n, "file")).to.equal("2,000 files");
  });

  it("writes times in UTC", () => {
    expect(timeText(0)).to.equal("1970-01-01 00:00:00Z");
    expect(timeTextNs(1_000_000_000_999_999_999n)).to.equal("2001-09-09 01:46:40Z");
  });

  it("lets no path command the terminal", () => {
    expect(pathText(Buffer.from("a/ü/日本"))).to.equal("a/ü/日本");
    expect(pathText(Buffer.from("a\n\t\u001b[31mb\u009b\\"))).to.equal("a\\n\\t\\x1b[31mb\\x9b\\\\");
    expect(pathText(Buffer.from([0x61, 0xff, 0xc3, 0x28]))).to.equal("a\\xff\\xc3(");
  });

  it("writes permissions", () => {
    expect(modeText("directory", 0o40755)).to.equal("drwxr-xr-x");
    expect(modeText("file", 0o640)).to.equal("-rw-r-----");
    expect(modeText("symlink", 0o777)).to.equal("lrwxrwxrwx");
  });
});
