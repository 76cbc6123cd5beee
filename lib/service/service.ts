// SPDX-License-Identifier: Apache-2.0
/** A Tidemark installation in one process: the five roles, wired by connections, behind one interface. */
import { lstatSync } from "node:fs";
import { decodeFingerprint } from "../catalog/fingerprint.ts";
import { memberPath, splitPath } from "../catalog/catalog-store.ts";
import type { StoredObject } from "../catalog/catalog-store.ts";
import { ConfigError, JobError, OperatorError } from "../errors.ts";
import { recipe } from "../format/recipe.ts";
import { runRestore } from "../job-manager/restore-run.ts";
import type { JobEntry } from "../protocol/job.ts";
import type { Segment } from "../protocol/tape.ts";
import type {
  CatalogEntry,
  InitRequest,
  JobDetails,
  JobResult,
  JobSummary,
  LabelOutcome,
  LabelRequest,
  LibraryStatus,
  ResumePlan,
  RestoreRequest,
  RestoreResult,
  RunOptions,
  Service,
  VolumeSummary,
} from "./api.ts";
import type { TidemarkConfig } from "./config.ts";
import { writeInitialConfig } from "./initial-config.ts";
import { jobDetails } from "./job-details.ts";
import { LocalMediaService } from "./media-service.ts";
import { recipeSegments } from "./recipe-segments.ts";
import { openRoles } from "./roles.ts";
import type { Roles } from "./roles.ts";
import { shellWord } from "./shell-word.ts";

/** Cleaning cartridges carry this prefix by convention of all makers. */
const cleaningPrefix = "CLN";

/** Writes a configuration and, on request, makes a simulated library. */
export async function initialise(
  request: InitRequest,
): Promise<{ readonly configPath: string; readonly libraryFolder?: string }> {
  return writeInitialConfig(request);
}

export function openService(config: TidemarkConfig): Promise<Service> {
  return Promise.resolve(new LocalService(config, openRoles(config)));
}

class LocalService implements Service {
  readonly config: TidemarkConfig;
  readonly media: LocalMediaService;
  readonly #roles: Roles;
  /** Of jobs whose objects were listed. */
  readonly #segments = new Map<string, readonly Segment[]>();

  constructor(config: TidemarkConfig, roles: Roles) {
    this.config = config;
    this.media = new LocalMediaService({ store: roles.store, config, nowMs: () => Date.now() });
    this.#roles = roles;
  }

  async libraryStatus(): Promise<LibraryStatus> {
    const { library, store } = this.#roles;
    const inquiry = await library.changer.inquiry();
    const elements = await library.elements();
    return {
      vendor: inquiry.vendor,
      product: inquiry.product,
      serialNumber: inquiry.serialNumber,
      elements: elements.map(({ address, type, full, volumeTag, sourceAddress, driveSerialNumber }) => {
        const volume = volumeTag === undefined ? undefined : store.volumes.getByTag(volumeTag);
        return {
          address,
          type,
          full,
          ...(volumeTag === undefined ? {} : { volumeTag }),
          ...(sourceAddress === undefined ? {} : { sourceAddress }),
          ...(driveSerialNumber === undefined ? {} : { driveSerialNumber }),
          ...(volume === undefined ? {} : { volumeState: volume.state, pool: volume.pool }),
        };
      }),
    };
  }

