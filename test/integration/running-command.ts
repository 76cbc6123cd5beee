// SPDX-License-Identifier: Apache-2.0
/** The real command line in a process of its own, that a test hears, holds still, lets go on and kills. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { isStopped } from "../peers/process-state.ts";
import { until } from "../peers/until.ts";

const main = resolve(import.meta.dirname, "../../lib/cli/main.ts");
const boundMs = 60_000;

/** A line of JSON that a command prints. */
export interface Line {
  readonly type?: string;
  readonly kind?: string;
  readonly text?: string;
  readonly phase?: string;
  readonly streamOffset?: number;
  readonly jobId?: string;
  readonly status?: string;
}

export class RunningCommand {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #stateFolder: string;
  readonly #exited: Promise<number | null>;
  #error = "";

  constructor(configPath: string, ...args: readonly string[]) {
    this.#stateFolder = join(dirname(configPath), "state");
    const child = spawn(process.execPath, [main, "--config", configPath, ...args, "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(JSON.parse(line) as Line));
    child.stderr.on("data", (piece: Buffer) => (this.#error += piece.toString()));
    this.#exited = once(child, "close").then(([code]) => code as number | null);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits for a line of which this holds. */
  async tells(what: string, isIt: (line: Line) => boolean): Promise<Line> {
    return until(`${what}\n${this.#error}`, boundMs, () => {
      const found = this.lines.find(isIt);
      if (found === undefined && this.hasEnded) throw new Error(`it ended before ${what}:\n${this.#error}`);
      return Promise.resolve(found);
    });
  }

  /** Stands still, in the middle of its work; but not in the middle of a database, for all others would stand too. */
  async hold(): Promise<void> {
    const pid = this.#child.pid ?? 0;
    await until("a moment to hold the process", boundMs, async () => {
      this.#child.kill("SIGSTOP");
      await until("the process to stop", boundMs, () => Promise.resolve(isStopped(pid) ? true : undefined));
      if (!this.#holdsDatabase(pid)) return true;
      this.#child.kill("SIGCONT");
      return undefined;
    });
  }

  letGo(): void {
    this.#child.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Waits for its end, which must be a good one. */
  async succeeds(): Promise<Line> {
    const code = await this.#exited;
    const last = this.lines.at(-1);
    if (code !== 0 || last === undefined) throw new Error(`it ended with ${String(code)}:\n${this.#error}`);
    return last;
  }

  /** Whether it holds a lock for writing on a file of SQLite (proc(5), /proc/locks). */
  #holdsDatabase(pid: number): boolean {
    const files = existsSync(this.#stateFolder) ? readdirSync(this.#stateFolder) : [];
    const inodes = files
      .filter((name) => name.includes(".sqlite"))
      .map((name) => String(statSync(join(this.#stateFolder, name)).ino));
    const locks = readFileSync("/proc/locks", "utf8").split("\n");
    return locks.some((line) => {
      const [, , , mode, holder, file = ""] = line.trim().split(/\s+/);
      return mode === "WRITE" && holder === String(pid) && inodes.includes(file.split(":")[2] ?? "");
    });
  }
}

/** It has written some of its stream. */
export function isWriting({ phase, streamOffset = 0 }: Line): boolean {
  return phase === "writing" && streamOffset > 0;
}

export function isNotice(kind: string): (line: Line) => boolean {
  return (line) => line.type === "notice" && line.kind === kind;
}
