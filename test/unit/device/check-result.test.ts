// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { expect } from "chai";
import { checkResult, payload, readError, resultError, writeError } from "../../../lib/device/check-result.ts";
import { isRejected, isUnitAttention, isUnknownCommand } from "../../../lib/device/result-kind.ts";
import { DeviceError, SenseError, StatusError, TransportError } from "../../../lib/errors.ts";
import type { NativeResult } from "../../../lib/native/device.ts";

const good: NativeResult = {
  command: "WRITE(6)",
  outcome: "completed",
  scsiStatus: 0,
  hostStatus: 0,
  driverStatus: 0,
  errno: 0,
  residual: 0,
  durationUs: 1,
  nexus: 0,
};

function check(senseKey: number, asc: number, ascq: number, deferred = false): NativeResult {
  const flags = { filemark: false, endOfMedium: false, incorrectLength: false, raw: Buffer.alloc(0) };
  return { ...good, scsiStatus: 2, sense: { deferred, senseKey, asc, ascq, ...flags } };
}

const notSent = (errno: number): NativeResult => ({ ...good, outcome: "notSent", errno });
const attempt = "writing block 5 of TMK001L9";

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("what a result is taken for", () => {
  describe("the work was done", () => {
    it("with GOOD, and with the recovered errors that tell of this command", () => {
      for (const result of [good, check(0, 0, 2), check(1, 0x17, 0)]) checkResult(result, attempt);
      expect(payload(5, good, attempt)).to.equal(5);
    });

    it("W4: not with sense data that tells of earlier data, whatever its key", () => {
      const error = thrownBy(() => checkResult(check(1, 0x0c, 0, true), attempt));
      expect(error).to.be.instanceOf(SenseError);
      expect(String(error)).to.match(/writing block 5 .*deferred: it concerns earlier data/);
    });

    it("not where the key is worse, the sense data is missing, or nobody knows", () => {
      expect(thrownBy(() => checkResult(check(3, 0x0c, 0), attempt))).to.be.instanceOf(SenseError);
      expect(thrownBy(() => checkResult({ ...good, scsiStatus: 2 }, attempt))).to.be.instanceOf(StatusError);
      const unknown = thrownBy(() => checkResult({ ...good, outcome: "unknown", hostStatus: 3 }, attempt));
      expect(unknown).to.be.instanceOf(TransportError).with.property("outcome", "unknown");
      expect(String(unknown)).to.match(/unknown outcome \(host status 3, driver status 0, errno 0\)/);
    });

    it("not where the answer was left out", () => {
      expect(String(thrownBy(() => payload(undefined, good, attempt)))).to.match(/left its answer out/);
    });
  });

  it("T1: a command that was not sent says whether the device is in use, gone, or something else", () => {
    const { EBUSY, EWOULDBLOCK, ENODEV, ENXIO, ENOENT, ENOTTY, ENOMEM, EINVAL } = constants.errno;
    const expectCode = (errno: number, code: string): void => {
      expect(resultError(notSent(errno), attempt))
        .to.be.instanceOf(DeviceError)
        .with.property("code", code);
    };
    for (const errno of [EBUSY, EWOULDBLOCK]) expectCode(errno, "ERR_TAPE_DEVICE_LOCKED");
    for (const errno of [ENODEV, ENXIO, ENOENT, ENOTTY]) expectCode(errno, "ERR_TAPE_DEVICE_UNKNOWN");
    for (const errno of [ENOMEM, EINVAL]) {
      expect(resultError(notSent(errno), attempt))
        .to.be.instanceOf(TransportError)
        .with.property("outcome", "notSent");
    }
    const held = { ...notSent(EBUSY), detail: "process 12 holds the drive" };
    expect(resultError(held, attempt).message).to.equal(`${attempt} failed: process 12 holds the drive`);
  });

  it("U4, U5, T5: a status is told by its name, and one without a name by its number", () => {
    const textOf = (scsiStatus: number): string => resultError({ ...good, scsiStatus }, attempt).message;
    expect([0x18, 0x40, 0x08, 0x28, 0x30].map(textOf).join("\n")).to.match(
      /reservation conflict\n.*task aborted\n.*busy\n.*task set full\n.*ACA active/,
    );
    expect(textOf(0x0f)).to.match(/SCSI status 15/);
  });

  it("T4: GOOD beside bytes that were not transferred is an unknown outcome, with the transport's words if it has any", () => {
    const error = writeError({ ...good, residual: 512 }, attempt);
    expect(error).to.be.instanceOf(TransportError).with.property("outcome", "unknown");
    expect(error.message).to.match(/ended well, but the transport says that 512 bytes were not transferred/);
    const detailed = writeError({ ...good, residual: -4, detail: "4 bytes more were taken than sent" }, attempt);
    expect(detailed.message).to.match(/ended well, but 4 bytes more were taken than sent/);
  });

  it("W11: a block that came wrong beside a good answer is an unknown outcome; what failed by itself is told as that", () => {
    const error = readError(good, attempt);
    expect(error).to.be.instanceOf(TransportError).with.property("outcome", "unknown");
    expect(error.message).to.match(/ended well, but the block is longer than it should be/);
    const detailed = readError({ ...good, detail: "its CRC is wrong" }, attempt);
    expect(detailed.message).to.match(/ended well, but its CRC is wrong/);
    expect(readError(check(3, 0x11, 0), attempt)).to.be.instanceOf(SenseError);
  });

  it("T4: a write that failed by itself is told as that, residual or not", () => {
    expect(writeError({ ...check(7, 0x27, 0), residual: 512 }, attempt)).to.be.instanceOf(SenseError);
    expect(writeError({ ...good, outcome: "unknown", residual: 512 }, attempt).message).to.match(/unknown outcome/);
  });
});

describe("what kind of answer a result is", () => {
  const unknownCommand = check(5, 0x20, 0);
  const unknownForm = check(5, 0x24, 0);

  it("a command, or only this form of it, that the device does not have", () => {
    expect([unknownCommand, unknownForm].map(isRejected)).to.deep.equal([true, true]);
    expect([unknownCommand, unknownForm].map(isUnknownCommand)).to.deep.equal([true, false]);
  });

  it("is neither another fault, nor one of earlier data, nor anything where nothing was answered", () => {
    const others = [good, check(5, 0x1a, 0), check(3, 0x20, 0), check(5, 0x20, 0, true)];
    const lost: NativeResult = { ...unknownCommand, outcome: "unknown" };
    for (const result of [...others, lost]) {
      expect([isRejected(result), isUnknownCommand(result)]).to.deep.equal([false, false]);
    }
  });

  it("U2: a unit attention, and never one that is told of earlier data", () => {
    const results = [check(6, 0x29, 0), check(6, 0x29, 0, true), check(2, 4, 1), good];
    expect(results.map(isUnitAttention)).to.deep.equal([true, false, false, false]);
  });
});
