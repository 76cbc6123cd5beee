// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { traceLineText } from "../../../lib/cli/trace-text.ts";
import { FormatError } from "../../../lib/errors.ts";

const text = (entry: object): string => traceLineText(JSON.stringify(entry), 7).replaceAll(/ +/g, " ");

describe("a trace as text", () => {
  it("says what was sent, how it ended and how long it took", () => {
    const good = { command: "WRITE(6)", cdb: "0a0000020000", dataOut: { bytes: 512 }, outcome: "completed" };
    expect(text({ ...good, scsiStatus: 0, durationUs: 1234 })).to.equal(" 7 1.234 ms WRITE(6) good, out 512");
    expect(text({ command: "INQUIRY", cdb: "12", dataIn: "0180", durationUs: 5 })).to.equal(
      " 7 0.005 ms INQUIRY good, in 2",
    );
    expect(text({ cdb: "f00000", scsiStatus: 0x18 })).to.equal(" 7 0.000 ms operation f0h SCSI status 18h");
  });

  it("decodes sense data of both formats, as far as it is there", () => {
    const fixed = "700003000000000a000000000c0000000000";
    expect(text({ command: "WRITE(6)", cdb: "0a", scsiStatus: 2, sense: fixed })).to.include("3/0C/00 write error");
    expect(text({ command: "READ(6)", cdb: "08", scsiStatus: 2, sense: "7305" })).to.include("deferred 5/00/00");
    expect(text({ command: "READ(6)", cdb: "08", scsiStatus: 2, sense: "72053b0d" })).to.include(
      "5/3B/0D the destination element is full",
    );
    expect(text({ command: "READ(6)", cdb: "08", scsiStatus: 2, sense: "" })).to.include("SCSI status 02h");
  });

  it("says when nobody knows how a command ended", () => {
    const lost = { command: "WRITE(6)", cdb: "0a", outcome: "unknown", hostStatus: 3 };
    expect(text(lost)).to.include("outcome unknown: host status 3, driver status 0, errno 0");
    expect(text({ ...lost, outcome: "notSent", detail: "drive in use\u001b[2J" })).to.include(
      "not sent: drive in use?[2J",
    );
  });

  it("a line that is no command is named", () => {
    for (const line of ["", "{", "[]", "null", "7", '{"command":3}']) {
      expect(() => traceLineText(line, 12)).to.throw(FormatError, "line 12");
    }
  });

  it("any JSON is answered or refused", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.record({ cdb: fc.string(), sense: fc.string(), dataIn: fc.jsonValue() }),
        (json, entry) => {
          for (const line of [json, JSON.stringify({ command: "X", ...entry })]) {
            try {
              expect(traceLineText(line, 1)).to.match(/^[^\0-\x1f]+$/);
            } catch (error) {
              expect(error).to.be.instanceOf(FormatError);
            }
          }
        },
      ),
    );
  });
});
