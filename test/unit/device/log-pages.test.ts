// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { driveActivity } from "../../../lib/device/device-status.ts";
import {
  compressionRatio,
  errorCounters,
  partitionCapacities,
  sequentialAccess,
  tapeUsage,
} from "../../../lib/device/log-extracts.ts";
import { logPageTables } from "../../../lib/device/log-parameters.ts";
import { logPageName, logValues, partitionRecords } from "../../../lib/device/log-pages.ts";
import type { LogPage } from "../../../lib/device/index.ts";

/** A page whose parameters are given in hexadecimal. */
function page(number: number, values: Readonly<Record<number, string>>): LogPage {
  const parameters = Object.entries(values).map(([code, value]) => ({
    code: Number(code),
    control: 0x03,
    value: Buffer.from(value, "hex"),
  }));
  return { page: number, subpage: 0, parameters };
}

const text = (words: string): string => Buffer.from(words, "latin1").toString("hex");

const anyPage: fc.Arbitrary<LogPage> = fc.record({
  page: fc.oneof(fc.constantFrom(...Object.keys(logPageTables).map(Number)), fc.nat(63)),
  subpage: fc.constantFrom(0, 0, 0, 1, 0xff),
  parameters: fc.array(
    fc.record({
      code: fc.oneof(fc.nat(0x20), fc.integer({ min: 0x100, max: 0x205 }), fc.nat(0xffff)),
      control: fc.nat(255),
      value: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    }),
    { maxLength: 8 },
  ),
});

