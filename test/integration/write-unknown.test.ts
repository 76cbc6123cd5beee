// SPDX-License-Identifier: Apache-2.0
/**
 * A write of unknown outcome is never repeated: a connection that is cut in the middle of a WRITE leaves on the tape
 * what was accepted, or one block more, and never one twice. `TIDEMARK_CUTS=200 npm run test:mocha -- -g "T6"` makes
 * as many cuts as the nightly run.
 */
import { expect } from "chai";
import type { NativeResult, NativeWriteOutcome, TapeDrive } from "../../lib/device/index.ts";
import { needs } from "../needs.ts";
import { TcpRelay, cutPointOf } from "../peers/tcp-relay.ts";
import type { Cut, CutPoint } from "../peers/tcp-relay.ts";
import { countNumberedBlocks, numberedBlock } from "./numbered-blocks.ts";
import { TgtDrive } from "./tgt-drive.ts";

const cuts = Number(process.env["TIDEMARK_CUTS"] ?? 20);
const write6 = 0x0a;
/** Enough for any cut to fall into the run; the largest blocks are 1 MiB. */
const blocksMax = 14;

interface Run {
  /** Blocks that the drive said it has. */
  readonly accepted: number;
  readonly last: NativeWriteOutcome;
}

/** Writes numbered blocks behind the first until one is not accepted. */
async function writeUntilCut(drive: TapeDrive, run: number): Promise<Run> {
  for (let accepted = 1; accepted < blocksMax; accepted++) {
    const last = await drive.native.writeBlock(numberedBlock(run, accepted));
    if (last.kind !== "written") return { accepted, last };
  }
  throw new Error("the connection was not cut");
}

function isNexusLoss({ outcome, sense }: NativeResult): boolean {
  return outcome === "completed" && sense?.senseKey === 6 && sense.asc === 0x29 && sense.ascq === 0x07;
}

/** Most in a command that the seed chooses, every fifth after a number of bytes: also between commands and in headers. */
function pointOf(seed: number): CutPoint {
  return seed % 5 === 4 ? { kind: "bytes", bytes: 1 + ((seed * 104_729) % 2_500_000) } : cutPointOf(seed, write6, 8);
}

describe("a write of unknown outcome", () => {
  let tape: TgtDrive;

  before(async function () {
    needs(this, "tgtd", "setpriv");
    tape = await TgtDrive.start();
  });
  after(async () => {
    await tape?.library.stop();
  });

  async function cutOnce(run: number): Promise<{ readonly cut: Cut; readonly result: Run; readonly onTape: number }> {
    const relay = await TcpRelay.start(tape.library.port);
    const drive = await tape.open({}, relay.port);
    await drive.rewind();
    // It takes away what an earlier run left on the tape.
    await drive.write(numberedBlock(run, 0), "the first block");
    const cutting = relay.cutAt(pointOf(run));
    const result = await writeUntilCut(drive, run);
    const cut = await cutting;
    const sent = relay.commandsPassed(write6);
    // The same session object goes on: its next write must learn that the position is lost, before it is sent.
    const next = isNexusLoss(result.last.result) ? result.last : await drive.native.writeBlock(numberedBlock(run, 0));
    expect(isNexusLoss(next.result), `run ${run}: ${JSON.stringify(next.result)}`).to.equal(true);
    expect(next.result.nexus).to.equal(2);
    expect(relay.commandsPassed(write6), `run ${run}: writes on the wire`).to.equal(sent);
    await drive.close();
    await relay.stop();

    const fresh = await tape.open();
    const onTape = await countNumberedBlocks(fresh, run);
    await fresh.close();
    return { cut, result, onTape };
  }

  it(`T6: ${cuts} connections cut in mid-WRITE leave what was accepted, or one block more`, async () => {
    const seen = { exact: 0, oneMore: 0, unknown: 0, notExecuted: 0 };
    for (let run = 0; run < cuts; run++) {
      const { cut, result, onTape } = await cutOnce(run);
      const { accepted, last } = result;
      const story = `run ${run}: ${JSON.stringify(cut)}, ${accepted} accepted, then ${last.kind}, ${onTape} on the tape`;
      // Where the driver claims that the write was not executed, it was not.
      expect(onTape - accepted, story).to.be.within(0, last.kind === "unknown" ? 1 : 0);
      // What the target did although the initiator never learnt of it must not be claimed to have failed.
      if (cut.answered && cut.point.kind === "command" && cut.point.moment !== "afterResponse") {
        expect(last.kind, story).to.equal("unknown");
      }
      seen[onTape === accepted ? "exact" : "oneMore"]++;
      seen[last.kind === "unknown" ? "unknown" : "notExecuted"]++;
    }
    process.stdout.write(
      `      ${cuts} cuts: ${seen.unknown} writes of unknown outcome, ${seen.notExecuted} known not to be executed; ` +
        `on the tape as accepted ${seen.exact}, one block more ${seen.oneMore}\n`,
    );
    expect(seen.exact + seen.oneMore).to.equal(cuts);
    if (cuts >= 20) expect(seen.oneMore, "cuts after which the tape had one block more").to.be.greaterThan(0);
  });

  it("T3: a timeout gives an unknown outcome, drops the session and repeats nothing", async () => {
    const run = 1_000_000;
    const drive = await tape.open({ timeoutLimitMs: 400 });
    await drive.rewind();
    for (let number = 0; number < 3; number++) await drive.write(numberedBlock(run, number), `block ${number}`);
    await tape.library.hang();
    const lost = await drive.native.writeBlock(numberedBlock(run, 3));
    expect(lost.kind).to.equal("unknown");
    expect(lost.result.outcome).to.equal("unknown");
    expect(lost.result.detail).to.match(/^no answer from .* within 400 ms; the session was dropped$/);
    // The library hangs on: a new login has no answer either, and nothing is sent.
    const refused = await drive.native.writeBlock(numberedBlock(run, 3));
    expect(refused.result.outcome).to.equal("notSent");
    expect(refused.result.detail).to.match(/^cannot log in to .*: no answer in time$/);
    tape.library.resume();
    expect(isNexusLoss((await drive.native.writeBlock(numberedBlock(run, 3))).result)).to.equal(true);
    await drive.close();
    const fresh = await tape.open();
    expect(await countNumberedBlocks(fresh, run)).to.be.within(3, 4);
    await fresh.close();
  });
});
