// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated library with one drive, whose first command stays in flight until the test lets it go: the file that a
 * device opens first is a FIFO here, and opening and reading one waits for whoever writes.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import { expectGood } from "./simulated-tape.ts";

const barcode = "HELD01L9";

/** Numbers of system calls, as /proc has them. */
const systemCalls: Readonly<Record<string, { readonly read: string; readonly futex: string }>> = {
  x64: { read: "0", futex: "202" },
  arm64: { read: "63", futex: "98" },
};

/** Is a thread in pthread_join for one that reads? It waits for the other's number to be cleared. */
function isReaderJoined(pid: number): boolean {
  const numbers = systemCalls[process.arch];
  if (numbers === undefined) throw new Error(`the system calls of ${process.arch} are not known here`);
  const tasks = `/proc/${pid}/task`;
  const threads = readdirSync(tasks).map((id) => ({ id, call: presentCall(join(tasks, id, "syscall")) }));
  const readers = threads.filter(({ call }) => call[0] === numbers.read).map(({ id }) => Number(id));
  return threads.some(({ call }) => call[0] === numbers.futex && readers.includes(Number(call[3])));
}

/** Number and arguments of the system call that a thread is in; nothing of a thread that is gone. */
function presentCall(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split(" ");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

export class HeldLibrary {
  readonly folder: string;
  readonly #text: string;
  #writer: number | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.#text = readFileSync(this.#path, "utf8");
    rmSync(this.#path);
    const { status, stderr } = spawnSync("mkfifo", [this.#path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`mkfifo failed: ${stderr}`);
  }

  /** With a cartridge in the drive, on which nothing is written. */
  static async create(): Promise<HeldLibrary> {
    const native = nativeBinding();
    const folder = mkdtempSync(join(tmpdir(), "tidemark-held-"));
    native.createSimulatedLibrary(folder, {
      drives: 1,
      storageElements: 1,
      importExportElements: 0,
      barcodes: [barcode],
      capacityBytes: 64n << 20n,
      earlyWarningBytes: 1n << 20n,
      bufferBytes: 1 << 16,
    });
    const changer = new native.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    await changer.testUnitReady();
    const elements = (await changer.elements()).value ?? [];
    const slot = elements.find(({ type }) => type === "storage");
    const bay = elements.find(({ type }) => type === "dataTransfer");
    if (slot === undefined || bay === undefined) throw new Error("the simulated library has no slot or no drive");
    expectGood(await changer.moveMedium({ source: slot.address, destination: bay.address }));
    await changer.close();
    return new HeldLibrary(folder);
  }

  /** Resolves when a device's thread is in its first command, which cannot end before {@link letGo}. */
  async held(): Promise<void> {
    // The condition is that there is a reader; this only lets events in between two looks.
    while (!this.#hold()) await new Promise((next) => setImmediate(next));
  }

  /** Resolves when a thread of this process, or of another, waits for the end of the thread whose command is held. */
  async awaited(pid = process.pid): Promise<void> {
    while (!isReaderJoined(pid)) await new Promise((next) => setImmediate(next));
  }

  letGo(): void {
    if (this.#writer === undefined) throw new Error("no command is held");
    // Whoever comes later finds an ordinary file.
    const ordinary = `${this.#path}.ordinary`;
    writeFileSync(ordinary, this.#text);
    renameSync(ordinary, this.#path);
    try {
      writeSync(this.#writer, this.#text);
    } catch (error) {
      // Whoever read is gone, with its process.
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    } finally {
      closeSync(this.#writer);
      this.#writer = undefined;
    }
  }

  get isHeld(): boolean {
    return this.#writer !== undefined;
  }

  /** What has reached the medium. */
  get mediumBytes(): number {
    return statSync(join(this.folder, "media", `${barcode}.tape`)).size;
  }

  remove(): void {
    if (this.#writer !== undefined) this.letGo();
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }

  #hold(): boolean {
    try {
      this.#writer ??= openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      // Nobody has opened it for reading.
      if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw error;
    }
    return this.#writer !== undefined;
  }

  get #path(): string {
    return join(this.folder, "library");
  }
}
