// SPDX-License-Identifier: Apache-2.0
/** What the service tells of pools, media sets and volumes, and what it lets an operator decide. No call moves tape. */
import type { RetentionVerdict } from "../media/retention.ts";
import type { VolumeUse } from "../media/volume-choice.ts";
import type { JobStatus } from "../protocol/job.ts";
import type { AllocationPolicy, Retention } from "../protocol/media-set.ts";
import type { CartridgeEntry, CartridgeLocation, VolumeEntry, VolumeState } from "../protocol/volume.ts";

export type { AllocationPolicy, CartridgeEntry, CartridgeLocation, Retention, VolumeState, VolumeUse };

export interface PoolSummary {
  readonly pool: string;
  readonly allocation: AllocationPolicy;
  /** Absent: everything is kept. */
  readonly retention?: Retention;
  readonly mediaSets: number;
  readonly volumes: number;
  /** Of those: nothing written yet, and free to be written over. */
  readonly empty: number;
  readonly expired: number;
  readonly bytes: bigint;
  /** Jobs that are kept, and that the next `pool prune` would let expire. */
  readonly jobsKept: number;
  readonly jobsToExpire: number;
}

/** A volume as a pool or a set lists it. */
export interface PoolVolume {
  readonly volumeTag: string;
  readonly volumeUuid: string;
  readonly state: VolumeState;
  readonly bytes: bigint;
  /** What fits on it, where a drive or the cartridge has told. */
  readonly capacityBytes?: bigint;
  readonly mediaSet?: string;
  readonly setNumber?: number;
  /** Where its cartridge was last seen. */
  readonly location?: CartridgeLocation;
  /** How the pool's next job could write it. */
  readonly use?: VolumeUse;
  /** Why it cannot be written; present where `use` is not. */
  readonly refusal?: string;
}

/** `expired`: a prune has let it go already. Absent for a job that is not finished. */
export type JobVerdict = RetentionVerdict | { readonly kind: "expired"; readonly atMs: number };

export interface PoolJob {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly startedAtMs: number;
  readonly sources: readonly Uint8Array[];
  readonly parentJobId?: string;
  readonly copyOfJobId?: string;
  readonly verdict?: JobVerdict;
}

export interface MediaSetSummary {
  readonly uuid: string;
  readonly pool: string;
  readonly createdAtMs: number;
  readonly closedAtMs?: number;
  readonly volumes: number;
  readonly bytes: bigint;
}

export interface PoolDetails extends PoolSummary {
  readonly sets: readonly MediaSetSummary[];
  readonly volumeList: readonly PoolVolume[];
  readonly jobs: readonly PoolJob[];
}

export interface PruneRequest {
  /** Absent: every pool. */
  readonly pool?: string;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Lets only these expire, as far as they still do: what an operator has seen and agreed to. */
  readonly onlyJobs?: readonly string[];
}

export interface PruneResult {
  readonly dryRun: boolean;
  /** Jobs that expire now. */
  readonly jobs: readonly (PoolJob & { readonly pool: string })[];
  /** Cartridges that may be written over by that. */
  readonly freed: readonly string[];
}

export interface MediaSetJob extends PoolJob {
  /** On the set's volumes; none for a job that is not finished, whose segments `job show` has. */
  readonly segments: readonly {
    readonly segment: number;
    readonly volumeTag: string;
    readonly tapeFile: number;
    readonly streamStart: bigint;
    readonly streamEnd: bigint;
  }[];
}

export interface MediaSetDetails extends MediaSetSummary {
  /** In order of their numbers. */
  readonly volumeList: readonly PoolVolume[];
  readonly jobs: readonly MediaSetJob[];
}

export interface VolumeDetails {
  readonly volumeTag: string;
  /** Absent: the cartridge is known, but carries no label of ours. */
  readonly volume?: VolumeEntry;
  /** What was seen of the cartridge; absent where nobody has looked yet. */
  readonly cartridge?: CartridgeEntry;
  readonly use?: VolumeUse;
  readonly refusal?: string;
  readonly jobs: readonly (PoolJob & { readonly tapeFiles: readonly number[] })[];
}

export interface MediaService {
  listPools(): readonly PoolSummary[];
  /** @throws ConfigError where nothing is known of such a pool */
  showPool(pool: string): PoolDetails;
  /** Lets jobs expire that no rule keeps. Destroys nothing: cartridges are written over when a job needs them. */
  prune(request: PruneRequest): PruneResult;
  listMediaSets(pool?: string): readonly MediaSetSummary[];
  /** @param beginning of its UUID; @throws ConfigError where none or several begin so */
  showMediaSet(beginning: string): MediaSetDetails;
  /** @throws ConfigError where neither volume nor cartridge is known */
  showVolume(volumeTag: string): VolumeDetails;
  /** Takes a volume out of use: it can be read, and is never written again. @throws JobError while a job writes it */
  retireVolume(volumeTag: string): VolumeDetails;
}
