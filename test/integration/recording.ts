// SPDX-License-Identifier: Apache-2.0
/** Recordings as their lines: what a device answered, and answers that none gave yet. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TapeDrive } from "../../lib/device/index.ts";

export interface RecordedCommand {
  readonly command: string;
  readonly cdb: string;
  readonly dataIn?: string | { readonly bytes: number };
  readonly outcome: "completed";
  readonly scsiStatus?: number;
  readonly sense?: string;
  readonly residual?: number;
}

export function recordedCommands(path: string): readonly RecordedCommand[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as RecordedCommand);
}

/** The answer to the last command that begins with these bytes. */
export function recordedAnswer(commands: readonly RecordedCommand[], cdbStart: string): Buffer {
  const { dataIn } = recordedCommand(commands, cdbStart);
  if (typeof dataIn !== "string") throw new Error(`${cdbStart} was not recorded`);
  return Buffer.from(dataIn, "hex");
}

export function recordedCommand(commands: readonly RecordedCommand[], cdbStart: string): RecordedCommand {
  const found = commands.findLast(({ cdb, dataIn }) => cdb.startsWith(cdbStart) && dataIn !== undefined);
  if (found === undefined) throw new Error(`no command ${cdbStart} in the recording`);
  return found;
}

/** The same command with another answer. */
export function answered(command: RecordedCommand, data: Buffer): RecordedCommand {
  const before = Buffer.from(typeof command.dataIn === "string" ? command.dataIn : "", "hex").length;
  const residual = (command.residual ?? 0) + before - data.length;
  return { ...command, dataIn: data.toString("hex"), residual };
}

/** Plays the lines back to the driver. */
export async function played<T>(
  commands: readonly RecordedCommand[],
  work: (drive: TapeDrive) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-recording-"));
  try {
    const path = join(folder, "recording.jsonl");
    writeFileSync(path, commands.map((command) => `${JSON.stringify(command)}\n`).join(""));
    const drive = TapeDrive.open({ kind: "replay", path });
    try {
      return await work(drive);
    } finally {
      await drive.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
