// SPDX-License-Identifier: Apache-2.0
/**
 * Uses a drive through the kernel's sg driver; run by scsi-generic.test.ts in a User-mode Linux guest, all in one boot.
 * Prints one line of JSON a section: its name, and what was found or what went wrong.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TapeError } from "../../lib/errors.ts";
import { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { DeviceOptions } from "../../lib/device/index.ts";
import { until } from "../peers/until.ts";
import { blockLength, countNumberedBlocks, numberedBlock } from "./numbered-blocks.ts";

const generic = process.env["TIDEMARK_DRIVE_0_SG"] ?? "";
const tapeNode = process.env["TIDEMARK_DRIVE_0_NST"] ?? "";
const changerNode = process.env["TIDEMARK_CHANGER_SG"] ?? "";
const link = "/dev/the-drive";
/** Port 3260, as /proc/net/tcp writes it. */
const iscsiPort = ":0CBC";
/** RFC 7143, clause 11.2.1. */
const iscsiHeaderBytes = 48;

async function open(path = generic, options: DeviceOptions = {}): Promise<TapeDrive> {
  const drive = TapeDrive.open({ kind: "sg", path }, options);
  await drive.attend();
  return drive;
}

function toDaemon(signal: "STOP" | "CONT"): void {
  const [processId] = execFileSync("pidof", ["tgtd"], { encoding: "utf8" }).trim().split(" ");
  process.kill(Number(processId), `SIG${signal}`);
}

function describe(error: unknown): unknown {
  return { message: `${error as Error}`, code: error instanceof TapeError ? error.code : undefined };
}

async function load(): Promise<unknown> {
  const changer = MediumChanger.open({ kind: "sg", path: changerNode });
  await changer.attend();
  await changer.move(Number(process.env["TIDEMARK_SLOT"]), Number(process.env["TIDEMARK_BAY"]));
  const { deviceType } = await changer.inquiry();
  await changer.close();
  return { deviceType };
}

/** The same drive by its sg node, its tape node and a link; a disk or a terminal is none. */
async function nodes(): Promise<unknown> {
  symlinkSync(tapeNode, link);
  const serials: string[] = [];
  for (const path of [generic, tapeNode, link]) {
    const drive = await open(path);
    serials.push((await drive.inquiry()).serialNumber);
    await drive.close();
  }
  const wrong = await open("/dev/null").catch(describe);
  return { serials, wrong };
}

async function blocks(): Promise<unknown> {
  const drive = await open(tapeNode);
  await drive.rewind();
  for (let number = 0; number < 12; number++) await drive.write(numberedBlock(1, number), `block ${number}`);
  const count = await countNumberedBlocks(drive, 1);
  await drive.rewind();
  const written = Buffer.alloc(60_000, 5);
  await drive.write(written, "a block");
  await drive.rewind();
  const read = await drive.read(65_536);
  const shorter = read.kind === "block" && read.data.equals(written) ? "whole" : read.kind;
  const limitBytes = await drive.transferLimit();
  const tooLarge = await drive.native.writeBlock(Buffer.alloc(0xffffff));
  await drive.close();
  return { count, shorter, limitBytes, tooLarge: tooLarge.result };
}

async function exclusive(): Promise<unknown> {
  const holder = await open(generic, { exclusive: true });
  let tapeOpen = "opened";
  try {
    closeSync(openSync(tapeNode, "r"));
  } catch (error) {
    tapeOpen = (error as NodeJS.ErrnoException).code ?? "";
  }
  const second = await open(tapeNode, { exclusive: true }).catch(describe);
  const changer = MediumChanger.open({ kind: "sg", path: changerNode }, { exclusive: true });
  const noTape = await changer.inquiry().catch(describe);
  await changer.close();
  await holder.close();
  const afterwards = await open(generic, { exclusive: true });
  const { serialNumber } = await afterwards.inquiry();
  await afterwards.close();
  return { tapeOpen, second, noTape, serialNumber };
}

/** Threads of this process, and which of them lets which signals through. */
function threads(): ReadonlyMap<string, bigint> {
  const folder = "/proc/self/task";
  const blockedIn = (thread: string): bigint => {
    const [, mask = "0"] = /^SigBlk:\s+([0-9a-f]+)$/m.exec(readFileSync(`${folder}/${thread}/status`, "latin1")) ?? [];
    return BigInt(`0x${mask}`);
  };
  return new Map(readdirSync(folder).map((thread) => [thread, blockedIn(thread)]));
}

/**
 * Node.js handles SIGUSR2 with SA_RESTART: the flag that makes the kernel send a WRITE twice. Another process sends it
 * to the device's own thread without pause.
 */
async function signals(): Promise<unknown> {
  let received = 0;
  process.on("SIGUSR2", () => received++);
  const before = new Set(threads().keys());
  const drive = await open();
  const [thread = "", blocked = 0n] = [...threads()].find(([id]) => !before.has(id)) ?? [];
  await drive.rewind();
  const bomber = spawn("python3", ["-c", bombardment, thread], { stdio: ["ignore", "pipe", "inherit"] });
  await once(bomber.stdout, "data");
  const writes = 60;
  for (let number = 0; number < writes; number++) await drive.write(numberedBlock(2, number), `block ${number}`);
  bomber.kill();
  await once(bomber, "exit");
  const onTape = await countNumberedBlocks(drive, 2);
  await drive.close();
  return { writes, onTape, received, usr2Blocked: (blocked >> 11n) % 2n === 1n };
}

