// SPDX-License-Identifier: Apache-2.0
/**
 * One life of the media server of kills-over-sg.ts, in a User-mode Linux guest: it labels, or finds what the life before
 * has left, has its processes killed, and goes on then until the job is done or its own power is cut.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { runCommandLine } from "../../lib/cli/program.ts";
import { compareTrees, Tree } from "../../scripts/compare-trees.ts";
import { Chance } from "../simulation/chance.ts";
import { FakeTerminal } from "../unit/cli/fake-terminal.ts";
import { begunJob, drawMoment, momentText } from "./kill-moment.ts";
import { killedAt } from "./kill-run.ts";
import type { KilledRun } from "./kill-run.ts";

const [folder = "", mediaFolder = "", seed = "", kills = ""] = process.argv.slice(2);
const source = join(folder, "source");
const configPath = join(folder, "tidemark.toml");
const stateFolder = join(folder, "state");
const place = {
  cacheFolder: process.env["NODE_COMPILE_CACHE"] ?? "",
  configPath,
  mediaFolder,
  jobsFolder: join(stateFolder, "jobs"),
  lookEveryMs: 10,
};
const node = (name: string): string => JSON.stringify(process.env[name] ?? "");

const killWish = { tapeBytes: 2 ** 21, catalogBytes: 2 ** 14 };

/** In this process: each further one takes seconds to start here. */
async function succeed(...args: readonly string[]): Promise<string> {
  const terminal = new FakeTerminal();
  const given = ["--config", configPath, ...args];
  const code = await runCommandLine(given, terminal, () => import("../../lib/service/service.ts"));
  if (code !== 0) throw new Error(`tidemark ${args.join(" ")} ended with ${code}: ${terminal.out}${terminal.error}`);
  return terminal.out;
}

/** A resume, once there is something to go on with. */
function next(): readonly string[] {
  const jobId = begunJob(stateFolder);
  return jobId === undefined ? ["backup", source] : ["job", "resume", jobId];
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
recordSize = "128 KiB"
segmentSize = "4 MiB"
[checkpoint]
size = "1 MiB"
[pipeline]
ringSize = "1 MiB"
`,
);
if (!existsSync(join(folder, "state"))) await succeed("volume", "label", "--all", "--yes");
// What those that are killed have compiled is lost with them.
flushCompileCache();
const chance = new Chance(Number(seed));
const runs: (KilledRun & { readonly moment: string })[] = [];
for (let count = 0; count < Number(kills); count++) {
  const moment = drawMoment(chance, killWish);
  runs.push({ ...(await killedAt(place, moment, next())), moment: momentText(moment) });
}
// From now on the power may be cut.
writeFileSync(join(folder, "runs.json"), JSON.stringify(runs), { flush: true });
const resumed = (await succeed(...next(), "--json")).trim().split("\n").at(-1) ?? "";
const { bytesSaved } = JSON.parse(resumed) as { readonly bytesSaved: number };
const restored = join("/run", "restored");
mkdirSync(restored);
await succeed("restore", "--job", begunJob(stateFolder) ?? "", "--to", restored);
const tree = (path: string): Tree => new Tree(Buffer.from(path), { attributes: false, keepsContents: true });
const { differences, objects } = compareTrees(tree(source), tree(join(restored, source)));
process.stdout.write(`${JSON.stringify({ differences, objects, bytesSaved })}\n`);
