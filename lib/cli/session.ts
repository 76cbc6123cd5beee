// SPDX-License-Identifier: Apache-2.0
/** What one run of a command has at hand: the terminal, the global options, and the service when it asks for it. */
import { findConfigFile, loadConfig } from "../service/config.ts";
import type { Service, ServiceModule } from "../service/api.ts";
import { jsonText } from "./json-text.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly color: boolean;
  readonly verbose?: boolean;
}

/** Loads the service late: `--help` and wrong usage need neither the addon nor a database. */
export type ServiceLoader = () => Promise<ServiceModule>;

export class Session {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #options: GlobalOptions;
  readonly #loadService: ServiceLoader;

  constructor(terminal: Terminal, options: GlobalOptions, loadService: ServiceLoader) {
    this.terminal = terminal;
    this.json = options.json === true;
    this.verbose = options.verbose === true;
    this.#options = options;
    this.#loadService = loadService;
  }

  serviceModule(): Promise<ServiceModule> {
    return this.#loadService();
  }

  /** The configuration file in force; named in printed commands, so that they work from anywhere. */
  configPath(): string {
    return findConfigFile({
      option: this.#options.config,
      environment: this.terminal.environment["TIDEMARK_CONFIG"],
      workingFolder: this.terminal.workingFolder,
      homeFolder: this.terminal.homeFolder,
    });
  }

  /** Opens the service, works with it and closes it, whatever happens. */
  async withService<T>(work: (service: Service) => Promise<T>): Promise<T> {
    const config = loadConfig(this.configPath());
    const module = await this.serviceModule();
    const service = await module.openService(config);
    try {
      return await work(service);
    } finally {
      await service.close();
    }
  }

  /** One result: as JSON, or as the text made for people. */
  print(value: Readonly<Record<string, unknown>>, text: () => string): void {
    const line = this.json ? jsonText(value) : text();
    if (line !== "") this.terminal.writeOut(`${line}\n`);
  }

  /** A remark for people only. */
  remark(text: string): void {
    if (!this.json) this.terminal.writeError(`${text}\n`);
  }

  /** Bold where that is wanted and shows: not into files, not with NO_COLOR or `--no-color`. */
  bold(text: string): string {
    const noColor = this.terminal.environment["NO_COLOR"] ?? "";
    const isShown = this.terminal.outputIsTerminal && this.#options.color && noColor === "";
    return isShown ? `\u001b[1m${text}\u001b[22m` : text;
  }

  /**
   * Lets a verb that destroys something go on: `--yes`, or a person who answers.
   * @throws UsageError where there is nobody to ask, or the answer is no.
   */
  async confirm(given: boolean, what: string): Promise<void> {
    if (given) return;
    if (!this.terminal.inputIsTerminal) {
      throw new UsageError(`this ${what}: say so with --yes (there is no terminal to ask at); nothing was changed`);
    }
    const answer = await this.terminal.ask(`This ${what}. Go on? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError("not confirmed; nothing was changed");
  }
}
