// SPDX-License-Identifier: Apache-2.0
/**
 * Backs up through the kernel's own drivers, is killed, resumes and restores; run by sg-backup.test.ts in a User-mode
 * Linux guest. Prints one line of JSON.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLargeFile, makeSmallFiles } from "../../scripts/make-tree.ts";

const mib = 2 ** 20;
const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tidemark-sg-"));
const config = join(folder, "tidemark.toml");
const source = join(folder, "source");
const node = (name: string): string => JSON.stringify(process.env[name] ?? "");

writeFileSync(
  config,
  `stateFolder = "state"
[library]
kind = "devices"
changer = ${node("TIDEMARK_CHANGER_SG")}
drives = [${node("TIDEMARK_DRIVE_0_NST")}]
[tape]
recordSize = "64 KiB"
segmentSize = "8 MiB"
[pipeline]
ringSize = "1 MiB"
`,
);
mkdirSync(source);
makeSmallFiles(join(source, "small"), 50);
makeLargeFile(join(source, "large"), 96 * mib);

function tidemark(...args: readonly string[]): string {
  return execFileSync(process.execPath, [main, "--config", config, ...args, "--json"], { encoding: "utf8" });
}

/** Kills the command when it reports that the tape stands so far. */
async function killedAfter(objects: number, ...args: readonly string[]): Promise<string | null> {
  const child = spawn(process.execPath, [main, "--config", config, ...args, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    const { tapePosition = 0 } = JSON.parse(line) as { readonly tapePosition?: number };
    if (tapePosition >= objects) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  return signal;
}

tidemark("volume", "label", "--all", "--yes");
const signal = await killedAfter(40, "backup", source);
const resumed = JSON.parse(tidemark("job", "resume", "1").trim().split("\n").at(-1) ?? "") as {
  readonly status: string;
  readonly bytesSaved: number;
};
tidemark("restore", "--job", "1", "--to", join(folder, "restored"));
const { status } = spawnSync("diff", ["-r", source, join(folder, "restored", source)]);
process.stdout.write(
  `${JSON.stringify({ signal, status: resumed.status, bytesSaved: resumed.bytesSaved, differs: status !== 0 })}\n`,
);
