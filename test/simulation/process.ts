// SPDX-License-Identifier: Apache-2.0
/**
 * One process of a simulated course: the world that the product is given, in which each call may be the one at which the
 * planned fault happens. It ends like a real one: with its last call, or with the power.
 */
import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import type { NativeFileLock, SimulatedTrace } from "../../lib/native/binding.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { realWorld } from "../../lib/service/world.ts";
import type { World } from "../../lib/service/world.ts";
import { Chance } from "./chance.ts";
import { countedStore } from "./counted-store.ts";
import type { Disk } from "./disk.ts";
import { FaultFileSystem } from "./fault-file-system.ts";
import type { Crash, Fault } from "./fault.ts";
import { drivesAfter, plannedFault } from "./fault-plan.ts";
import { Host } from "./host.ts";
import type { HostCall } from "./host.ts";
import { OneJobQueue } from "./one-job-queue.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface ProcessOptions {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** What its clock says when it begins. */
  readonly clockMs: number;
}

export const firstClockMs = Date.UTC(2026, 0, 1);

/** What a process did. */
export interface ProcessTrace {
  readonly commands: SimulatedTrace["commands"];
  readonly calls: readonly HostCall[];
  readonly hash: string;
}

interface Place {
  readonly libraryFolder: string;
  disk: Disk;
}

export class SimulatedProcess {
  readonly world: World;
  readonly #place: Place;
  readonly #options: ProcessOptions;
  readonly #chance: Chance;
  readonly #host: Host;
  readonly #ended = new AbortController();
  #crash: Crash | undefined;
  readonly #locks = new Set<NativeFileLock>();

  constructor(place: Place, options: ProcessOptions) {
    this.#place = place;
    this.#options = options;
    this.#chance = new Chance(options.seed);
    const { libraryFolder } = place;
    planCommands(libraryFolder, options.faults);
    nativeBinding().restoreSimulatedPower(libraryFolder);
    this.#host = new Host({
      faults: options.faults,
      crash: (crash) => {
        this.#crash = crash;
        nativeBinding().cutSimulatedPower(libraryFolder, drivesAfter(crash));
      },
      isOff: () => this.isOff,
    });
    this.world = this.#makeWorld();
  }

  /** Tells the product to give up: only so that it unwinds quickly, nothing of it reaches anything. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  get isOff(): boolean {
    const isOff = nativeBinding().isSimulatedPowerCut(this.#place.libraryFolder);
    if (isOff && !this.#ended.signal.aborted) this.#ended.abort();
    return isOff;
  }

  /** What comes after the process: the disk as it is found by the next one. */
  end(): ProcessTrace {
    const { libraryFolder, disk } = this.#place;
    const { commands, digest } = nativeBinding().simulatedTrace(libraryFolder);
    const hash = createHash("sha256").update(digest).update(this.#host.digest()).digest("hex");
    for (const lock of this.#locks) lock.release();
    if (this.isOff) {
      const crash = this.#crash ?? this.#options.faults.map(({ effect }) => effect).find(isCrash);
      if (crash !== undefined && crash.ending !== "kill") disk.losePower(crash.disk, this.#chance);
    }
    return { commands, calls: this.#host.calls, hash };
  }

  #makeWorld(): World {
    const time = new VirtualTime(this.#options.clockMs);
    const chance = this.#chance;
    return {
      ...realWorld,
      fileSystem: new FaultFileSystem(this.#place.disk, this.#host),
      clock: time.clock,
      random: { bytes: (count) => chance.bytes(count) },
      newUuid: () => chance.uuid(),
      installationNumber: () => 1,
      after: time.after,
      every: time.every,
      reserveBytes: 64 * 1024,
      lockFile: (path) => this.#lock(path),
      openStore: (path) => countedStore(SqliteCatalogStore.open(path), this.#host),
      openQueue: () => new OneJobQueue(),
      createRing: (recordSizeBytes, capacityBytes) =>
        new (nativeBinding().Ring)({ recordSizeBytes, capacityBytes, takesTurns: true }),
    };
  }

  /** The kernel drops the locks of a dead process, whatever its code did before. */
  #lock(path: string): NativeFileLock {
    const lock = nativeBinding().lockFile(path);
    const release = (): void => {
      if (this.#locks.delete(held)) lock.release();
    };
    const held: NativeFileLock = { release };
    this.#locks.add(held);
    return held;
  }
}

function isCrash(effect: Fault["effect"]): effect is Crash {
  return effect.kind === "crash";
}

/** The simulated units do what is planned for commands. */
function planCommands(libraryFolder: string, faults: readonly Fault[]): void {
  const planned = faults.flatMap(plannedFault);
  const path = join(libraryFolder, "faults.json");
  if (planned.length === 0) rmSync(path, { force: true });
  else writeFileSync(path, JSON.stringify({ faults: planned }));
}