const bombardment = `
import os, signal, sys
target = int(sys.argv[1])
print("ready", flush=True)
while True:
    os.kill(target, signal.SIGUSR2)
`;

/** The same writes by a program that blocks nothing, under the same fire: that the danger is real, and here. */
async function unprotected(): Promise<unknown> {
  const drive = await open();
  await drive.rewind();
  await drive.close();
  const writes = 60;
  const answer = execFileSync("python3", ["-c", carelessWriter, generic, String(writes), bombardment], {
    encoding: "utf8",
  });
  const count = await open();
  await count.rewind();
  let onTape = 0;
  while ((await count.read(65_536)).kind === "block") onTape++;
  await count.close();
  return { writes, onTape, ...(JSON.parse(answer) as object) };
}

const carelessWriter = `
import ctypes, fcntl, json, os, signal, struct, subprocess, sys
received = 0
def handler(*_):
    global received
    received += 1
signal.signal(signal.SIGUSR2, handler)
signal.siginterrupt(signal.SIGUSR2, False)
device = os.open(sys.argv[1], os.O_RDWR)
data = ctypes.create_string_buffer(65536)
sense = ctypes.create_string_buffer(64)
bomber = subprocess.Popen([sys.executable, "-c", sys.argv[3], str(os.getpid())], stdout=subprocess.PIPE)
bomber.stdout.readline()
reported = 0
for number in range(int(sys.argv[2])):
    cdb = ctypes.create_string_buffer(bytes([0x0A, 0, 1, 0, 0, 0]), 6)
    header = bytearray(struct.pack("@iiBBHIPPPIIiPBBBBHHiII", ord("S"), -2, 6, 64, 0, 65536, ctypes.addressof(data),
        ctypes.addressof(cdb), ctypes.addressof(sense), 60000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    try:
        fcntl.ioctl(device, 0x2285, header)
        reported += 1
    except OSError:
        pass
bomber.kill()
print(json.dumps({"reported": reported, "received": received}))
`;

/** Bytes that have come in for the daemon and that it has not read. */
function unreadByDaemon(): number {
  const [, ...sockets] = readFileSync("/proc/net/tcp", "latin1").trim().split("\n");
  return sockets.reduce((bytes, socket) => {
    const [, local = "", , , queues = ""] = socket.trim().split(/\s+/);
    return local.endsWith(iscsiPort) ? bytes + parseInt(queues.split(":")[1] ?? "0", 16) : bytes;
  }, 0);
}

/**
 * The daemon is halted until the kernel has given the command up and asked for its abort, which needs a target that
 * answers. The block is one that goes with its command: then what lies unread tells how far the kernel is.
 */
async function timeout(): Promise<unknown> {
  const prepared = await open();
  await prepared.rewind();
  for (let number = 0; number < 5; number++) await prepared.write(numberedBlock(3, number), `block ${number}`);
  await prepared.close();
  const block = numberedBlock(3, 5);
  const drive = TapeDrive.open({ kind: "sg", path: generic }, { timeoutLimitMs: 300 });
  toDaemon("STOP");
  const writing = drive.native.writeBlock(block);
  const withItsAbortBytes = block.length + 2 * iscsiHeaderBytes;
  await until("the kernel to give the command up", 60_000, async () =>
    unreadByDaemon() >= withItsAbortBytes ? true : undefined,
  ).finally(() => toDaemon("CONT"));
  const { kind, result } = await writing;
  await drive.close();
  const fresh = await open();
  const onTape = await countNumberedBlocks(fresh, 3);
  await fresh.close();
  return { kind, result, onTape };
}

/** A process dies with a WRITE on its way. */
async function killed(): Promise<unknown> {
  const writer = spawn(process.execPath, [fileURLToPath(import.meta.url), "write"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let accepted = 0;
  const lines = createInterface(writer.stdout);
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      accepted = Number(line);
      if (accepted === 5) resolve();
    });
  });
  toDaemon("STOP");
  const ended = once(writer, "close");
  writer.kill("SIGKILL");
  const [, signal] = (await ended) as [number | null, string | null];
  toDaemon("CONT");
  const fresh = await open();
  const onTape = await countNumberedBlocks(fresh, 4);
  await fresh.close();
  return { accepted, onTape, signal };
}

async function writeUntilKilled(): Promise<void> {
  const drive = await open();
  await drive.rewind();
  for (let number = 0; ; number++) {
    await drive.write(numberedBlock(4, number), `block ${number} of ${blockLength(number)} bytes`);
    process.stdout.write(`${number + 1}\n`);
  }
}

if (process.argv[2] === "write") {
  await writeUntilKilled();
} else {
  for (const section of [load, nodes, blocks, exclusive, signals, unprotected, timeout, killed]) {
    const value = await section().catch((error: unknown) => ({ failed: (error as Error).stack }));
    process.stdout.write(`${JSON.stringify({ section: section.name, value })}\n`);
  }
}
