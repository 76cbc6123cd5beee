// SPDX-License-Identifier: Apache-2.0
/** The native pipeline alone: walks one source and drains the ring into the standard output. For `scripts/bench`. */
import { resolve } from "node:path";
import { nativeBinding } from "../lib/native/binding.ts";

const standardOutput = 1;

const source = resolve(process.argv[2] ?? ".");
const binding = nativeBinding();
const ring = new binding.Ring({ recordSizeBytes: 512 * 1024, capacityBytes: 256 * 2 ** 20 });
const packer = new binding.Packer({
  ring,
  streamOffset: 0n,
  firstContainerId: 1n,
  // Larger than any source: one segment, so that the only barrier is the one at the source's end.
  segmentBytes: 2n ** 50n,
  onEvent: (event) => {
    if (event.kind === "failed") throw new Error(event.message);
  },
});
packer.start({ index: 0, path: Buffer.from(source), crossMounts: false, asks: false, trustCatalog: false });
// The barrier at the source's end is the end of the ring, and so of the drain.
const { bytes } = await binding.drainRing(ring, standardOutput);
process.stderr.write(`${bytes} bytes\n`);
await packer.stop();
ring.close();
