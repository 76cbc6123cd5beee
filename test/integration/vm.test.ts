// SPDX-License-Identifier: Apache-2.0
/** The User-mode Linux guest: what the tests that run in it take for granted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { diskFolder } from "../disk-folder.ts";
import { needsGuest } from "../needs.ts";
import { groupMembers } from "../peers/process-state.ts";
import { until } from "../peers/until.ts";
import { Guest, runInGuest } from "../vm/guest.ts";

/** The kernel itself, its two helpers, and a process of the guest. */
const bootedGroupMin = 4;

async function booted(groupId: number): Promise<void> {
  await until("the guest to boot", 30_000, async () =>
    Promise.resolve(groupMembers(groupId).length >= bootedGroupMin ? true : undefined),
  );
}

async function gone(groupId: number): Promise<void> {
  await until("the guest's processes to end", 10_000, async () =>
    Promise.resolve(groupMembers(groupId).length === 0 ? true : undefined),
  );
}

describe("User-mode Linux guest", function () {
  this.slow(20_000);
  let folder: string;

  before(function () {
    needsGuest(this, "mt", "mtx", "sg_inq");
  });

  beforeEach(() => {
    folder = mkdtempSync(join(diskFolder(), "tidemark-guest-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("runs a command with real devices, found by serial number, and the host's files", async () => {
    const [shared, own, tgtFolder] = ["shared", "own", "tgt"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [shared, own, tgtFolder]) mkdirSync(path);
    const serials = "$TIDEMARK_DRIVE_0_SG $TIDEMARK_DRIVE_1_SG $TIDEMARK_CHANGER_SG";
    const script = [
      `for node in ${serials}; do sg_inq --page=0x80 $node | sed -n 's/ *Unit serial number: *//p'; done`,
      'echo "$GREETING"; pwd; node -p process.version; echo to-stderr >&2',
      `echo through > ${shared}/file; echo lost > ${own}/file; cat ${own}/file`,
      "mtx -f $TIDEMARK_CHANGER_SG load 1 0 >/dev/null; mt -f $TIDEMARK_DRIVE_0_NST status | grep -c ONLINE",
      "head -c 100000 /dev/zero | dd bs=10000 of=$TIDEMARK_DRIVE_0_NST 2>/dev/null; exit 7",
    ].join("\n");
    const { status, stdout, stderr, log } = await runInGuest({
      command: ["sh", "-c", script],
      environment: { GREETING: 'it\'s "quoted" $HOME' },
      library: { drives: 2, cartridges: 1, cartridgeMiB: 16 },
      writableFolders: [shared],
      tgtFolder,
    });
    expect([status, stderr], log).to.deep.equal([7, "to-stderr\n"]);
    const devices = "TGTDRIVE0\nTGTDRIVE1\nTGTCHANGER";
    const said = ['it\'s "quoted" $HOME', process.cwd(), process.version].join("\n");
    expect(stdout).to.equal(`${devices}\n${said}\nlost\n1\n`);
    expect(readFileSync(join(shared, "file"), "utf8")).to.equal("through\n");
    expect(existsSync(join(own, "file"))).to.equal(false);
    expect(statSync(join(tgtFolder, "media", "TGT001L9")).size).to.be.greaterThan(100_000);
  });

  it("leaves nothing behind when it loses its power", async () => {
    const before = new Set(readdirSync(diskFolder()));
    const guest = await Guest.start({ command: ["true"] });
    await booted(guest.processId);
    // The kernel alone, as a user or the system would do it.
    process.kill(guest.processId, "SIGKILL");
    expect(await guest.result).to.include({ status: undefined, stdout: "" });
    await gone(guest.processId);
    const left = readdirSync(diskFolder()).filter((name) => name.startsWith("tidemark-vm-") && !before.has(name));
    expect(left).to.deep.equal([]);
  });

  it("ends with the process that started it", async () => {
    const module = JSON.stringify(join(import.meta.dirname, "../vm/guest.ts"));
    const script = `const { Guest } = await import(${module});
      const guest = await Guest.start({ command: ["true"] });
      process.stdout.write(String(guest.processId));`;
    const user = spawn(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, TIDEMARK_DISK_FOLDER: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(user.stdout, "data")) as [Buffer];
    await booted(Number(said.toString()));
    user.kill("SIGKILL");
    await gone(Number(said.toString()));
  });

  it("loses its power when the time is over", async () => {
    const { status, readySeconds } = await runInGuest({ command: ["sleep", "1000"], timeoutMs: 1000 });
    expect([status, readySeconds]).to.deep.equal([undefined, undefined]);
  });
});
