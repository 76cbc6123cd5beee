// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import type { CopyService, VerifyResult } from "../service/copy-api.ts";
import type { RunOptions } from "../service/api.ts";
import { document } from "./documentation.ts";
import { allExitCodes, exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { runLongWork } from "./long-work.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { countText, pathText, plural, sizeText, unreadableText } from "./text.ts";

const codes = allExitCodes.filter((code) => code !== exitCodes.interrupted);

export function addJobVerify(job: Command, run: Runner): void {
  const verify = job
    .command("verify")
    .description("Read a job back from its cartridges and compare it with the catalog. Writes nothing.")
    .argument("<id>", "the job's number, or a copy's")
    .action(run((session, jobId: string) => verified(session, (copies, options) => copies.verifyJob(jobId, options))));
  document(verify, ["tidemark job verify 1"], codes);
}

export function addVolumeVerify(volume: Command, run: Runner): void {
  const verify = volume
    .command("verify")
    .description("Read everything on one cartridge back and compare it with the catalog. Writes nothing.")
    .argument("<barcode>", "the cartridge")
    .action(
      run((session, barcode: string) => verified(session, (copies, options) => copies.verifyVolume(barcode, options))),
    );
  document(verify, ["tidemark volume verify TMK001L9"], codes);
}

async function verified(
  session: Session,
  work: (copies: CopyService, options: RunOptions) => Promise<readonly VerifyResult[]>,
): Promise<ExitCode> {
  const { result: results, wasInterrupted } = await runLongWork(session, (options) =>
    session.withService((service) => work(service.copies, options)),
  );
  session.print({ type: "result", verified: results }, () =>
    results.length === 0 ? "nothing of a finished job is on it" : results.map(verifyText).join("\n"),
  );
  if (wasInterrupted) return exitCodes.signal;
  const isGood = results.every(({ damagedCount, unreadable }) => damagedCount === 0n && unreadable.length === 0);
  return isGood ? exitCodes.done : exitCodes.someUnreadable;
}

function verifyText(result: VerifyResult): string {
  const where = result.volumeTags.length === 0 ? "" : ` on ${result.volumeTags.join(", ")}`;
  const lines = [
    `job ${result.jobId}: ${plural(result.objectsVerified, "object")} good, ${sizeText(result.bytesVerified)}${where}`,
  ];
  lines.push(...result.unreadable.map(unreadableText));
  if (result.damagedCount > 0n) {
    lines.push(`${plural(result.damagedCount, "object")} damaged:`);
    for (const { path, reason } of result.damaged) lines.push(`  ${pathText(path)}: ${reason}`);
    const unnamed = result.damagedCount - BigInt(result.damaged.length);
    if (unnamed > 0n) lines.push(`  and ${countText(unnamed)} more`);
  }
  if (result.partsCount > 0n) {
    lines.push(
      `${plural(result.partsCount, "object")} on other cartridges too, read but not compared (tidemark job verify ${result.jobId}):`,
    );
    for (const path of result.parts) lines.push(`  ${pathText(path)}`);
  }
  return lines.join("\n");
}
