// SPDX-License-Identifier: Apache-2.0
/**
 * A job over the kernel's own sg and st drivers: processes are killed in a User-mode Linux guest, then the guest loses its
 * power, twice. State folder, source and media are the host's; what the guest had only in its memory is gone.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLargeFile, makeSmallFiles } from "../../scripts/make-tree.ts";
import { Chance } from "../simulation/chance.ts";
import { Guest } from "../vm/guest.ts";
import type { GuestResult } from "../vm/guest.ts";
import { bytesIn } from "./kill-moment.ts";
import type { KilledRun } from "./kill-run.ts";

const program = fileURLToPath(new URL("./kills-guest.ts", import.meta.url));
const mib = 2 ** 20;
const largeBytes = 32 * mib;
/** Of what is written by a life before its end. */
const cutWithinBytes = 2 * mib;
const lookEveryMs = 2;
/** tgt's media need no disk: the guest does not outlive them. */
const memory = "/dev/shm";

export interface SgCourse {
  readonly killedProcesses: number;
  readonly powerCuts: number;
  readonly violations: readonly string[];
}

export async function killOverSg(wish: {
  readonly seed: number;
  readonly kills: number;
  readonly powerCuts: number;
}): Promise<SgCourse> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-kills-"));
  const tgtFolder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "tidemark-tgt-"));
  try {
    return await new SgCourseRun({ folder, tgtFolder, seed: wish.seed }).run(wish);
  } finally {
    for (const path of [folder, tgtFolder]) rmSync(path, { recursive: true, force: true });
  }
}

class SgCourseRun {
  readonly #folder: string;
  readonly #tgtFolder: string;
  readonly #chance: Chance;
  readonly #history: string[] = [];
  readonly #escaped: string[] = [];

  constructor(place: { readonly folder: string; readonly tgtFolder: string; readonly seed: number }) {
    this.#folder = place.folder;
    this.#tgtFolder = place.tgtFolder;
    this.#chance = new Chance(place.seed);
    const source = join(this.#folder, "source");
    mkdirSync(source);
    makeSmallFiles(join(source, "a-small"), 40);
    makeLargeFile(join(source, "large"), largeBytes);
    makeSmallFiles(join(source, "z-small"), 10, 3);
  }

  async run(wish: { readonly seed: number; readonly kills: number; readonly powerCuts: number }): Promise<SgCourse> {
    let [killedProcesses, powerCuts] = [0, 0];
    for (let life = 0; life <= wish.powerCuts; life++) {
      const cutBytes = life === wish.powerCuts ? undefined : 1 + this.#chance.below(cutWithinBytes);
      const result = await this.#live(this.#chance.below(2 ** 31), life === 0 ? wish.kills : 0, cutBytes);
      killedProcesses += this.#killedProcesses();
      if (result.status !== undefined)
        return { killedProcesses, powerCuts, violations: this.#violations(wish, result) };
      this.#history.push(`the guest's power was cut after ${String(cutBytes)} more bytes`);
      powerCuts++;
    }
    return { killedProcesses, powerCuts, violations: this.#told(wish, ["the last life did not end by itself"]) };
  }

  /** @param cutBytes The power is cut when so much more is on the media than when the last run began. */
  async #live(seed: number, kills: number, cutBytes: number | undefined): Promise<GuestResult> {
    const media = join(this.#tgtFolder, "media");
    const runs = join(this.#folder, "runs.json");
    rmSync(runs, { force: true });
    const guest = await Guest.start({
      command: [process.execPath, program, this.#folder, media, String(seed), String(kills)],
      environment: { NODE_COMPILE_CACHE: join(this.#folder, "compiled") },
      library: { drives: 1, cartridges: 1, cartridgeMiB: 256 },
      writableFolders: [this.#folder],
      tgtFolder: this.#tgtFolder,
    });
    if (cutBytes === undefined) return guest.result;
    let begunBytes: number | undefined;
    const look = setInterval(() => {
      if (!existsSync(runs)) return;
      begunBytes ??= bytesIn(media);
      if (bytesIn(media) >= begunBytes + cutBytes) guest.kill();
    }, lookEveryMs);
    return guest.result.finally(() => {
      clearInterval(look);
    });
  }

  #killedProcesses(): number {
    const path = join(this.#folder, "runs.json");
    if (!existsSync(path)) return 0;
    const runs = JSON.parse(readFileSync(path, "utf8")) as (KilledRun & { readonly moment: string })[];
    for (const { killed, exitCode, moment, said } of runs) {
      if (!killed) this.#escaped.push(`a process ended with ${String(exitCode)} before its kill, ${moment}: ${said}`);
      this.#history.push(`${killed ? "killed" : "not killed"} ${moment}`);
    }
    return runs.filter(({ killed }) => killed).length;
  }

  #violations(wish: { readonly seed: number }, { status, stdout, stderr, log }: GuestResult): readonly string[] {
    if (status !== 0) return this.#told(wish, [`the guest's program ended with ${String(status)}: ${stderr}\n${log}`]);
    const found = JSON.parse(stdout.trim()) as { differences: string[]; objects: number; bytesSaved: number };
    const nothing = found.objects === 0 ? ["nothing was compared"] : [];
    const allAgain = found.bytesSaved > 0 ? [] : ["the last resume wrote everything again"];
    return this.#told(wish, [...nothing, ...allAgain, ...found.differences]);
  }

  #told({ seed }: { readonly seed: number }, violations: readonly string[]): readonly string[] {
    return [...this.#escaped, ...violations].map(
      (violation) => `${violation} (over sg, seed ${seed}: ${this.#history.join("; ")})`,
    );
  }
}
