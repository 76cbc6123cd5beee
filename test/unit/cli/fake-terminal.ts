// SPDX-License-Identifier: Apache-2.0
/** A terminal and a service for tests of the command line: no process, no tape. */
import type { Service, ServiceModule } from "../../../lib/service/api.ts";
import { parseConfig } from "../../../lib/service/config.ts";
import { runCommandLine } from "../../../lib/cli/program.ts";
import type { Terminal } from "../../../lib/cli/terminal.ts";

export class FakeTerminal implements Terminal {
  out = "";
  error = "";
  inputIsTerminal = false;
  outputIsTerminal = false;
  errorIsTerminal = false;
  environment: Record<string, string> = {};
  workingFolder = "/srv/files";
  homeFolder = "/home/ada";
  /** A machine without any device, whatever the one that the tests run on has. */
  rootFolder = "/nonexistent";
  answer = "n";
  questions: string[] = [];
  exits: number[] = [];
  now = 0;
  readonly interruptHandlers = new Set<() => void>();

  writeOut(text: string): void {
    this.out += text;
  }
  writeError(text: string): void {
    this.error += text;
  }
  outputClosed(): boolean {
    return false;
  }
  columns(): number {
    return 80;
  }
  argumentBytes(argument: string): Buffer {
    return Buffer.from(argument);
  }
  ask(question: string): Promise<string> {
    this.questions.push(question);
    return Promise.resolve(this.answer);
  }
  onInterrupt(handler: () => void): () => void {
    this.interruptHandlers.add(handler);
    return () => this.interruptHandlers.delete(handler);
  }
  exitNow(code: number): void {
    this.exits.push(code);
  }
  nowMs(): number {
    return this.now;
  }
  pause(durationMs: number): Promise<void> {
    this.now += durationMs;
    return Promise.resolve();
  }
  interrupt(): void {
    for (const handler of this.interruptHandlers) handler();
  }
}

export const testConfig = parseConfig(
  'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n',
  "/t/tidemark.toml",
);

/** A service module that knows only the given calls; any other one fails the test. */
export function fakeModule(calls: Partial<Service>, module: Partial<ServiceModule> = {}): ServiceModule {
  const service = new Proxy({ config: testConfig, close: () => Promise.resolve(), ...calls } as Service, {
    get(target, name, receiver) {
      if (!Reflect.has(target, name) && name !== "then") throw new Error(`unexpected call of ${String(name)}`);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return {
    initialise: () => Promise.reject(new Error("unexpected call of initialise")),
    openService: () => Promise.resolve(service),
    ...module,
  };
}

export interface Ran {
  readonly code: number;
  readonly terminal: FakeTerminal;
}

/** Runs a command line; its configuration file is `config`, where the test made one. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly calls?: Partial<Service>;
    readonly module?: Partial<ServiceModule>;
    readonly terminal?: FakeTerminal;
  },
): Promise<Ran> {
  const terminal = options.terminal ?? new FakeTerminal();
  const module = fakeModule(options.calls ?? {}, options.module);
  const code = await runCommandLine(args, terminal, () => Promise.resolve(module));
  return { code, terminal };
}
