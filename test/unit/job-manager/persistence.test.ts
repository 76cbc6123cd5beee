// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import {
  CatalogError,
  HardwareError,
  JobError,
  MediumError,
  OperatorError,
  UnitAttentionError,
} from "../../../lib/errors.ts";
import { Persistence } from "../../../lib/job-manager/persistence.ts";

const facts = { senseKey: 4, asc: 0x44, ascq: 0, deferred: false };
const interrupted = (cause: Error): JobError =>
  new JobError("a write failed", { code: "ERR_TAPE_JOB_INTERRUPTED", cause });
const mediumError = interrupted(new MediumError("write error", { ...facts, senseKey: 3 }));
const driveError = interrupted(new HardwareError("internal target failure", facts));
const stuck = new OperatorError("it is stuck in it", { cause: new HardwareError("unload failed", facts) });
const missing = new OperatorError("it is not there", { code: "ERR_TAPE_CARTRIDGE_MISSING" });

describe("whether a job goes on by itself", () => {
  it("does after a failed write, as long as it comes further", () => {
    const persistence = new Persistence();
    for (let offset = 0n; offset < 20n; offset++)
      expect(persistence.decide(mediumError, { offset })).to.have.property("how");
  });

  it("does not a fourth time at the same place", () => {
    const persistence = new Persistence();
    for (const _ of [1, 2, 3]) expect(persistence.decide(mediumError, { offset: 7n })).to.not.equal(undefined);
    expect(persistence.decide(mediumError, { offset: 7n })).to.equal(undefined);
  });

  it("does not where nothing was recorded, or where the error is another one", () => {
    expect(new Persistence().decide(mediumError, undefined)).to.equal(undefined);
    expect(new Persistence().decide(missing, { offset: 0n, volumeTag: "TMK001L9" })).to.equal(undefined);
    expect(new Persistence().decide(new Error("a mistake"), { offset: 0n })).to.equal(undefined);
  });

  it("H5: does after an error of the disk that holds its records, as long as it comes further", () => {
    const diskError = new CatalogError("cannot synchronise", { code: "ERR_TAPE_CATALOG_IO" });
    const persistence = new Persistence();
    for (const _ of [1, 2, 3]) expect(persistence.decide(diskError, { offset: 7n })?.how).to.contain("a new file");
    expect(persistence.decide(diskError, { offset: 7n })).to.equal(undefined);
    expect(persistence.decide(diskError, { offset: 8n })).to.have.property("how");
    const full = new CatalogError("the disk is full", { code: "ERR_TAPE_CATALOG_FULL" });
    expect(persistence.decide(full, { offset: 9n })).to.equal(undefined);
  });

  it("R6 leaves a cartridge behind on which a place cannot be found or read, and not for ever", () => {
    const persistence = new Persistence();
    const notFound = new MediumError("positioning error", { ...facts, senseKey: 3, asc: 0x3b });
    const standing = { offset: 4n, volumeTag: "TMK001L9" };
    for (const _ of [1, 2, 3])
      expect(persistence.decide(notFound, standing)?.leave).to.have.property("volumeTag", "TMK001L9");
    expect(persistence.decide(notFound, standing)).to.equal(undefined);
    expect(new Persistence().decide(notFound, { offset: 4n })).to.equal(undefined);
    const ofDrive = new HardwareError("positioning error", { ...facts, asc: 0x15, ascq: 1, command: "LOCATE(16)" });
    expect(new Persistence().decide(ofDrive, standing)?.how).to.equal("on another cartridge");
  });

  it("I10: keeps no claims on a cartridge that was looked at and found altered, whatever a drive did before", () => {
    const persistence = new Persistence();
    const standing = { offset: 0n, volumeTag: "TMK001L9" };
    expect(persistence.decide(driveError, standing)).to.have.property("how");
    const altered = new OperatorError("another block is there", { code: "ERR_TAPE_VOLUME_ALTERED" });
    expect(persistence.decide(altered, standing)).to.equal(undefined);
  });

  it("takes a cartridge for stuck only where nothing was written since the drive failed", () => {
    const persistence = new Persistence();
    expect(persistence.decide(driveError, { offset: 0n, volumeTag: "TMK001L9" })).to.have.property("how");
    expect(persistence.decide(missing, { offset: 5n, volumeTag: "TMK001L9" })).to.equal(undefined);
  });

  it("U7: stops for a person who wants the cartridge, whatever a drive did before", () => {
    const persistence = new Persistence();
    const standing = { offset: 0n, volumeTag: "TMK001L9" };
    expect(persistence.decide(driveError, standing)).to.have.property("how");
    const ejectWanted = new OperatorError("somebody has pressed the eject button", {
      cause: new UnitAttentionError("removal requested", { ...facts, senseKey: 6, asc: 0x5a, ascq: 1 }),
    });
    expect(persistence.decide(ejectWanted, standing)).to.equal(undefined);
  });

  it("leaves a cartridge behind only where the drive that held it has failed, and once", () => {
    const persistence = new Persistence();
    const standing = { offset: 0n, volumeTag: "TMK001L9" };
    expect(persistence.decide(driveError, standing)?.leave).to.equal(undefined);
    expect(persistence.decide(missing, standing)?.leave?.volumeTag).to.equal("TMK001L9");
    expect(persistence.decide(missing, standing)).to.equal(undefined);
    expect(persistence.decide(driveError, standing)?.leave).to.equal(undefined);
    expect(persistence.decide(stuck, standing)?.leave?.volumeTag).to.equal("TMK001L9");
  });
});
