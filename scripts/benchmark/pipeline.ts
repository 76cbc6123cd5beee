// SPDX-License-Identifier: Apache-2.0
/**
 * The pipeline without a tape: walks one source and drains the ring into the standard output. A program of its own, for
 * it is measured as a process: `node pipeline.ts SOURCE none|log|sqlite FOLDER`. Its catalog is thrown away as it
 * comes; or goes into a temporary catalog in the folder; or is folded into SQLite there too.
 */
import { resolve } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativePackerEvent } from "../../lib/native/binding.ts";
import { CatalogJob, recordSizeBytes } from "./catalog-job.ts";

const standardOutput = 1;
const ringBytes = 256 * 2 ** 20;
const readers = 2;
/** Larger than any source: one segment, so that the only barrier is the one at the source's end. */
const endlessSegment = 2n ** 50n;

const [source = ".", catalog = "none", folder = "."] = process.argv.slice(2);

async function run(): Promise<void> {
  const job = catalog === "none" ? undefined : await CatalogJob.begin(resolve(folder), resolve(source));
  const binding = nativeBinding();
  const ring = new binding.Ring({ recordSizeBytes, capacityBytes: ringBytes });
  let appended: Promise<void> = Promise.resolve();
  let objects = 0n;
  const onEvent = (event: NativePackerEvent): void => {
    if (event.kind === "failed") throw new Error(event.message);
    if (event.kind === "sourceDone") objects = event.summary.objectsWritten;
    // They are carried out in order: the last one is the last to end.
    if (event.kind === "records" && job !== undefined) appended = job.append(event.bytes);
  };
  const start = { streamOffset: 0n, firstContainerId: 1n, segmentBytes: endlessSegment };
  const packer = new binding.Packer({ ring, readers, ...start, onEvent });
  packer.start({ index: 0, path: Buffer.from(resolve(source)), crossMounts: false, asks: false, trustCatalog: false });
  // The barrier at the source's end is the end of the ring, and so of the drain.
  const { bytes } = await binding.drainRing(ring, standardOutput);
  await packer.stop();
  ring.close();
  await appended;
  if (catalog === "log") await job?.durable(bytes);
  if (catalog === "sqlite") await job?.finish(objects, bytes);
  await job?.close();
}

await run();
