// SPDX-License-Identifier: Apache-2.0
/**
 * Everything of the process that the command line touches, in one place, so that its tests need no process.
 * The standard output's stream object is made as late as possible: making it sets a pipe to non-blocking, and
 * `volume read` hands descriptor 1 to native code that expects it as it was given.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import { setTimeout } from "node:timers/promises";
import { isatty } from "node:tty";

export interface Terminal {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** True once the reader of the standard output has gone away: a listing need not go on. */
  outputClosed(): boolean;
  readonly inputIsTerminal: boolean;
  readonly outputIsTerminal: boolean;
  readonly errorIsTerminal: boolean;
  /** Width of the error output, where progress is drawn. */
  columns(): number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  readonly homeFolder: string;
  /** Where `/sys` and `/dev` are found. */
  readonly rootFolder: string;
  /** The bytes of an argument: Node.js decodes arguments as UTF-8 and loses those that are not. */
  argumentBytes(argument: string): Buffer;
  ask(question: string): Promise<string>;
  /** Calls back at each SIGINT and SIGTERM until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  exitNow(code: number): void;
  nowMs(): number;
  /** Waits; only for devices that must be asked again and again, for they call nobody back. */
  pause(durationMs: number): Promise<void>;
}

export function processTerminal(): Terminal {
  let closed = false;
  let listening = false;
  const output = (): NodeJS.WriteStream => {
    if (!listening) {
      listening = true;
      // The reader may leave early ("| head"); a running job must not die of it.
      process.stdout.on("error", () => {
        closed = true;
      });
    }
    return process.stdout;
  };
  return {
    writeOut: (text) => {
      if (!closed) output().write(text);
    },
    writeError: (text) => {
      process.stderr.write(text);
    },
    outputClosed: () => closed,
    inputIsTerminal: isatty(0),
    outputIsTerminal: isatty(1),
    errorIsTerminal: isatty(2),
    columns: () => process.stderr.columns || 80,
    environment: process.env,
    workingFolder: process.cwd(),
    homeFolder: homedir(),
    rootFolder: "/",
    argumentBytes,
    ask,
    onInterrupt,
    exitNow: (code) => process.exit(code),
    nowMs: () => Date.now(),
    pause: (durationMs) => setTimeout(durationMs),
  };
}

/** U+FFFD in an argument says that decoding lost bytes; the kernel still has them. */
function argumentBytes(argument: string): Buffer {
  if (!argument.includes("\uFFFD")) return Buffer.from(argument);
  for (const raw of rawArguments()) {
    if (raw.toString("utf8") === argument) return raw;
  }
  return Buffer.from(argument);
}

function rawArguments(): Buffer[] {
  const line = readFileSync("/proc/self/cmdline");
  const raw: Buffer[] = [];
  for (let start = 0; start < line.length;) {
    const end = line.indexOf(0, start);
    raw.push(line.subarray(start, end < 0 ? line.length : end));
    start = end < 0 ? line.length : end + 1;
  }
  return raw;
}

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

function onInterrupt(handler: () => void): () => void {
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  return () => {
    process.off("SIGINT", handler);
    process.off("SIGTERM", handler);
  };
}
