// SPDX-License-Identifier: Apache-2.0
/** The product as `scripts/spanning` sees it: a command that is run, and killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const main = resolve(import.meta.dirname, "../lib/cli/main.ts");

export interface Ended {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** A look at the library costs a call for each cartridge: often enough to hit a record, seldom enough to cost nothing. */
const lookEveryMs = 2;

export class Product {
  readonly folder: string;
  readonly configPath: string;

  constructor(folder: string, config: string) {
    this.folder = folder;
    this.configPath = join(folder, "tidemark.toml");
    writeFileSync(this.configPath, config);
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.runUntil(undefined, args);
  }

  /** Runs a command that must end with 0, and gives what it printed. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, out, error } = await this.run(...args);
    if (code !== 0)
      throw new Error(`tidemark ${args.join(" ")} ended with ${String(code)}:\n${lastLines(out + error)}`);
    return out;
  }

  /** The last line that a command prints as JSON. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const lines = (await this.succeed(...args, "--json")).trim().split("\n");
    return JSON.parse(lines.at(-1) ?? "") as T;
  }

  /**
   * Runs a command, and kills it with SIGKILL as soon as `isTime` says so; or lets `strike` do what then happens to it.
   * The answers come from the state of the tape: how fast the machine is does not matter.
   */
  async runUntil(isTime: (() => boolean) | undefined, args: readonly string[], strike?: () => void): Promise<Ended> {
    const child = spawn(process.execPath, [main, "--config", this.configPath, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { out: "", error: "" };
    child.stdout.on("data", (piece: Buffer) => (texts.out += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (texts.error += piece.toString()));
    const closed = once(child, "close") as Promise<[number | null]>;
    let struck = isTime === undefined;
    while (!struck && child.exitCode === null && child.signalCode === null) {
      if (isTime?.() === true) {
        struck = true;
        if (strike === undefined) child.kill("SIGKILL");
        else strike();
      }
      await new Promise((next) => setTimeout(next, lookEveryMs));
    }
    const [code] = await closed;
    return { code, ...texts };
  }

  /** A folder for PATH in which `tidemark` is this product: the printed recipe calls it. */
  commandFolder(): string {
    const folder = join(this.folder, "bin");
    mkdirSync(folder, { recursive: true });
    const command = join(folder, "tidemark");
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    chmodSync(command, 0o755);
    return folder;
  }
}

export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
