// SPDX-License-Identifier: Apache-2.0
/** The foreign tape library that the driver is tested against must itself be what the tests believe it to be. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { needs } from "../needs.ts";
import { isStopped, runs } from "../peers/process-state.ts";
import { targetName, tgtLayout } from "../peers/tgt-layout.ts";
import { TgtLibrary } from "../peers/tgt.ts";
import { until } from "../peers/until.ts";

const run = promisify(execFile);

async function output(program: string, ...args: readonly string[]): Promise<string> {
  return (await run(program, args)).stdout;
}

/** Logs in as RFC 7143 clause 6.3 has it, without a security stage, and stays. */
async function loggedIn(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await send(`InitiatorName=iqn.2026-01.test.tidemark:test\0TargetName=${targetName}\0SessionType=Normal\0`);
  // The target answers with keys of its own and waits until they are accepted: transit comes with the second answer.
  expect(await send("")).to.equal(0x87);
  return socket;

  async function send(keys: string): Promise<number | undefined> {
    const login = Buffer.alloc(48 + Math.ceil(keys.length / 4) * 4);
    login.set([0x43, 0x87]); // Immediate login request; transit from operational negotiation to full feature.
    login.writeUIntBE(keys.length, 5, 3);
    login.set([0x80, 0, 0, 1], 8);
    login.write(keys, 48, "latin1");
    socket.write(login);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect([answer[0], answer.readUInt16BE(36)], "login response and its status").to.deep.equal([0x23, 0]);
    return answer[1];
  }
}

describe("tgt as a peer", () => {
  let library: TgtLibrary | undefined;

  before(function () {
    needs(this, "tgtd", "setpriv", "iscsi-ls", "iscsi-inq");
  });

  afterEach(async () => {
    await library?.stop();
    library = undefined;
  });

  it("serves drives and a changer that others see, with their serial numbers", async () => {
    library = await TgtLibrary.start({ drives: 2, cartridges: 3, cartridgeMiB: 16, importExportElements: 1 });
    const seen = await output("iscsi-ls", "-s", `iscsi://127.0.0.1:${library.port}/`);
    expect(seen.match(/^Lun:\d+ +Type:\w+/gm)?.map((line) => line.replace(/ +/, " "))).to.deep.equal([
      "Lun:0 Type:STORAGE_ARRAY_CONTROLLER",
      "Lun:1 Type:SEQUENTIAL_ACCESS",
      "Lun:2 Type:SEQUENTIAL_ACCESS",
      "Lun:3 Type:MEDIA_CHANGER",
    ]);
    const serialPage = ["-e", "1", "-c", "128"];
    for (const index of [0, 1]) {
      const answer = await output("iscsi-inq", ...serialPage, library.driveUrl(index));
      expect(answer).to.match(new RegExp(`\\[ *TGTDRIVE${index}\\]`));
    }
    expect(await output("iscsi-inq", ...serialPage, library.changerUrl)).to.match(/\[ *TGTCHANGER\]/);
    expect(readdirSync(join(library.folder, "media"))).to.have.members(["TGT001L9", "TGT002L9", "TGT003L9"]);
  });

  it("wants the password where there is one", async () => {
    const chap = { user: "operator", password: "correct-horse-1" };
    library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16, chap });
    expect(await output("iscsi-inq", library.driveUrl(0))).to.contain("Product:TGT-DRIVE");
    const wrong = library.driveUrl(0).replace("%correct", "%wrong");
    const refused = await run("iscsi-inq", [wrong]).then(
      () => "let in",
      (error: unknown) => (error as { readonly stderr: string }).stderr,
    );
    expect(refused).to.match(/[Aa]uthentication/);
  });

  it("runs beside others, comes back at the same address, and leaves nothing behind", async () => {
    library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16 });
    const other = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16 });
    try {
      expect(other.port).to.not.equal(library.port);
      const [url, first] = [library.driveUrl(0), library.processId];
      await library.restart();
      expect(library.driveUrl(0)).to.equal(url);
      expect(await output("iscsi-inq", url)).to.contain("Product:TGT-DRIVE");
      expect(library.processId).to.not.equal(first);
      expect(first !== undefined && runs(first)).to.equal(false);
    } finally {
      await other.stop();
    }
    expect(existsSync(other.folder)).to.equal(false);
    expect(other.processId).to.equal(undefined);
  });

  it("cuts sessions, and hangs and goes on, when it is told to", async () => {
    library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16 });
    expect(await library.cutSessions()).to.equal(0);
    const session = await loggedIn(library.port);
    const ended = once(session, "close");
    session.resume();
    expect(await library.cutSessions()).to.equal(1);
    await ended;
    await library.hang();
    const waiting = connect(library.port, "127.0.0.1");
    const answered = once(waiting, "end");
    // Not a login, so the daemon hangs up, but only once it runs again.
    waiting.end(Buffer.alloc(48, 0xff));
    waiting.resume();
    expect(isStopped(library.processId ?? 0)).to.equal(true);
    library.resume();
    await answered;
  });

  it("sets the drives' modes and the operator's station", async () => {
    library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16, importExportElements: 1 });
    const [station = 0] = library.layout.importExportAddresses;
    await library.setDriveReadOnly(0, true);
    await library.setDriveOnline(0, true);
    await library.setDescriptorSense("changer", true);
    await library.importCartridge(station, "TGT001L9");
    await library.exportCartridge(station);
    const environment = { ...process.env, TGT_IPC_SOCKET: join(library.folder, "ipc") };
    const show = ["-C", "1", "--lld", "iscsi", "--mode", "target", "--op", "show"];
    const { stdout } = await run("tgtadm", show, { env: environment });
    const drive = stdout.slice(stdout.indexOf("LUN: 1"), stdout.indexOf("LUN: 2"));
    expect(drive).to.match(/Online: Yes[^]*Readonly: Yes/);
  });

  it("dies with the process that started it", async () => {
    const peer = JSON.stringify(join(import.meta.dirname, "../peers/tgt.ts"));
    const script = `const { TgtLibrary } = await import(${peer});
      const library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16 });
      process.stdout.write(JSON.stringify([library.processId, library.folder]));
      setInterval(() => {}, 1e6);`;
    const user = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(user.stdout, "data")) as [Buffer];
    const [daemon, folder] = JSON.parse(said.toString()) as [number, string];
    expect(runs(daemon)).to.equal(true);
    user.kill("SIGKILL");
    await until("the daemon to end", 10_000, async () => Promise.resolve(runs(daemon) ? undefined : true));
    // Nobody was left to remove it.
    await run("rm", ["-r", folder]);
  });

  it("refuses a layout that tgt would mangle", () => {
    const layout = { drives: 1, cartridges: 3, cartridgeMiB: 16 };
    expect(() => tgtLayout({ ...layout, storageElements: 2 })).to.throw("more cartridges than storage elements");
    expect(() => tgtLayout({ ...layout, cartridges: 100_000 })).to.throw("cuts the barcode TGT100000L9 off");
  });
});
