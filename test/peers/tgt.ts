// SPDX-License-Identifier: Apache-2.0
/**
 * A real tape library of foreign make: a private tgtd (Debian package `tgt`) with tape drives and a changer, reached
 * by iSCSI on the loopback interface. It needs no root, is ready in a fifth of a second, and any number of them run
 * side by side. What it cannot do is written down where the tests meet it.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isStopped } from "./process-state.ts";
import {
  daemonCommand,
  exportParameters,
  importParameters,
  mediaCommands,
  serveCommands,
  shellScript,
  showPortalCommand,
  targetId,
  targetName,
  tgtLayout,
  tgtadm,
  unitParameters,
} from "./tgt-layout.ts";
import type { Command, TgtLayout, TgtOptions, TgtUnit } from "./tgt-layout.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** A longer one does not fit into the daemon's socket address. */
const folderCharactersMax = 90;
const startBoundMs = 20_000;
/** A hanging daemon answers no command: the test must learn that, not wait with it. */
const commandBoundMs = 10_000;
/** Ports are chosen before they are bound, so another process can be faster. */
const portTriesMax = 5;

export class TgtLibrary {
  readonly layout: TgtLayout;
  /** Media are in `media/BARCODE`, what the daemon says in `log`. */
  readonly folder: string;
  #daemon: ChildProcess | undefined;
  #port = 0;

  private constructor(layout: TgtLayout, folder: string) {
    this.layout = layout;
    this.folder = folder;
  }

  /**
   * @example
   * const library = await TgtLibrary.start({ drives: 2, cartridges: 6, cartridgeMiB: 64 });
   * try { ... library.driveUrl(0) ... } finally { await library.stop(); }
   */
  static async start(options: TgtOptions): Promise<TgtLibrary> {
    const library = new TgtLibrary(tgtLayout(options), shortTemporaryFolder());
    try {
      await library.#shell(mediaCommands(library.layout, library.folder));
      await library.#startDaemon();
    } catch (error) {
      await library.stop();
      throw error;
    }
    return library;
  }

  get port(): number {
    return this.#port;
  }

  get processId(): number | undefined {
    return this.#daemon?.pid;
  }

  driveUrl(index: number): string {
    return this.#url(this.#drive(index));
  }

  get changerUrl(): string {
    return this.#url(this.layout.changer);
  }

  /** The bytes of a cartridge as tgt keeps them: a file that only tgt understands, to be copied or compared. */
  mediumPath(barcode: string): string {
    return join(this.folder, "media", barcode);
  }

  /** Ends every session behind its initiator's back; the target stays. @returns how many there were */
  async cutSessions(): Promise<number> {
    const listed = await this.#run(tgtadm("--mode", "conn", "--op", "show", "--tid", String(targetId)));
    const sessions = [...listed.matchAll(/Session: (\d+)\s+Connection: (\d+)/g)];
    for (const [, session = "", connection = ""] of sessions) {
      const which = ["--tid", String(targetId), "--sid", session, "--cid", connection];
      await this.#run(tgtadm("--mode", "conn", "--op", "delete", ...which));
    }
    return sessions.length;
  }

  /** The whole library stops to answer, its connections stay: a hang. */
  async hang(): Promise<void> {
    const processId = this.#daemon?.pid;
    if (processId === undefined) throw new Error("the library is not running");
    process.kill(processId, "SIGSTOP");
    await until("tgtd to stop", commandBoundMs, async () => Promise.resolve(isStopped(processId) ? true : undefined));
  }

  resume(): void {
    this.#daemon?.kill("SIGCONT");
  }

  /** The library loses its power. What its drives had accepted is in the files of its media, or torn. */
  async crash(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await exited;
  }

  /**
   * Power on, on the same media and at the same address. tgt's robot has no memory: every cartridge is back in the
   * storage element where it stood first.
   */
  async restart(): Promise<void> {
    await this.crash();
    await this.#startDaemon();
  }

  async setDriveReadOnly(index: number, readOnly: boolean): Promise<void> {
    await this.#run(unitParameters(this.#drive(index).lun, `readonly=${readOnly ? 1 : 0}`));
  }

  async setDriveOnline(index: number, online: boolean): Promise<void> {
    await this.#run(unitParameters(this.#drive(index).lun, `online=${online ? 1 : 0}`));
  }

