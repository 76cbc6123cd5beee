// SPDX-License-Identifier: Apache-2.0
/**
 * A Linux kernel with the real sg, st and ch drivers and a tape library behind them, on any machine: User-mode Linux
 * (Debian package `user-mode-linux`) runs as an ordinary process, without KVM, root or a container. The guest sees the
 * host's files, so the host's Node.js, this checkout and its addon run in it as they are. It has one processor and
 * starts processes slowly: do many checks in one boot.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { diskFolder } from "../disk-folder.ts";
import {
  daemonCommand,
  mediaCommands,
  quoted,
  serveCommands,
  shellLine,
  showPortalCommand,
  targetName,
  tgtLayout,
} from "../peers/tgt-layout.ts";
import type { Command, TgtLayout, TgtOptions } from "../peers/tgt-layout.ts";

const checkout = resolve(import.meta.dirname, "../..");
const port = 3260;
const initiatorName = "iqn.2026-01.test.tidemark:guest";
/** In the guest's memory, unless the media shall outlive it. */
const tgtFolderInGuest = "/run/tgt";
const memoryBytes = 1024 << 20;
const defaultTimeoutMs = 120_000;

export interface GuestOptions {
  /** Program and arguments, run in this checkout's folder. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Added to `PATH` and what {@link deviceVariables} names. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly library?: TgtOptions;
  /** Folders of the host that the guest writes through to; all others it changes only for itself. */
  readonly writableFolders?: readonly string[];
  /** Folder on the host for tgt and its media, of at most 90 characters: they survive the guest, and its power loss. */
  readonly tgtFolder?: string;
  /** The guest loses its power then. */
  readonly timeoutMs?: number;
}

export interface GuestResult {
  /** Exit status of the command; undefined where the guest was killed before the command ended. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The guest's own seconds from power on to the first instruction of the command. */
  readonly readySeconds: number | undefined;
  /** What the kernel and the set-up said, to find out why something went wrong. */
  readonly log: string;
}

/** `TIDEMARK_DRIVE_0_SG`, `TIDEMARK_DRIVE_0_NST` ... and `TIDEMARK_CHANGER_SG` hold the device nodes. */
const deviceVariables = {
  drive: (index: number): string => `TIDEMARK_DRIVE_${index}`,
  changer: "TIDEMARK_CHANGER",
} as const;

/** Folder with the packages' contents, for users who are not root: each unpacked there with `dpkg -x`. */
const umlRoot = process.env["TIDEMARK_UML_ROOT"] ?? "";

export class Guest {
  readonly processId: number;
  /** Settles when nothing of the guest is left. Rejects where the command could not be begun. */
  readonly result: Promise<GuestResult>;
  readonly #kernel: ChildProcess;

  private constructor(kernel: ChildProcess, processId: number, result: Promise<GuestResult>) {
    this.#kernel = kernel;
    this.processId = processId;
    this.result = result;
  }

  static async start(options: GuestOptions): Promise<Guest> {
    // Its kernel mounts a /dev of its own before the first process: in there it would not be found.
    const job = mkdtempSync(join(diskFolder(), "tidemark-vm-"));
    writeJob(job, options);
    const kernel = spawnKernel(job);
    const console: Buffer[] = [];
    kernel.stdout?.on("data", (piece: Buffer) => console.push(piece));
    await once(kernel, "spawn");
    const processId = kernel.pid ?? 0;
    const timer = setTimeout(() => killGroup(processId), options.timeoutMs ?? defaultTimeoutMs);
    const closed = once(kernel, "close");
    // The kernel's helpers are in its group and do not end with it when it is killed; nor does the shell that waits.
    kernel.once("exit", () => killGroup(processId));
    const result = closed.then(() => {
      clearTimeout(timer);
      try {
        return readResult(job, Buffer.concat(console).toString("latin1"));
      } finally {
        rmSync(job, { recursive: true });
      }
    });
    return new Guest(kernel, processId, result);
  }

  /** The machine loses its power. */
  kill(): void {
    if (this.#kernel.exitCode === null && this.#kernel.signalCode === null) killGroup(this.processId);
  }
}

/**
 * Boots a guest, runs one command in it and powers it off.
 * @example
 * const { status, stdout } = await runInGuest({ command: ["sh", "-c", "mtx -f $TIDEMARK_CHANGER_SG status"] });
 */
export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  return (await Guest.start(options)).result;
}

