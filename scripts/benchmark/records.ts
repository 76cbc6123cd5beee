// SPDX-License-Identifier: Apache-2.0
/**
 * Records of objects that are nowhere, through the temporary catalog into SQLite: `node records.ts COUNT FOLDER`. A
 * program of its own, so that its memory is. Prints one line of JSON.
 */
import { ContainerHasher } from "../../lib/catalog/container-hash.ts";
import { encodeFingerprint } from "../../lib/catalog/fingerprint.ts";
import { encodeRecords, objectKind, objectOutcome } from "../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { CatalogJob, recordSizeBytes } from "./catalog-job.ts";

const objectsPerContainer = 1000;
/** A header and some data, as the small files' set has them. */
const objectBytes = 8192n;

const [count = "1", folder = "."] = process.argv.slice(2);

function fingerprint(ino: bigint, mode: number): Buffer {
  const nanoseconds = 1_700_000_000_000_000_000n + ino * 1_000_003n;
  const times = { mtimeNs: nanoseconds, ctimeNs: nanoseconds };
  return encodeFingerprint({ dev: 1n, ino, sizeBytes: 6000n + (ino % 1999n), ...times, mode, uid: 1000, gid: 1000 });
}

/** Of one directory. Each stands for itself: its parent is not listed. */
function containerRecords(number: number, entries: number, streamOffset: bigint): readonly PersistentRecord[] {
  const hash128 = (bytes: Uint8Array): Buffer => nativeBinding().xxh3_128(bytes);
  const path = Buffer.from(`srv/data/folder-${number}/`);
  const own = fingerprint(BigInt(number * (objectsPerContainer + 1)), 0o40755);
  const objects = Array.from({ length: entries }, (_, index): PersistentRecord & { readonly type: "object" } => {
    const headerOffset = streamOffset + BigInt(index) * objectBytes;
    return {
      type: "object",
      containerId: number,
      name: Buffer.from(`file-${String(index).padStart(4, "0")}.dat`),
      kind: objectKind.file,
      fingerprint: fingerprint(BigInt(number * (objectsPerContainer + 1) + index + 1), 0o100644),
      headerOffset,
      dataOffset: headerOffset + 1536n,
      endOffset: headerOffset + objectBytes,
      outcome: objectOutcome.ok,
      digest: hash128(Buffer.from(`${number} ${index}`)),
      linkTarget: null,
      errno: 0,
    };
  });
  const hasher = new ContainerHasher();
  for (const object of objects) hasher.add(object.name, object.fingerprint);
  const endOffset = streamOffset + BigInt(entries) * objectBytes;
  const of = { containerId: number, sourceIndex: 0, path, fingerprint: own };
  const hash = hasher.digest(hash128);
  return [
    { type: "containerOpen", ...of, streamOffset },
    ...objects,
    { type: "containerClose", ...of, entries, exceptions: 0, hash, endOffset, unchanged: true },
  ];
}

async function run(objects: number): Promise<void> {
  const job = await CatalogJob.begin(folder, "/srv/data");
  let streamOffset = 0n;
  let recordBytes = 0;
  for (let number = 1, left = objects; left > 0; number++) {
    const entries = Math.min(left, objectsPerContainer);
    const frame = encodeRecords(containerRecords(number, entries, streamOffset));
    recordBytes += frame.length;
    await job.append(frame);
    left -= entries;
    streamOffset += BigInt(entries) * objectBytes;
  }
  const whole = BigInt(recordSizeBytes);
  const beganMs = performance.now();
  await job.finish(BigInt(objects), ((streamOffset + whole - 1n) / whole) * whole);
  const foldS = (performance.now() - beganMs) / 1000;
  const storeBytes = await job.close();
  console.log(JSON.stringify({ objects, recordBytes, storeBytes, foldS }));
}

await run(Number(count));
