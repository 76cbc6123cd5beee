// SPDX-License-Identifier: Apache-2.0
/** Volumes, cartridges and jobs for tests of the policy. */
import fc from "fast-check";
import type { KnownMedia } from "../../../lib/media/volume-choice.ts";
import type { JobEntry, JobStatus } from "../../../lib/protocol/job.ts";
import type { CartridgeEntry, VolumeEntry, VolumeState } from "../../../lib/protocol/volume.ts";

export function job(jobId: string, fields: Partial<JobEntry> = {}): JobEntry {
  return {
    jobId,
    status: "complete",
    startedAtMs: Number(jobId) * 1000,
    pool: "p",
    sources: [Buffer.from("/home")],
    interruptions: 0,
    ...fields,
  };
}

export function volume(volumeTag: string, state: VolumeState, fields: Partial<VolumeEntry> = {}): VolumeEntry {
  return {
    volumeUuid: `uuid-${volumeTag}`,
    volumeTag,
    pool: "p",
    state,
    recordSizeBytes: 524288,
    labelBytes: 10320n,
    endPosition: 3n,
    bytes: 10320n,
    tapeFiles: 1,
    labelledAtMs: 0,
    ...fields,
  };
}

export function cartridge(volumeTag: string, fields: Partial<CartridgeEntry> = {}): CartridgeEntry {
  return {
    volumeTag,
    kind: "data",
    location: { kind: "library" },
    worm: false,
    writeProtected: false,
    ...fields,
  };
}

/** `on`: barcodes, and the finished jobs with segments there. */
export function media(
  volumes: readonly VolumeEntry[],
  jobs: readonly JobEntry[] = [],
  on: Readonly<Record<string, readonly string[]>> = {},
  cartridges: readonly CartridgeEntry[] = [],
): KnownMedia {
  return {
    volumes,
    cartridge: (volumeTag) => cartridges.find((each) => each.volumeTag === volumeTag),
    job: (jobId) => jobs.find((each) => each.jobId === jobId),
    jobsOnVolume: (volumeUuid) => on[volumeUuid.replace("uuid-", "")] ?? [],
  };
}

const statuses: readonly JobStatus[] = [
  "queued",
  "running",
  "interrupted",
  "resuming",
  "complete",
  "completeWithExceptions",
  "failed",
  "cancelled",
];
const states: readonly VolumeState[] = ["empty", "inUse", "appendable", "full", "damaged", "altered", "retired"];

const anyJob = (jobId: string): fc.Arbitrary<JobEntry> =>
  fc
    .record({ status: fc.constantFrom(...statuses), isExpired: fc.boolean() })
    .map(({ status, isExpired }) => job(jobId, { status, ...(isExpired ? { expiredAtMs: 5 } : {}) }));

const anyCartridge = (volumeTag: string): fc.Arbitrary<CartridgeEntry> =>
  fc
    .record({
      kind: fc.constantFrom<CartridgeEntry["kind"]>("unknown", "data", "cleaning", "foreign", "blank"),
      location: fc.constantFrom<CartridgeEntry["location"]>(
        { kind: "library" },
        { kind: "outside" },
        { kind: "vault", name: "bank" },
      ),
      worm: fc.boolean(),
      writeProtected: fc.boolean(),
    })
    .map((fields) => cartridge(volumeTag, fields));

const anyVolume = (volumeTag: string): fc.Arbitrary<VolumeEntry> =>
  fc
    .record({
      state: fc.constantFrom(...states),
      pool: fc.constantFrom("p", "q"),
      mediaSet: fc.constantFrom("s1", "s2"),
      recordSizeBytes: fc.constantFrom(16384, 524288),
      labelledAtMs: fc.nat(3),
      lastJobId: fc.constantFrom("1", "2", "3", "99"),
    })
    .map(({ state, ...fields }) => volume(volumeTag, state, fields));

/** Jobs 1 to 3, volumes A to D, anything on anything. */
export const anyMedia: fc.Arbitrary<KnownMedia> = fc
  .record({
    volumes: fc.tuple(...["A", "B", "C", "D"].map(anyVolume)),
    jobs: fc.tuple(...["1", "2", "3"].map(anyJob)),
    on: fc.record(
      Object.fromEntries(["A", "B", "C", "D"].map((tag) => [tag, fc.subarray(["1", "2", "3", "99"])] as const)),
    ),
    cartridges: fc.tuple(...["A", "B", "C"].map(anyCartridge)),
  })
  .map(({ volumes, jobs, on, cartridges }) => media(volumes, jobs, on, cartridges));
