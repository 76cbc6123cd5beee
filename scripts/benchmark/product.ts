// SPDX-License-Identifier: Apache-2.0
/** An installation of the product with a simulated library, driven through its command. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoted, root, shell } from "./shell.ts";

const main = join(root, "dist", "cli", "main.js");
/** Far more than any data set: cartridges take on disk only what is written. */
const capacity = "1 TiB";
export const volumeTag = "TMK001L9";

export class Product {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get libraryFolder(): string {
    return join(this.folder, "library");
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  /** Made anew, with one labelled cartridge. @param settings tables of the configuration */
  make(settings = ""): void {
    rmSync(this.folder, { recursive: true, force: true });
    const init = `init --simulated --folder ${quoted(this.folder)} --capacity ${quoted(capacity)}`;
    shell(`${quoted(process.execPath)} ${quoted(main)} ${init}`);
    const head = `stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n`;
    writeFileSync(join(this.folder, "tidemark.toml"), `${head}${settings}`);
    shell(this.command(`volume label ${volumeTag} --yes`));
  }

  /** For a shell: reads what a command needs, and does nothing. */
  get programs(): string {
    return `${quoted(process.execPath)} ${quoted(main)} backup --help`;
  }

  /** For a shell; JSON comes out. */
  command(args: string): string {
    const config = quoted(join(this.folder, "tidemark.toml"));
    return `${quoted(process.execPath)} ${quoted(main)} --config ${config} --json ${args}`;
  }
}
