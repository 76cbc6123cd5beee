// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { DeviceError, FormatError, StatusError, TransportError, senseError } from "../../../lib/errors.ts";
import { writeFailureKind } from "../../../lib/media-server/write-failure.ts";

const sense = (senseKey: number, asc: number, ascq: number, deferred = false, command = "WRITE(6)"): Error =>
  senseError("a write", { senseKey, asc, ascq, deferred, command });

describe("what a failed write says about where to go on", () => {
  const rows: readonly (readonly [id: string, error: Error, kind: string | undefined])[] = [
    ["W3 volume overflow", sense(0xd, 0x00, 0x02), "volume"],
    ["W4 deferred write error", sense(3, 0x0c, 0x00, true), "volume"],
    ["W5 write error", sense(3, 0x0c, 0x00), "volume"],
    ["W6 hardware error", sense(4, 0x44, 0x00), "drive"],
    ["R6 a place that LOCATE does not find", sense(4, 0x15, 0x01, false, "LOCATE(16)"), "volume"],
    ["R6 a place that SPACE does not find", sense(4, 0x15, 0x01, false, "SPACE(6)"), "volume"],
    ["R6 a place that READ does not find", sense(4, 0x15, 0x02, false, "READ(6)"), "volume"],
    ["R6 a REWIND that does not find the beginning", sense(4, 0x15, 0x01, false, "REWIND"), "volume"],
    ["W6 positioning error of a write", sense(4, 0x15, 0x01, false, "WRITE(6)"), "drive"],
    ["W6 positioning error while the tape is threaded", sense(4, 0x15, 0x01, false, "LOAD UNLOAD"), "drive"],
    ["W6 one of a write, told to a locate", sense(4, 0x15, 0x01, true, "LOCATE(16)"), "drive"],
    ["W6 one of a write, told to a rewind", sense(4, 0x15, 0x01, true, "REWIND"), "drive"],
    ["W6 a locate on a broken drive", sense(4, 0x44, 0x00, false, "LOCATE(16)"), "drive"],
    ["W7 write protected", sense(7, 0x27, 0x00), "protected"],
    ["W8 WORM overwrite refused", sense(7, 0x30, 0x0c), "protected"],
    ["W11 block damaged on its way", sense(4, 0x10, 0x01), "block"],
    ["W10 block longer than the limit", sense(5, 0x24, 0x00), undefined],
    ["U1 medium changed", sense(6, 0x28, 0x00), "position"],
    ["U2 reset", sense(6, 0x29, 0x00), "position"],
    ["U4 reservation conflict: who has it is asked first", new StatusError("a write", 0x18), "position"],
    ["U5 task aborted", new StatusError("a write", 0x40), "position"],
    ["U8 not ready", sense(2, 0x04, 0x01), "position"],
    ["T2 unknown outcome", new TransportError("a write", "unknown"), "position"],
    ["T1 not sent", new TransportError("a write", "notSent"), undefined],
    ["U11 the tape is not where it must be", new DeviceError("moved"), "position"],
    ["T1 the path is lost", new DeviceError("gone", { code: "ERR_TAPE_DEVICE_UNKNOWN" }), "position"],
    ["a drive of another process", new DeviceError("in use", { code: "ERR_TAPE_DEVICE_LOCKED" }), undefined],
    ["an error of this program", new FormatError("wrong"), undefined],
  ];
  for (const [id, error, kind] of rows) {
    it(`${id}: ${kind ?? "ends the job"}`, () => expect(writeFailureKind(error)).to.equal(kind));
  }
});
