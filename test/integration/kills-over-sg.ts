// SPDX-License-Identifier: Apache-2.0
/**
 * A job over the kernel's own sg and st drivers: processes are killed in a User-mode Linux guest, then the guest loses its
 * power, twice. State folder, source and media are the host's; what the guest had only in its memory is gone.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeLargeFile, makeSmallFiles } from "../../scripts/make-tree.ts";
import { Chance } from "../simulation/chance.ts";
import { Guest } from "../vm/guest.ts";
import type { GuestResult } from "../vm/guest.ts";
import { bytesIn } from "./kill-moment.ts";
import type { KilledRun } from "./kill-run.ts";

const program = fileURLToPath(new URL("./kills-guest.ts", import.meta.url));
const mib = 2 ** 20;
const largeBytes = 40 * mib;
/** Of what is written by a life before its end. */
const cutWithinBytes = 4 * mib;
const lookEveryMs = 1;

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
  // The daemon's socket address holds no long path.
  const folder = mkdtempSync(join(tmpdir(), "tidemark-kills-"));
  try {
    return await new SgCourseRun(folder, new Chance(wish.seed)).run(wish);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class SgCourseRun {
  readonly #folder: string;
  readonly #tgtFolder: string;
  readonly #chance: Chance;
  readonly #history: string[] = [];

  constructor(folder: string, chance: Chance) {
    this.#folder = join(folder, "server");
    this.#tgtFolder = join(folder, "tgt");
    this.#chance = chance;
    const source = join(this.#folder, "source");
    for (const path of [this.#folder, this.#tgtFolder, source]) mkdirSync(path);
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
      this.#history.push(`the guest's power was cut after ${cutBytes} more bytes`);
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
      library: { drives: 1, cartridges: 1, cartridgeMiB: 256 },
      writableFolders: [this.#folder],
      tgtFolder: this.#tgtFolder,
    });
    let [isOver, due] = [false, Number.POSITIVE_INFINITY];
    const result = guest.result.finally(() => (isOver = true));
    while (!isOver && cutBytes !== undefined) {
      if (due === Number.POSITIVE_INFINITY && existsSync(runs)) due = bytesIn(media) + cutBytes;
      if (due < Number.POSITIVE_INFINITY && bytesIn(media) >= due) {
        guest.kill();
        break;
      }
      await timer(lookEveryMs);
    }
    return result;
  }

  #killedProcesses(): number {
    const path = join(this.#folder, "runs.json");
    if (!existsSync(path)) return 0;
    const runs = JSON.parse(readFileSync(path, "utf8")) as (KilledRun & { readonly moment: string })[];
    for (const { killed, exitCode, moment, said } of runs)
      this.#history.push(killed ? `killed ${moment}` : `ended with ${exitCode}, not killed ${moment}: ${said}`);
    return runs.filter(({ killed }) => killed).length;
  }

  #violations(wish: { readonly seed: number }, { status, stdout, stderr, log }: GuestResult): readonly string[] {
    if (status !== 0) return this.#told(wish, [`the guest's program ended with ${status}: ${stderr}\n${log}`]);
    const { differences, objects } = JSON.parse(stdout.trim()) as { differences: string[]; objects: number };
    return this.#told(wish, objects === 0 ? ["nothing was compared"] : differences);
  }

  #told({ seed }: { readonly seed: number }, violations: readonly string[]): readonly string[] {
    return violations.map((violation) => `${violation} (over sg, seed ${seed}: ${this.#history.join("; ")})`);
  }
}