  /** Sense data in descriptor format (SPC-5 clause 4.4.2) instead of fixed format. */
  async setDescriptorSense(unit: "changer" | number, descriptor: boolean): Promise<void> {
    const { lun } = unit === "changer" ? this.layout.changer : this.#drive(unit);
    await this.#run(unitParameters(lun, `sense_format=${descriptor ? 1 : 0}`));
  }

  /** The operator puts a cartridge, whose medium must be there, into the import/export element. */
  async importCartridge(address: number, barcode: string): Promise<void> {
    await this.#run(unitParameters(this.layout.changer.lun, importParameters(address, barcode)));
  }

  /** The operator takes out what lies in the import/export element. */
  async exportCartridge(address: number): Promise<void> {
    await this.#run(unitParameters(this.layout.changer.lun, exportParameters(address)));
  }

  /** Ends the daemon and removes the media. tgtd ignores SIGTERM, and nothing of it is worth an orderly end. */
  async stop(): Promise<void> {
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #drive(index: number): TgtUnit {
    const drive = this.layout.drives[index];
    if (drive === undefined) throw new RangeError(`the library has no drive ${index}`);
    return drive;
  }

  #url({ lun }: TgtUnit): string {
    const { chap } = this.layout.options;
    const account = chap === undefined ? "" : `${chap.user}%${chap.password}@`;
    return `iscsi://${account}127.0.0.1:${this.#port}/${targetName}/${lun}`;
  }

  async #startDaemon(): Promise<void> {
    // A library that comes back must be found where it was.
    const ports = this.#port === 0 ? portTriesMax : 1;
    for (let tried = 1; ; tried++) {
      const port = this.#port === 0 ? await freePort() : this.#port;
      if (await this.#listens(port)) {
        this.#port = port;
        break;
      }
      await this.crash();
      if (tried === ports) throw new Error(`tgtd could not listen on 127.0.0.1:${port}:\n${this.#log()}`);
    }
    await this.#shell(serveCommands(this.layout, this.folder));
  }

  /** Starts the daemon. When its bind() fails it runs on without a portal, so only the list of portals tells. */
  async #listens(port: number): Promise<boolean> {
    // The kernel kills the daemon when this process ends, however it ends.
    const command = ["--pdeathsig", "KILL", ...daemonCommand(port)];
    const log = openSync(join(this.folder, "log"), "a");
    const daemon = spawn("setpriv", command, { env: this.#environment(), stdio: ["ignore", log, log] });
    closeSync(log);
    this.#daemon = daemon;
    const failed = once(daemon, "error").then(([error]: unknown[]) => error);
    let failure: unknown;
    void failed.then((error) => (failure = error));
    const portals = await until("tgtd to answer", startBoundMs, async () => {
      if (failure !== undefined) throw new Error("tgtd could not be started", { cause: failure });
      if (daemon.exitCode !== null) throw new Error(`tgtd ended with ${daemon.exitCode}:\n${this.#log()}`);
      return this.#run(showPortalCommand).catch(() => undefined);
    });
    return portals.includes(`127.0.0.1:${port}`);
  }

  #log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  #environment(): NodeJS.ProcessEnv {
    // Debian keeps tgt in a folder that not every user's PATH has.
    return { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin`, TGT_IPC_SOCKET: join(this.folder, "ipc") };
  }

  async #run([program, ...args]: Command): Promise<string> {
    const { stdout } = await run(program, args, { env: this.#environment(), timeout: commandBoundMs });
    return stdout;
  }

  async #shell(commands: readonly Command[]): Promise<void> {
    await this.#run(["sh", "-c", shellScript(commands)]).catch((error: unknown) => {
      // The shell traces what it does: the last line but one is the command that failed.
      const { stderr = "" } = error as { readonly stderr?: string };
      throw new Error(`setting tgt up failed:\n${stderr.trimEnd().split("\n").slice(-2).join("\n")}`);
    });
  }
}

function shortTemporaryFolder(): string {
  const name = "tidemark-tgt-";
  const parent = tmpdir().length + name.length + 7 <= folderCharactersMax ? tmpdir() : "/tmp";
  return mkdtempSync(join(parent, name));
}

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