describe("log pages", () => {
  it("have names", () => {
    expect(logPageName(0x2e)).to.equal("TapeAlert");
    expect(logPageName(0x3f)).to.equal("page 3Fh");
    expect(logPageName(0x02, 1)).to.equal("page 02/01h");
    expect(logPageName(0x00, 0xff)).to.equal("list of pages and subpages");
  });

  it("counters may have any length, and all ones are unknown", () => {
    const values = logValues(
      page(0x0c, { 0: "0000000000001000", 1: "10", 2: "ffffffff", 3: "", 4: "0102", 0x100: "00" }),
    );
    expect(values.map(({ value, unit }) => [value, unit])).to.deep.equal([
      [4096n, "bytes"],
      [16n, "bytes"],
      [undefined, "bytes"],
      [undefined, "bytes"],
      [258n, "MB"],
      ["no", undefined],
    ]);
    expect(values[0]?.name).to.equal("received by writes, before compression");
    expect(sequentialAccess(page(0x0c, { 0: "1000", 2: "ff", 8: "0400", 0x100: "0001" }))).to.deep.equal({
      receivedBytes: 4096n,
      bufferMegabytes: 1024n,
      cleaningNeeded: true,
    });
  });

  it("what is not known by name is shown as its control byte says", () => {
    const parameter = (control: number, value: string) => ({ code: 0x8001, control, value: Buffer.from(value, "hex") });
    const controls = [0x00, 0x01, 0x02, 0x03].map((control) => parameter(control, "4142"));
    const values = logValues({ page: 0x3f, subpage: 0, parameters: controls });
    expect(values.map(({ value }) => value)).to.deep.equal([0x4142n, "AB", 0x4142n, "4142"]);
    expect(values[0]?.name).to.equal("parameter 8001h");
    // The tables are those of the pages themselves: a subpage has parameters of its own.
    expect(logValues({ ...page(0x0c, { 0: "01" }), subpage: 1 })[0]?.name).to.equal("parameter 0h");
  });

  it("texts lose their padding and cannot command a terminal", () => {
    const values = logValues(
      page(0x17, { 0x40: text("  VS1 \0\0"), 0x41: text("\u001b[2J"), 0x42: text("   "), 0x43: "" }),
    );
    expect(values.map(({ value }) => value)).to.deep.equal(["VS1", "?[2J", undefined, undefined]);
  });

  it("page 17h counts per partition, and page 31h in MiB", () => {
    const records = "0700000000000064".concat("07000001ffffffff");
    const values = logValues(page(0x17, { 0: "01", 0x203: records }));
    expect(values.slice(1)).to.deep.equal([
      { code: 0x203, name: "used native capacity of partition", unit: "MB", partition: 0, value: 100n },
      { code: 0x203, name: "used native capacity of partition", unit: "MB", partition: 1 },
    ]);
    const capacities = { 0: "01", 0x202: "07000000000003e8", 0x203: records, 0x204: "07000000ffffffff" };
    expect(partitionCapacities(page(0x17, capacities))).to.deep.equal([
      { partition: 0, nativeMegabytes: 1000n, usedMegabytes: 100n, endOfDataValid: true },
      { partition: 1, endOfDataValid: false },
    ]);
    expect(partitionCapacities(page(0x17, { ...capacities, 0: "00" }))).to.deep.equal([]);
    expect(logValues(page(0x31, { 1: "00000400" }))[0]).to.include({ value: 1024n, unit: "MiB" });
  });

  it("a record that lies about its length ends the walk", () => {
    const walked = (hexadecimal: string): number => partitionRecords(Buffer.from(hexadecimal, "hex")).length;
    expect(walked("")).to.equal(0);
    expect(walked("00")).to.equal(0);
    expect(walked("0200")).to.equal(0);
    expect(walked("03000000")).to.equal(1);
    expect(walked("0000000000000000")).to.equal(0);
    expect(walked("ff0000000000")).to.equal(0);
    expect(walked("0700000000000064070000")).to.equal(1);
  });

  it("page 1Bh's rests are signed", () => {
    // 5 MB less 1 byte from the host, 2 MB and 3 bytes to tape.
    const values = { 1: "0101", 0: "0000", 6: "00000005", 7: "ffffffff", 8: "00000002", 9: "00000003" };
    for (const number of [0x1b, 0x32]) {
      expect(compressionRatio(page(number, values))).to.deep.equal({
        writeHundredths: 257n,
        fromHostBytes: 4_999_999n,
        toTapeBytes: 2_000_003n,
      });
    }
    expect(logValues(page(0x1b, { 7: "fffffffe" }))[0]).to.include({ value: -2n, unit: "bytes" });
    expect(compressionRatio(page(0x1b, { 6: "ffffffff", 7: "00000001", 8: "00", 9: "80" }))).to.deep.equal({});
  });

  it("usage comes from page 17h when that is valid, or from page 30h", () => {
    const values = { 0: "00000001", 1: "0007", 4: "00", 0x10: "0100", 0x42: text("TMK001L9 "), 0x80: "00", 0x81: "01" };
    expect(tapeUsage(page(0x17, values))).to.deep.equal({
      mounts: 7n,
      unrecoveredWriteErrors: 0n,
      lifeWrittenMegabytes: 256n,
      barcode: "TMK001L9",
      writeProtected: false,
      worm: true,
    });
    expect(tapeUsage(page(0x17, { ...values, 0: "00000000" }))).to.deep.equal({});
    expect(tapeUsage(page(0x17, { 1: "0007" }))).to.deep.equal({});
    expect(tapeUsage(page(0x30, { 1: "0007", 5: "0003", 7: "09" }))).to.deep.equal({
      mounts: 7n,
      dataSetsRead: 9n,
      suspendedWrites: 3n,
    });
    expect(errorCounters(page(0x02, { 2: "01", 3: "02", 6: "ff" }))).to.deep.equal({ corrected: 2n, retries: 1n });
  });

  it("the temperature is one byte", () => {
    expect(logValues(page(0x0d, { 0: "0028", 1: "00ff" })).map(({ value }) => value)).to.deep.equal([40n, undefined]);
  });

  it("activities have names", () => {
    const codes = [0x00, 0x0a, 0x10, 0x11, 0xff];
    expect(codes.map(driveActivity)).to.deep.equal(["none", "formatting", "diagnosing", "unknown", "unknown"]);
  });

  it("whatever a drive sends is answered", () => {
    fc.assert(
      fc.property(anyPage, (sent) => {
        for (const value of logValues(sent)) expect(value.name).to.match(/^[A-Za-z]/);
        compressionRatio(sent);
        tapeUsage(sent);
        sequentialAccess(sent);
        errorCounters(sent);
        for (const { partition } of partitionCapacities(sent)) expect(partition).to.be.within(0, 0xffff);
      }),
      { numRuns: 1000 },
    );
  });
});
