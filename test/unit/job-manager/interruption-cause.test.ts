// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import {
  causeOf,
  goneOn,
  interruptedBy,
  noteInterrupted,
  withoutCause,
} from "../../../lib/job-manager/interruption-cause.ts";
import type { JobEntry, JobRegister } from "../../../lib/protocol/job.ts";
import { runningJob as job } from "./running-job.ts";

/** A register of one job; whoever updates it is told `refusal`, where there is one. */
function registerOf(updated: JobEntry[], refusal?: Error): JobRegister {
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const update = (entry: JobEntry): void => {
    if (refusal !== undefined) throw refusal;
    updated.push(entry);
  };
  return { create: unused, get: unused, list: unused, parts: unused, update, change: unused };
}

describe("why a job was interrupted", () => {
  it("H1: a run that said nothing was killed, or lost its power", () => {
    expect(causeOf(job)).to.match(/ended without a word: it was killed, or the power failed/);
  });

  it("is what the run said, in its entry", () => {
    const updated: JobEntry[] = [];
    noteInterrupted(registerOf(updated), job, new Error("the drive is gone"));
    expect(updated).to.deep.equal([{ ...job, status: "interrupted", interruptionCause: "the drive is gone" }]);
    expect(updated.map(causeOf)).to.deep.equal(["the drive is gone"]);
  });

  it("H6: a register that takes nothing any more does not hide what went wrong before", () => {
    expect(() => noteInterrupted(registerOf([], new Error("disk full")), job, new Error("first"))).not.to.throw();
  });

  it("is forgotten by the run that begins", () => {
    const again = withoutCause(interruptedBy(job, "killed"));
    expect(again).to.deep.equal({ ...job, status: "interrupted" });
    expect(causeOf(again)).to.match(/without a word/);
    expect(goneOn(interruptedBy(job, "killed"))).to.deep.equal({ ...again, interruptions: 1 });
  });
});