function killGroup(processId: number): void {
  try {
    process.kill(-processId, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Starts the kernel as leader of a group of its own. A shell in the group waits for the end of a pipe that only this
 * process holds: when this process ends, however it ends, the whole group is killed.
 */
function spawnKernel(job: string): ChildProcess {
  const parameters = [
    ...`mem=${memoryBytes >> 20}M umid=guest uml_dir=${job}/`.split(" "),
    ..."root=/dev/root rootfstype=hostfs rootflags=/ ro".split(" "),
    // What the kernel says comes out of its standard output; nobody listens to its other terminals.
    ..."con=null con0=null,fd:1 con1=null ssl=null".split(" "),
    ...`TIDEMARK_JOB=${job} init=${job}/init.sh`.split(" "),
  ];
  const script = `(read -r _; kill -KILL 0) <&3 >/dev/null 2>&1 & exec ${umlRoot}/usr/bin/linux.uml "$@" 3<&- 2>&1`;
  return spawn("sh", ["-c", script, "sh", ...parameters], {
    detached: true,
    env: { ...process.env, TMPDIR: memoryFolder() },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
}

/** The guest's memory is a file: fastest in memory, but in some containers /dev/shm is too small for it. */
function memoryFolder(): string {
  const shared = "/dev/shm";
  if (!existsSync(shared)) return tmpdir();
  const { bavail, bsize } = statfsSync(shared);
  return bavail * bsize >= memoryBytes ? shared : tmpdir();
}

function writeJob(job: string, options: GuestOptions): void {
  const layout = tgtLayout(options.library ?? { drives: 2, cartridges: 4, cartridgeMiB: 64 });
  // Copied, because a kernel parameter cannot have the spaces that the checkout's path may have.
  for (const script of ["init.sh", "inside.sh"]) copyFileSync(join(import.meta.dirname, script), join(job, script));
  const units = [
    ...layout.drives.map(({ serialNumber }, index) => `${serialNumber} ${deviceVariables.drive(index)}`),
    `${layout.changer.serialNumber} ${deviceVariables.changer}`,
  ];
  writeFileSync(join(job, "units"), units.map((line) => `${line}\n`).join(""));
  writeFileSync(join(job, "plan.sh"), plan(job, layout, options));
}

/** What init.sh and inside.sh take as given: variables and functions of this one run. */
function plan(job: string, layout: TgtLayout, options: GuestOptions): string {
  const tgtFolder = options.tgtFolder ?? tgtFolderInGuest;
  const binaries = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const path = [
    dirname(process.execPath),
    join(checkout, "node_modules/.bin"),
    ...(umlRoot === "" ? [] : binaries.map((folder) => umlRoot + folder)),
    ...binaries,
  ];
  const folders = [job, ...(options.tgtFolder === undefined ? [] : [tgtFolder]), ...(options.writableFolders ?? [])];
  const { chap } = layout.options;
  const login: Command = [
    ...(["iscsistart", "-i", initiatorName, "-t", targetName, "-g", "1", "-a", "127.0.0.1", "-p", `${port}`] as const),
    ...(chap === undefined ? [] : ["-u", chap.user, "-w", chap.password]),
  ];
  const libraries = umlRoot === "" ? {} : { LD_LIBRARY_PATH: `${umlRoot}/usr/lib/x86_64-linux-gnu` };
  const variables = { PATH: path.join(delimiter), HOME: "/root", ...libraries, ...options.environment };
  const exported = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    `uml_root=${quoted(umlRoot)}`,
    `tgt_folder=${quoted(tgtFolder)}`,
    shellFunction("writable_folders", [["printf", "%s\\n", ...folders]]),
    shellFunction("make_media", mediaCommands(layout, tgtFolder)),
    shellFunction("start_daemon", [daemonCommand(port)]),
    shellFunction("show_portal", [showPortalCommand]),
    shellFunction("serve_library", serveCommands(layout, tgtFolder)),
    shellFunction("log_in", [login]),
    `run_command() {\n${[`cd ${quoted(checkout)}`, ...exported, shellLine(options.command)].join("\n")}\n}\n`,
  ].join("\n");
}

/** A function that ends with the first command that fails. */
function shellFunction(name: string, commands: readonly Command[]): string {
  return `${name}() {\n${commands.map(shellLine).join(" &&\n")}\n}`;
}

function readResult(job: string, console: string): GuestResult {
  const read = (name: string): string | undefined =>
    existsSync(join(job, name)) ? readFileSync(join(job, name), "utf8") : undefined;
  const log = `${console.replaceAll("\r", "")}\n${read("log") ?? ""}`;
  const [failure, ready, status] = [read("failure"), read("ready"), read("status")];
  if (failure !== undefined) throw new Error(`the User-mode Linux guest could not be set up: ${failure}\n${log}`);
  // A status without a number has been cut off by the loss of power.
  return {
    status: status === undefined || status.trim() === "" ? undefined : Number(status),
    stdout: read("stdout") ?? "",
    stderr: read("stderr") ?? "",
    readySeconds: ready === undefined ? undefined : Number(ready),
    log,
  };
}
