// SPDX-License-Identifier: Apache-2.0
/** The native packer alone: walks one source and drains the ring into the standard output. For `scripts/bench`. */
import { resolve } from "node:path";
import { nativeBinding } from "../lib/native/binding.ts";
import type { NativePackerEvent } from "../lib/native/binding.ts";

const recordSizeBytes = 512 * 1024;
const standardOutput = 1;

const source = resolve(process.argv[2] ?? ".");
const binding = nativeBinding();
const ring = new binding.Ring({ recordSizeBytes, capacityBytes: 256 * 2 ** 20 });
const packer = new binding.Packer({
  ring,
  readers: 2,
  streamOffset: 0n,
  firstContainerId: 1n,
  segmentBytes: 2n ** 50n,
  onEvent: (event: NativePackerEvent) => {
    if (event.kind === "failed") throw new Error(event.message);
    // The source's end makes a barrier by itself: nothing more will come, so the drain may end there.
    if (event.kind === "barrier") end(event.streamOffset);
  },
});

let end: (streamOffset: bigint) => void = () => undefined;
const reached = new Promise<bigint>((done) => {
  end = done;
});
packer.start({ index: 0, path: Buffer.from(source), crossMounts: false, asks: false, trustCatalog: false });
void reached;
