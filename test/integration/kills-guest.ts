// SPDX-License-Identifier: Apache-2.0
/**
 * One life of the media server of kills-over-sg.ts, in a User-mode Linux guest: it labels, or finds what the life before
 * has left, has its processes killed, and goes on then until the job is done or its own power is cut.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareTrees, Tree } from "../../scripts/compare-trees.ts";
import { Chance } from "../simulation/chance.ts";
import { drawMoment, momentText } from "./kill-moment.ts";
import { killedAt } from "./kill-run.ts";
import type { KilledRun } from "./kill-run.ts";

const [folder = "", mediaFolder = "", seed = "", kills = ""] = process.argv.slice(2);
const source = join(folder, "source");
const configPath = join(folder, "tidemark.toml");
const jobsFolder = join(folder, "state", "jobs");
const place = { cacheFolder: join(folder, "cache"), configPath, mediaFolder, jobsFolder };
const node = (name: string): string => JSON.stringify(process.env[name] ?? "");

const killWish = { tapeBytes: 2 ** 22, catalogBytes: 2 ** 14 };

async function succeed(...args: readonly string[]): Promise<void> {
  const { exitCode, said } = await killedAt(place, undefined, args);
  if (exitCode !== 0) throw new Error(`tidemark ${args.join(" ")} ended with ${exitCode}: ${said}`);
}

/** A resume, once there is something to go on with. */
function next(): readonly string[] {
  return existsSync(join(jobsFolder, "1")) ? ["job", "resume", "1"] : ["backup", source];
}

// The numbers of the nodes differ from boot to boot.
writeFileSync(
  configPath,
  `stateFolder = "state"
[library]
kind = "devices"
changer = ${node("TIDEMARK_CHANGER_SG")}
drives = [${node("TIDEMARK_DRIVE_0_NST")}]
[tape]
recordSize = "64 KiB"
segmentSize = "8 MiB"
[checkpoint]
size = "2 MiB"
[pipeline]
ringSize = "1 MiB"
`,
);
if (!existsSync(join(folder, "state"))) await succeed("volume", "label", "--all", "--yes");
const chance = new Chance(Number(seed));
const runs: (KilledRun & { readonly moment: string })[] = [];
for (let count = 0; count < Number(kills); count++) {
  const moment = drawMoment(chance, killWish);
  runs.push({ ...(await killedAt(place, moment, next())), moment: momentText(moment) });
}
// From now on the power may be cut.
writeFileSync(join(folder, "runs.json"), JSON.stringify(runs), { flush: true });
await succeed(...next());
const restored = join("/run", "restored");
mkdirSync(restored);
await succeed("restore", "--job", "1", "--to", restored);
const tree = (path: string): Tree => new Tree(Buffer.from(path), { attributes: false, keepsContents: true });
const { differences, objects } = compareTrees(tree(source), tree(join(restored, source)));
process.stdout.write(`${JSON.stringify({ differences, objects })}\n`);
