// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { OperatorError } from "../../../lib/errors.ts";
import { refuseTooLongRecords } from "../../../lib/media-server/record-size.ts";

const driveWith = (
  maximumBytes: number,
  limitBytes: number | undefined,
): Parameters<typeof refuseTooLongRecords>[0] => ({
  name: "drive 256",
  blockLimits: () => Promise.resolve({ maximumBytes, minimumBytes: 1, granularity: 0 }),
  blockProtection: () => Promise.resolve(undefined),
  transferLimit: () => Promise.resolve(limitBytes),
});

async function refusal(maximumBytes: number, limitBytes: number | undefined, recordSizeBytes: number): Promise<string> {
  try {
    await refuseTooLongRecords(driveWith(maximumBytes, limitBytes), recordSizeBytes);
    return "";
  } catch (error) {
    expect(error).to.be.instanceOf(OperatorError);
    return (error as OperatorError).message;
  }
}

describe("the record size", () => {
  it("may be as large as the drive and the way to it allow", async () => {
    expect(await refusal(1_048_576, 524_288, 524_288)).to.equal("");
    expect(await refusal(1_048_576, undefined, 1_048_576)).to.equal("");
  });

  it("is refused above what the drive takes", async () => {
    expect(await refusal(262_144, 524_288, 262_145)).to.equal(
      "drive 256 takes blocks of at most 262144 bytes, the configured record size is 262145",
    );
  });

  it("is refused above what the way to the drive carries, though the drive would take it", async () => {
    expect(await refusal(1_048_576, 524_288, 524_289)).to.equal(
      "the host adapter of drive 256 carries at most 524288 bytes at once, the configured record size is 524289: " +
        "configure a smaller one",
    );
  });
});
