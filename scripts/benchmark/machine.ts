// SPDX-License-Identifier: Apache-2.0
/** Where figures were measured: they mean little without. */
import { spawnSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly fileSystem: string;
  readonly node: string;
  readonly commit: string;
}

/** The last line that a program prints; undefined where it cannot be run. */
function lastLine(program: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trimEnd().split("\n").at(-1)?.trim() : undefined;
}

/** @param folder where the data sets are */
export function thisMachine(folder: string): Machine {
  const changed = lastLine("git", "status", "--porcelain") ?? "";
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: `Linux ${release()}`,
    fileSystem: lastLine("df", "--output=fstype", folder) ?? "unknown",
    node: process.version,
    commit: `${lastLine("git", "rev-parse", "--short=12", "HEAD") ?? "unknown"}${changed === "" ? "" : ", changed"}`,
  };
}

export function machineText({ cpu, cores, memoryBytes, kernel, fileSystem, node, commit }: Machine): string {
  const memory = `${(memoryBytes / 2 ** 30).toFixed(0)} GiB of memory`;
  return `${cpu}, ${cores} cores, ${memory}, ${kernel}, ${fileSystem}, Node.js ${node}, commit ${commit}`;
}
