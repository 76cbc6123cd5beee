// SPDX-License-Identifier: Apache-2.0
/**
 * Drops handles of the addon without closing them and lets the garbage collector find them; run by
 * addon-safety.test.ts with `--expose-gc`. The last line that it prints is a {@link Collected}.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeResult } from "../../lib/native/binding.ts";
import { HeldLibrary } from "./held-library.ts";

export interface Collected {
  /** Handles that were still there while their commands were in flight. */
  readonly keptInFlight: number;
  /** Outcomes of commands whose handle nobody held any more. */
  readonly outcomes: readonly string[];
  readonly threadsLeft: number;
  readonly descriptorsLeft: number;
  readonly handlesLeft: number;
  readonly isLockFree: boolean;
}

const libraries = 4;
const idleRounds = 5;
const roundsMax = 2000;
const native = nativeBinding();

interface Used {
  readonly threads: number;
  readonly descriptors: number;
}

function used(): Used {
  return { threads: readdirSync("/proc/self/task").length, descriptors: readdirSync("/proc/self/fd").length };
}

/** Collects until `isDone`, or until it is clear that it will never be. */
async function collect(isDone: () => boolean, rounds = roundsMax): Promise<void> {
  const nextTurn = (): Promise<void> => new Promise((next) => setImmediate(next));
  for (let round = 0; round < rounds && !isDone(); round++) {
    // What was looked at through a WeakRef lives until the turn ends.
    await nextTurn();
    globalThis.gc?.();
    // Finalizers run in a turn of their own.
    await nextTurn();
  }
}

interface InFlight {
  readonly handle: WeakRef<object>;
  readonly results: readonly Promise<NativeResult>[];
}

function beginCommands(folder: string): InFlight {
  const drive = new native.TapeDrive({ kind: "simulated", folder, unit: "drive-0" });
  return { handle: new WeakRef(drive), results: [drive.testUnitReady(), drive.testUnitReady()] };
}

/** Everything that has a thread, a descriptor or a lock, opened and forgotten. */
function openIdle(folder: string): readonly WeakRef<object>[] {
  const address = { kind: "simulated", folder } as const;
  const drive = new native.TapeDrive({ ...address, unit: "drive-0" });
  const ring = new native.Ring({ recordSizeBytes: 16384, capacityBytes: 1 << 20 });
  const onEvent = (): void => undefined;
  const stream = { streamOffset: 0n, firstContainerId: 1n, segmentBytes: 1n << 50n };
  const packer = new native.Packer({ ring, readers: 2, ...stream, onEvent });
  const source = { index: 0, crossMounts: false, asks: false, trustCatalog: false };
  // Nobody takes records from the ring: it is dropped in the middle of its work.
  packer.start({ ...source, path: Buffer.from(join(folder, "source")) });
  return [
    drive,
    new native.MediumChanger({ ...address, unit: "changer" }),
    ring,
    packer,
    new native.TapeWriter({ drive, ring, streamOffset: 0n, onBlocks: () => undefined }),
    new native.Extractor({ targetFolder: Buffer.from(join(folder, "target")), numericOwner: true, overwrite: false }),
    new native.StreamReader({
      ring: new native.Ring({ recordSizeBytes: 16384, capacityBytes: 1 << 20 }),
      streamOffset: 0n,
    }),
    native.lockFile(join(folder, "a-lock")),
  ].map((handle) => new WeakRef(handle));
}

function canLock(path: string): boolean {
  try {
    native.lockFile(path).release();
    return true;
  } catch {
    return false;
  }
}

async function run(folder: string, held: readonly HeldLibrary[]): Promise<Collected> {
  mkdirSync(join(folder, "source"));
  writeFileSync(join(folder, "source", "large"), Buffer.alloc(4 << 20, "x"));
  // Once before anything is counted: what is made only once is no leak.
  const handles = [...openIdle(folder)];
  await collect(() => handles.every((handle) => handle.deref() === undefined));
  const before = used();

  const inFlight = held.map((library) => beginCommands(library.folder));
  await Promise.all(held.map((library) => library.held()));
  await collect(() => false, 20);
  const keptInFlight = inFlight.filter(({ handle }) => handle.deref() !== undefined).length;
  for (const library of held) library.letGo();
  const results = await Promise.all(inFlight.flatMap((each) => each.results));

  handles.push(...inFlight.map(({ handle }) => handle));
  for (let round = 0; round < idleRounds; round++) {
    handles.push(...openIdle(folder));
    await collect(() => canLock(join(folder, "a-lock")));
  }
  const left = (): number => handles.filter((handle) => handle.deref() !== undefined).length;
  const isAsBefore = (now: Used): boolean =>
    now.threads === before.threads && now.descriptors === before.descriptors && left() === 0;
  await collect(() => isAsBefore(used()));
  const after = used();
  return {
    keptInFlight,
    outcomes: results.map(({ outcome }) => outcome),
    threadsLeft: after.threads - before.threads,
    descriptorsLeft: after.descriptors - before.descriptors,
    handlesLeft: left(),
    isLockFree: canLock(join(folder, "a-lock")),
  };
}

const folder = mkdtempSync(join(tmpdir(), "tidemark-collected-"));
const held = await Promise.all(Array.from({ length: libraries }, () => HeldLibrary.create()));
try {
  process.stdout.write(`${JSON.stringify(await run(folder, held))}\n`);
} finally {
  for (const library of held) library.remove();
  rmSync(folder, { recursive: true });
}