  async labelVolumes(
    request: LabelRequest,
    onOutcome?: (outcome: LabelOutcome) => void,
  ): Promise<readonly LabelOutcome[]> {
    const present = [...(await this.#roles.library.presentTags())].sort();
    const outcomes: LabelOutcome[] = [];
    for (const volumeTag of request.volumeTags === "all" ? present : request.volumeTags) {
      const outcome = await this.#label(volumeTag, request);
      outcomes.push(outcome);
      onOutcome?.(outcome);
    }
    return outcomes;
  }

  async #label(volumeTag: string, request: LabelRequest): Promise<LabelOutcome> {
    if (volumeTag.startsWith(cleaningPrefix)) {
      return { volumeTag, outcome: "skipped", reason: "a cleaning cartridge is never labelled" };
    }
    try {
      const { pool, overwriteForeign } = request;
      const { recordSizeBytes } = this.config.tape;
      return {
        volumeTag,
        ...(await this.#roles.mediaServer.labelVolume({ volumeTag, pool, recordSizeBytes, overwriteForeign })),
      };
    } catch (error) {
      // Of a whole library one strange cartridge must not stop the rest; of named ones each is meant.
      if (request.volumeTags === "all" && error instanceof OperatorError)
        return { volumeTag, outcome: "skipped", reason: error.message };
      throw error;
    }
  }

  listVolumes(): Promise<readonly VolumeSummary[]> {
    return Promise.resolve(this.#roles.store.volumes.list());
  }

  async recipe(
    jobId: string,
    options: { readonly targetFolder: string; readonly configPath?: string },
  ): Promise<readonly string[]> {
    this.#job(jobId);
    const { recordSizeBytes, segments } = await this.#segmentsOf(jobId);
    const command = `tidemark --config ${shellWord(options.configPath ?? this.config.path)}`;
    return recipe({
      jobId,
      recordSizeBytes,
      segments: recipeSegments(segments, recordSizeBytes),
      targetFolder: options.targetFolder,
      medium: { kind: "simulated", command },
    });
  }

  async #segmentsOf(
    jobId: string,
  ): Promise<{ readonly recordSizeBytes: number; readonly segments: Parameters<typeof recipeSegments>[0] }> {
    const finished = this.#roles.store.finishedJob(jobId);
    if (finished !== undefined) return finished;
    const records = await this.#roles.catalogManager.loadJob(jobId);
    await this.#roles.catalogManager.closeJob(jobId);
    return { recordSizeBytes: records.settings.recordSizeBytes, segments: records.segments };
  }

  async readTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }> {
    return this.#roles.mediaServer.copyTapeFile(volumeTag, tapeFile, fd);
  }

  async backup(sources: readonly Uint8Array[], options: RunOptions & { readonly pool?: string }): Promise<JobResult> {
    for (const source of sources) checkSource(Buffer.from(source));
    return this.#roles.jobManager.backup(sources, options);
  }

  listJobs(): Promise<readonly JobSummary[]> {
    const { store, isJobLocked } = this.#roles;
    return Promise.resolve(store.jobs.list().map((job) => this.#summary(withTrueStatus(job, isJobLocked))));
  }

  async showJob(jobId: string): Promise<JobDetails> {
    const job = withTrueStatus(this.#job(jobId), this.#roles.isJobLocked);
    const records = await this.#roles.catalogManager.loadJob(jobId);
    const open = await this.#roles.catalogManager.openObject(jobId);
    await this.#roles.catalogManager.closeJob(jobId);
    return jobDetails(this.#summary(job), records, open);
  }

  planResume(jobId: string): Promise<ResumePlan> {
    return this.#roles.jobManager.plan(jobId);
  }

  resumeJob(jobId: string, options: RunOptions & { readonly trustCatalog?: boolean }): Promise<JobResult> {
    return this.#roles.jobManager.resume(jobId, options);
  }

  async cancelJob(jobId: string): Promise<JobSummary> {
    return this.#summary(await this.#roles.jobManager.cancel(jobId));
  }

  async *listCatalog(path: Uint8Array, options: { readonly jobId?: string }): AsyncIterable<CatalogEntry> {
    const { directory, name } = splitPath(relative(path));
    const folder = name.length === 0 ? directory : Buffer.concat([directory, name, Buffer.from("/")]);
    for (const object of this.#roles.store.list(folder, options.jobId)) yield this.#entry(object);
  }

  async *findInCatalog(pattern: Uint8Array, options: { readonly limit: number }): AsyncIterable<CatalogEntry> {
    for (const object of this.#roles.store.find(pattern, options.limit)) yield this.#entry(object);
  }

  async *versions(path: Uint8Array): AsyncIterable<CatalogEntry> {
    for (const object of this.#roles.store.versions(relative(path))) yield this.#entry(object);
  }

  async restore(request: RestoreRequest, options: RunOptions): Promise<RestoreResult> {
    if (this.#roles.store.finishedJob(request.jobId) === undefined) {
      const job = withTrueStatus(this.#job(request.jobId), this.#roles.isJobLocked);
      throw new JobError(
        `job ${request.jobId} is ${job.status}: resume it first (tidemark job resume ${request.jobId}), then restore`,
        { code: "ERR_TAPE_JOB_STATE" },
      );
    }
    const paths = request.paths.map(relative);
    for (const path of paths) {
      if (this.#roles.store.objectByPath(request.jobId, path) !== undefined) continue;
      throw new ConfigError(`job ${request.jobId} holds no ${Buffer.from(path).toString()}: see tidemark catalog ls`, {
        code: "ERR_TAPE_SOURCE",
      });
    }
    return runRestore(this.#roles.jobEnvironment, { ...request, paths }, options);
  }

  async close(): Promise<void> {
    await this.#roles.close();
  }

  #job(jobId: string): JobEntry {
    const job = this.#roles.store.jobs.get(jobId);
    if (job === undefined)
      throw new JobError(`there is no job ${jobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
    return job;
  }

  #summary(job: JobEntry): JobSummary {
    const finished = this.#roles.store.finishedJob(job.jobId);
    const exceptions = finished?.sources.reduce((sum, source) => sum + source.exceptions, 0n) ?? 0n;
    return { ...job, objects: finished?.objects ?? 0n, exceptions, bytes: finished?.endOffset ?? 0n };
  }

  #entry(object: StoredObject): CatalogEntry {
    const kinds = [
      "file",
      "directory",
      "symlink",
      "hardlink",
      "fifo",
      "characterDevice",
      "blockDevice",
      "sparseFile",
    ] as const;
    const fingerprint = decodeFingerprint(object.fingerprint);
    return {
      path: memberPath(object),
      kind: kinds[object.kind] ?? "file",
      sizeBytes: fingerprint.sizeBytes,
      mtimeNs: fingerprint.mtimeNs,
      mode: fingerprint.mode,
      uid: fingerprint.uid,
      gid: fingerprint.gid,
      jobId: object.jobId,
      ...this.#volumeOf(object),
    };
  }

  /** The volume on which an object begins. */
  #volumeOf({ jobId, headerOffset }: StoredObject): { readonly volumeTag?: string } {
    let segments = this.#segments.get(jobId);
    if (segments === undefined) {
      segments = this.#roles.store.finishedJob(jobId)?.segments ?? [];
      this.#segments.set(jobId, segments);
    }
    const holds = (segment: Segment): boolean =>
      segment.streamStart <= headerOffset && headerOffset < (segment.streamEnd ?? 0n);
    const segment = segments.find(holds);
    return segment === undefined ? {} : { volumeTag: segment.volumeTag };
  }
}

/** A job whose process is gone is interrupted, whatever its entry says. */
function withTrueStatus(job: JobEntry, isLocked: (jobId: string) => boolean): JobEntry {
  const claims = job.status === "running" || job.status === "resuming";
  return claims && !isLocked(job.jobId) ? { ...job, status: "interrupted" } : job;
}

/** Members have relative paths. */
function relative(path: Uint8Array): Buffer {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  let start = 0;
  while (bytes[start] === 0x2f) start++;
  return bytes.subarray(start);
}

function checkSource(source: Buffer): void {
  const path = source.toString();
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (found === undefined)
    throw new ConfigError(`source ${path} does not exist: nothing was backed up`, { code: "ERR_TAPE_SOURCE" });
  if (!found.isDirectory())
    throw new ConfigError(`source ${path} is no directory: name the directory that holds it`, {
      code: "ERR_TAPE_SOURCE",
    });
}
