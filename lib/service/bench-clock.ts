// SPDX-License-Identifier: Apache-2.0
import type { DeviceAddress } from "../device/index.ts";
import { SimulatedLibrary } from "../device/simulator.ts";

export interface BenchClock {
  /** Microseconds since any time; never goes back. */
  readonly nowUs: () => number;
  /** In it only what the drive does takes time. */
  readonly isSimulated: boolean;
}

/**
 * The clock by which a drive is measured: the machine's, or that of a simulated library whose drives take time. Asked
 * behind a command to the drive: only those that take time let some pass.
 */
export function benchClock(address: DeviceAddress): BenchClock {
  if (address.kind === "simulated") {
    const library = SimulatedLibrary.at(address.folder);
    if (library.timeUs > 0n) return { nowUs: () => Number(library.timeUs), isSimulated: true };
  }
  return { nowUs: () => Number(process.hrtime.bigint() / 1000n), isSimulated: false };
}
