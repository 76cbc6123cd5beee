// SPDX-License-Identifier: Apache-2.0
/** A whole installation in a temporary folder, driven through the command line in this process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../lib/cli/program.ts";
import { MediumChanger } from "../../lib/device/medium-changer.ts";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import type { ProtocolMessage } from "../../lib/protocol/connection.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { openRoles } from "../../lib/service/roles.ts";
import type { Roles } from "../../lib/service/roles.ts";
import { FakeTerminal } from "../unit/cli/fake-terminal.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Small records and a small ring: what takes gigabytes with the defaults happens within megabytes. */
export const smallTape = `
[tape]
recordSize = "16 KiB"
[pipeline]
ringSize = "1 MiB"
`;

export class Installation {
  readonly folder: string;
  readonly configPath: string;
  readonly libraryFolder: string;
  readonly stateFolder: string;
  /** Where restores go; on another file system where the source needs one. */
  restoreFolder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "tidemark-test-"));
    this.configPath = join(this.folder, "tidemark.toml");
    this.libraryFolder = join(this.folder, "library");
    this.stateFolder = join(this.folder, "state");
    this.restoreFolder = this.folder;
  }

  /** `init --simulated` with a small tape. */
  async make(
    options: { readonly capacity?: string; readonly profile?: string; readonly config?: string } = {},
  ): Promise<this> {
    const capacity = options.capacity === undefined ? [] : ["--capacity", options.capacity];
    const profile = options.profile === undefined ? [] : ["--profile", options.profile];
    await this.succeed("init", "--simulated", "--folder", this.folder, ...capacity, ...profile);
    writeFileSync(
      this.configPath,
      `stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n${options.config ?? smallTape}`,
    );
    return this;
  }

  async run(...args: readonly string[]): Promise<Ended> {
    const terminal = new FakeTerminal();
    terminal.workingFolder = this.folder;
    const given = args[0] === "init" ? args : ["--config", this.configPath, ...args];
    const code = await runCommandLine(given, terminal, () => import("../../lib/service/service.ts"));
    return { code, out: terminal.out, error: terminal.error };
  }

  /** Runs a command that must end with 0, and gives what it printed. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, out, error } = await this.run(...args);
    if (code !== 0) throw new Error(`tidemark ${args.join(" ")} ended with ${code}: ${out}${error}`);
    return out;
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    const lines = (await this.succeed(...args, "--json")).trim().split("\n");
    return JSON.parse(lines.at(-1) ?? "") as T;
  }

  /** The roles of this installation, as a process of its own would have them, for as long as the work takes. */
  async withRoles<T>(work: (roles: Roles) => T | Promise<T>, trace?: (message: ProtocolMessage) => void): Promise<T> {
    const roles = openRoles(loadConfig(this.configPath), trace);
    try {
      return await work(roles);
    } finally {
      await roles.close();
    }
  }

  /** A small source tree; `bytes` in one file, and a few small ones. */
  makeSource(name = "source", bytes = 100_000): string {
    const source = join(this.folder, name);
    mkdirSync(join(source, "folder"), { recursive: true });
    writeFileSync(join(source, "large"), Buffer.alloc(bytes, "tidemark"));
    for (let index = 0; index < 10; index++) writeFileSync(join(source, "folder", `file-${index}`), `content ${index}`);
    return source;
  }

  /** The blocks and filemarks of a simulated cartridge, byte for byte, to see whether they changed. */
  medium(barcode: string): Buffer {
    const path = join(this.libraryFolder, "media", barcode);
    return Buffer.concat([readFileSync(`${path}.tape`), readFileSync(`${path}.objects`)]);
  }

  /** Brings a cartridge into a drive and works with it as another program would; it stays there. */
  async withCartridge(barcode: string, work: (drive: TapeDrive) => Promise<void>): Promise<void> {
    const changer = MediumChanger.open({ kind: "simulated", folder: this.libraryFolder, unit: "changer" });
    try {
      await changer.attend();
      const elements = await changer.elements();
      const bays = elements.filter(({ type }) => type === "dataTransfer");
      const place = elements.find(({ volumeTag }) => volumeTag === barcode);
      const bay = place?.type === "dataTransfer" ? place : bays.find(({ full }) => !full);
      if (place === undefined || bay === undefined) throw new Error(`no cartridge ${barcode}, or no empty drive`);
      if (place !== bay) await changer.move(place.address, bay.address);
      const unit = `drive-${bays.indexOf(bay)}`;
      const drive = TapeDrive.open({ kind: "simulated", folder: this.libraryFolder, unit });
      try {
        await drive.attend();
        await work(drive);
      } finally {
        await drive.close();
      }
    } finally {
      await changer.close();
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
