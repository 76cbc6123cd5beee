// SPDX-License-Identifier: Apache-2.0
/**
 * Runs one command in the User-mode Linux guest that the tests use, shows its output when it has ended, and ends with
 * its exit status. The command finds the device nodes in its environment, and writes through to the current folder.
 */
import { runInGuest } from "../test/vm/guest.ts";

const usage = `usage: scripts/vm COMMAND [ARGUMENT...]
  scripts/vm sh -c 'mtx -f $TIDEMARK_CHANGER_SG status'
  nodes: TIDEMARK_DRIVE_0_SG, TIDEMARK_DRIVE_0_NST, the same of drive 1, TIDEMARK_CHANGER_SG`;
const hourMs = 3_600_000;

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const { status, stdout, stderr, log } = await runInGuest({
    command: [program, ...args],
    library: { drives: 2, cartridges: 6, cartridgeMiB: 256, cleaningCartridges: 1, importExportElements: 2 },
    // Over the root it would hide the guest's own mounts.
    writableFolders: process.cwd() === "/" ? [] : [process.cwd()],
    timeoutMs: hourMs,
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status === undefined) console.error(`the guest ended before the command did\n${log}`);
  process.exitCode = status ?? 1;
}
