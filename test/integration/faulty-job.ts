// SPDX-License-Identifier: Apache-2.0
/** A small installation with two labelled cartridges whose next commands meet faults; what came of a job is proved. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeSmallFiles, Noise } from "../../scripts/make-tree.ts";
import type { SimulatedFault } from "../../lib/native/simulated-faults.ts";
import { Installation, smallTape } from "./installation.ts";
import type { Ended } from "./installation.ts";
import { expectRestoredByProduct } from "./restored.ts";

export interface JobEvent {
  readonly type: string;
  readonly kind?: string;
  readonly text?: string;
  readonly status?: string;
  readonly bytesWritten?: number;
}
export interface JobShown {
  readonly status: string;
  readonly segments: readonly { readonly volumeTag: string; readonly streamEnd?: number }[];
  readonly interruptionHistory: readonly unknown[];
  readonly tapeVolumes: readonly { readonly volumeTag: string; readonly counts: { readonly durable: number } }[];
}
interface Shown {
  readonly volumes: readonly { readonly volumeTag: string; readonly state: string }[];
  readonly drives: readonly {
    readonly state: string;
    readonly cleaning: string;
    readonly reason?: string;
    readonly volumeTag?: string;
  }[];
}

export class FaultyJob {
  readonly installation = new Installation();
  readonly source = join(this.installation.folder, "source");

  /**
   * @param library lines of the configuration's table of that name
   * @param profile of the simulated drives
   */
  async make(library = "", profile = "lto-9"): Promise<this> {
    await this.installation.make({ capacity: "24 MiB", profile, config: `${library}${smallTape}` });
    await this.installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    mkdirSync(this.source);
    makeSmallFiles(join(this.source, "a-small"), 20);
    writeFileSync(join(this.source, "b-large"), new Noise(3).bytes(2 * 2 ** 20));
    makeSmallFiles(join(this.source, "c-small"), 20, 2);
    return this;
  }

  remove(): void {
    this.installation.remove();
  }

  /** Everything of the configuration but state folder and library. */
  configure(config: string): void {
    const { configPath } = this.installation;
    const head = readFileSync(configPath, "utf8").split("[tape]")[0] ?? "";
    writeFileSync(configPath, `${head}${config}`);
  }

  inject(...faults: readonly SimulatedFault[]): void {
    writeFileSync(join(this.installation.libraryFolder, "faults.json"), JSON.stringify({ seed: 1, faults }));
  }

  /** How many of the faults that persist have happened since they were planned. */
  get happened(): number {
    return (
      readFileSync(join(this.installation.libraryFolder, "faults.happened"), "utf8").match(/^drive/gm)?.length ?? 0
    );
  }

  async run(...args: readonly string[]): Promise<Ended & { readonly events: readonly JobEvent[] }> {
    const ended = await this.installation.run(...args, "--json");
    const lines = ended.out.trim().split("\n").filter(Boolean);
    return { ...ended, events: lines.map((line) => JSON.parse(line) as JobEvent) };
  }

  /** The backup ends well, whatever it meets. */
  async backUp(): Promise<readonly JobEvent[]> {
    const { code, error, events } = await this.run("backup", this.source);
    expect(code, error).to.equal(0);
    expect(events.at(-1)?.status).to.equal("complete");
    return events;
  }

  show(): Promise<JobShown> {
    return this.installation.json<JobShown>("job", "show", "1");
  }

  async volumeState(volumeTag: string): Promise<string | undefined> {
    const { volumes } = await this.installation.json<Shown>("volume", "list");
    return volumes.find((volume) => volume.volumeTag === volumeTag)?.state;
  }

  async drives(): Promise<Shown["drives"]> {
    return (await this.installation.json<Shown>("library", "status")).drives;
  }

  /** Nothing is lost: with the faults gone, every byte comes back. */
  async expectWhole(): Promise<void> {
    this.inject();
    await expectRestoredByProduct(this.installation, "1", this.source);
  }
}

export function kindsOf(events: readonly JobEvent[]): readonly (string | undefined)[] {
  return events.filter(({ type }) => type === "notice").map(({ kind }) => kind);
}
