// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { ProgressDisplay, progressLine } from "../../../lib/cli/progress.ts";
import { Session } from "../../../lib/cli/session.ts";
import type { JobProgress } from "../../../lib/service/api.ts";
import { FakeTerminal, fakeModule } from "./fake-terminal.ts";

const progress: JobProgress = {
  type: "progress",
  jobId: "1",
  phase: "writing",
  objects: 12345n,
  bytes: 3n * 2n ** 29n,
  bytesPerSecond: 2 ** 27,
  streamOffset: 1n,
  bytesAtRisk: 2n ** 25n,
  volumeTag: "TMK001L9",
  tapePosition: 3075n,
  currentPath: Buffer.from("home/ada/letter.odt"),
};

function display(options: { json: boolean; terminal: FakeTerminal }): ProgressDisplay {
  const session = new Session(options.terminal, { json: options.json, color: true }, () =>
    Promise.resolve(fakeModule({})),
  );
  return new ProgressDisplay(session);
}

describe("progress", () => {
  it("says bytes, files, rate, tape position and bytes at risk on one line", () => {
    expect(progressLine(progress, 1000)).to.equal(
      "writing  12,345 files  1.5 GiB  128.0 MiB/s  TMK001L9 object 3,075  32.0 MiB at risk  home/ada/letter.odt",
    );
    expect(progressLine(progress, 40)).to.have.lengthOf(40);
    expect(progressLine({ ...progress, waitsFor: "source" }, 1000)).to.include(
      "  128.0 MiB/s  waits for source  TMK001L9",
    );
  });

  it("redraws one line on a terminal and takes it away at the end", () => {
    const terminal = new FakeTerminal();
    terminal.errorIsTerminal = true;
    const shown = display({ json: false, terminal });
    shown.show(progress);
    terminal.now = 50;
    shown.show(progress);
    shown.end();
    expect(terminal.error.split("\r\u001b[2K")).to.have.lengthOf(3);
    expect(terminal.error).to.not.include("\n");
    expect(terminal.out).to.equal("");
  });

  it("writes a plain line every five seconds elsewhere", () => {
    const terminal = new FakeTerminal();
    const shown = display({ json: false, terminal });
    for (let second = 0; second < 12; second++) {
      terminal.now = second * 1000;
      shown.show(progress);
    }
    expect(terminal.error.trim().split("\n")).to.have.lengthOf(3);
    expect(terminal.error).to.not.include("\r");
  });

  it("writes every report as one JSON line with a type", () => {
    const terminal = new FakeTerminal();
    const shown = display({ json: true, terminal });
    shown.show(progress);
    shown.show(progress);
    const lines = terminal.out.trim().split("\n");
    expect(lines).to.have.lengthOf(2);
    expect(JSON.parse(lines[0] ?? "")).to.include({
      type: "progress",
      tapePosition: 3075,
      currentPath: "home/ada/letter.odt",
    });
    expect(terminal.error).to.equal("");
  });
});
