// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import * as errors from "../../lib/errors.ts";

describe("errors", () => {
  it("has for every code a known exit code and one sentence", () => {
    const known: readonly number[] = Object.values(errors.exitCodes);
    for (const [code, entry] of Object.entries(errors.errorTable)) {
      expect(code).to.match(/^ERR_TAPE_[A-Z_]+$/);
      expect(known, code).to.include(entry.exitCode);
      expect(entry.meaning, code).to.match(/^[A-Z][^\n]*\.$/);
    }
  });

  it("keeps the cause, the name and the exit code", () => {
    const cause = new Error("ENOSPC");
    const error = new errors.CatalogError("append failed", { code: "ERR_TAPE_CATALOG_FULL", cause });
    expect(error).to.be.instanceOf(errors.TapeError);
    expect(error).to.include({ name: "CatalogError", code: "ERR_TAPE_CATALOG_FULL", exitCode: 7, cause });
  });

  it("gives every class its own default code", () => {
    const exits = [
      new errors.TapeError("x"),
      new errors.StatusError("x", 0x18),
      new errors.TransportError("x", "unknown"),
      new errors.DeviceError("x"),
      new errors.FormatError("x"),
      new errors.CatalogError("x"),
      new errors.JobError("x"),
      new errors.ProtocolError("x"),
      new errors.ConfigError("x"),
      new errors.OperatorError("x"),
    ].map((error) => [error.code, error.exitCode]);
    expect(exits).to.deep.equal([
      ["ERR_TAPE_INTERNAL", 1],
      ["ERR_TAPE_STATUS", 6],
      ["ERR_TAPE_TRANSPORT", 6],
      ["ERR_TAPE_POSITION", 6],
      ["ERR_TAPE_FORMAT", 1],
      ["ERR_TAPE_CATALOG", 7],
      ["ERR_TAPE_JOB", 1],
      ["ERR_TAPE_PROTOCOL", 1],
      ["ERR_TAPE_CONFIG", 2],
      ["ERR_TAPE_OPERATOR", 5],
    ]);
  });

  it("picks the class that stands for a sense key", () => {
    const facts = { senseKey: 3, asc: 0x0c, ascq: 0, deferred: false, command: "WRITE(6)" };
    const error = errors.senseError("write of block 8112 to LTO042L9", facts, "The job can be resumed");
    expect(error).to.be.instanceOf(errors.MediumError);
    expect(error.message).to.equal(
      "write of block 8112 to LTO042L9 failed: Medium Error 3/0C/00. The job can be resumed",
    );
    expect(error).to.include({ code: "ERR_TAPE_MEDIUM", exitCode: 6, command: "WRITE(6)", deferred: false });
    const other = errors.senseError("read", { senseKey: 0xe, asc: 0x1d, ascq: 0, deferred: true });
    expect(other.constructor).to.equal(errors.SenseError);
    expect(other.message).to.equal("read failed: Miscompare E/1D/00 (deferred: it concerns earlier data)");
  });
});
