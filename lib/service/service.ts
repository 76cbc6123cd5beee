// SPDX-License-Identifier: Apache-2.0
/** A Tidemark installation in one process: the five roles, wired by connections, behind one interface. */
import { decodeFingerprint } from "../catalog/fingerprint.ts";
import { memberPath, splitPath } from "../catalog/catalog-store.ts";
import type { StoredObject } from "../catalog/catalog-store.ts";
import { ConfigError, JobError, OperatorError } from "../errors.ts";
import { recipe } from "../format/recipe.ts";
import type { AttemptOptions } from "../job-manager/job-attempt.ts";
import { hasEnded } from "../job-manager/job-parts.ts";
import { runRestore } from "../job-manager/restore-run.ts";
import type { JobOnRecord } from "../protocol/catalog-manager.ts";
import type { JobEntry } from "../protocol/job.ts";
import type { Segment } from "../protocol/tape.ts";
import type {
  BackupOptions,
  CatalogEntry,
  ExportOutcome,
  ExportRequest,
  ImportOutcome,
  InitRequest,
  JobDetails,
  JobResult,
  JobSummary,
  LabelOutcome,
  LabelRequest,
  LibraryStatus,
  OperatorRequest,
  ResumeOptions,
  ResumePlan,
  RestoreRequest,
  RestoreResult,
  RunOptions,
  Service,
  VolumeSummary,
} from "./api.ts";
import type { TidemarkConfig } from "./config.ts";
import { writeInitialConfig } from "./initial-config.ts";
import { combinedDetails, combinedSummary, familyName, holdersOf } from "./job-family.ts";
import { historyDetails, jobDetails, nothingRecorded } from "./job-details.ts";
import { LocalMediaService } from "./media-service.ts";
import { recipeSegments } from "./recipe-segments.ts";
import { LocalCopyService } from "./copies.ts";
import { LibraryCare } from "./library-care.ts";
import { libraryStatus } from "./library-view.ts";
import { openRoles } from "./roles.ts";
import type { Roles } from "./roles.ts";
import { shellWord } from "./shell-word.ts";
import { checkSource } from "./source-folder.ts";
import { withTrueStatus } from "./job-status.ts";
import { realWorld } from "./world.ts";
import type { World } from "./world.ts";
import { isWrittenOver, refuseWrittenOver } from "./written-over.ts";

/** Cleaning cartridges carry this prefix by convention of all makers. */
const cleaningPrefix = "CLN";

/** Writes a configuration and, on request, makes a simulated library. */
export async function initialise(
  request: InitRequest,
): Promise<{ readonly configPath: string; readonly libraryFolder?: string }> {
  return writeInitialConfig(request);
}

export function openService(config: TidemarkConfig, world: World = realWorld): Promise<Service> {
  return Promise.resolve(new LocalService(config, openRoles(config, undefined, world), world));
}

class LocalService implements Service {
  readonly config: TidemarkConfig;
  readonly media: LocalMediaService;
  readonly copies: LocalCopyService;
  readonly #roles: Roles;
  readonly #libraryCare: LibraryCare;
  /** Of jobs whose objects were listed. */
  readonly #segments = new Map<string, readonly Segment[]>();

  constructor(config: TidemarkConfig, roles: Roles, { clock }: World) {
    this.config = config;
    this.media = new LocalMediaService({ store: roles.store, config, nowMs: () => clock.nowMs() });
    this.copies = new LocalCopyService(roles);
    this.#roles = roles;
    this.#libraryCare = new LibraryCare(roles);
  }

  libraryStatus(): Promise<LibraryStatus> {
    return libraryStatus(this.#roles);
  }

  operatorRequests(): Promise<readonly OperatorRequest[]> {
    return Promise.resolve(this.#roles.store.requests.list());
  }

  closeRequest(id: string): Promise<void> {
    return this.#libraryCare.closeRequest(id);
  }

  importCartridges(): Promise<ImportOutcome> {
    return this.#libraryCare.importCartridges();
  }

  exportCartridges(request: ExportRequest): Promise<ExportOutcome> {
    return this.#libraryCare.exportCartridges(request);
  }

  cleanDrive(drive: number): Promise<void> {
    return this.#libraryCare.cleanDrive(drive);
  }

  setDriveService(drive: number, outOfService: string | undefined): Promise<void> {
    return this.#libraryCare.setDriveService(drive, outOfService);
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
    refuseWrittenOver(this.#roles.store, jobId);
    const command = `tidemark --config ${shellWord(options.configPath ?? this.config.path)}`;
    const commands: string[] = [];
    for (const holder of holdersOf(this.#roles.store.jobs, jobId)) {
      const { recordSizeBytes, segments } = await this.#segmentsOf(holder);
      commands.push(
        ...recipe({
          jobId: holder,
          recordSizeBytes,
          segments: recipeSegments(segments, recordSizeBytes),
          targetFolder: options.targetFolder,
          medium: { kind: "simulated", command },
        }),
      );
    }
    return commands;
  }

  async #segmentsOf(
    jobId: string,
  ): Promise<{ readonly recordSizeBytes: number; readonly segments: Parameters<typeof recipeSegments>[0] }> {
    const finished = this.#roles.store.finishedJob(jobId);
    if (finished !== undefined) return finished;
    const { status } = this.#job(jobId);
    if (hasEnded(status)) {
      const text = `job ${jobId} is ${status}: nothing that it wrote counts, so there is nothing to read`;
      throw new JobError(text, { code: "ERR_TAPE_JOB_STATE" });
    }
    const { records } = await this.#roles.catalogManager.readJob(jobId);
    return { recordSizeBytes: records.settings.recordSizeBytes, segments: records.segments };
  }

  async readTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }> {
    return this.#roles.mediaServer.copyTapeFile(volumeTag, tapeFile, fd);
  }

  async backup(sources: readonly Uint8Array[], options: BackupOptions): Promise<JobResult> {
    for (const source of sources) checkSource(Buffer.from(source));
    return this.#roles.jobManager.backup(sources, options);
  }

  listJobs(): Promise<readonly JobSummary[]> {
    const { store, isJobLocked } = this.#roles;
    const jobs = store.jobs.list().filter(({ parentJobId }) => parentJobId === undefined);
    return Promise.resolve(jobs.map((job) => this.#summary(withTrueStatus(job, isJobLocked))));
  }

  async showJob(jobId: string): Promise<JobDetails> {
    const job = withTrueStatus(this.#job(jobId), this.#roles.isJobLocked);
    const parts = this.#roles.store.jobs.parts(jobId);
    if (parts.length === 0) return this.#showOne(job);
    const details: JobDetails[] = [];
    for (const part of parts) details.push(await this.#showOne(withTrueStatus(part, this.#roles.isJobLocked)));
    return combinedDetails(job, details);
  }

  async #showOne(job: JobEntry): Promise<JobDetails> {
    const { jobId, status } = job;
    const { store } = this.#roles;
    const history = hasEnded(status) ? store.histories.get(jobId) : undefined;
    if (history !== undefined)
      return historyDetails(this.#summary(job), history, store.finishedJob(jobId)?.segments ?? []);
    const looked = this.#recorded(jobId);
    await looked.catch(() => undefined);
    // One that ends meanwhile: its records are removed under whoever reads them, and its history is kept.
    const now = this.#job(jobId);
    if (hasEnded(now.status) && !hasEnded(status)) return this.#showOne(now);
    const recorded = await looked;
    return recorded === undefined ? nothingRecorded(this.#summary(job)) : jobDetails(this.#summary(job), recorded);
  }

  async #recorded(jobId: string): Promise<JobOnRecord | undefined> {
    const { catalogManager } = this.#roles;
    return (await catalogManager.hasRecords(jobId)) === "some" ? catalogManager.readJob(jobId) : undefined;
  }

  planResume(jobId: string, options: ResumeOptions = {}): Promise<readonly ResumePlan[]> {
    return this.#roles.jobManager.plan(jobId, attemptOptions(options));
  }

  resumeJob(jobId: string, options: ResumeOptions): Promise<JobResult> {
    return this.#roles.jobManager.resume(jobId, attemptOptions(options));
  }

  async cancelJob(jobId: string): Promise<JobSummary> {
    return this.#summary(await this.#roles.jobManager.cancel(jobId));
  }

  async *listCatalog(path: Uint8Array, options: { readonly jobId?: string }): AsyncIterable<CatalogEntry> {
    const { directory, name } = splitPath(relative(path));
    const folder = name.length === 0 ? directory : Buffer.concat([directory, name, Buffer.from("/")]);
    const holders = options.jobId === undefined ? [undefined] : holdersOf(this.#roles.store.jobs, options.jobId);
    for (const holder of holders) {
      for (const object of this.#roles.store.list(folder, holder)) yield this.#entry(object);
    }
  }

  async *findInCatalog(pattern: Uint8Array, options: { readonly limit: number }): AsyncIterable<CatalogEntry> {
    for (const object of this.#roles.store.find(pattern, options.limit)) yield this.#entry(object);
  }

  async *versions(path: Uint8Array): AsyncIterable<CatalogEntry> {
    for (const object of this.#roles.store.versions(relative(path))) yield this.#entry(object);
  }

  async restore(request: RestoreRequest, options: RunOptions): Promise<RestoreResult> {
    const { store, jobEnvironment } = this.#roles;
    refuseWrittenOver(store, request.jobId);
    const holders = holdersOf(store.jobs, request.jobId);
    if (holders.some((holder) => store.finishedJob(holder) === undefined)) {
      const job = withTrueStatus(this.#job(request.jobId), this.#roles.isJobLocked);
      throw new JobError(
        `job ${request.jobId} is ${job.status}: resume it first (tidemark job resume ${request.jobId}), then restore`,
        { code: "ERR_TAPE_JOB_STATE" },
      );
    }
    const paths = request.paths.map(relative);
    for (const path of paths) {
      if (holders.some((holder) => store.objectByPath(holder, path) !== undefined)) continue;
      throw new ConfigError(`job ${request.jobId} holds no ${Buffer.from(path).toString()}: see tidemark catalog ls`, {
        code: "ERR_TAPE_SOURCE",
      });
    }
    const results: RestoreResult[] = [];
    for (const jobId of holders) {
      const held = paths.filter((path) => store.objectByPath(jobId, path) !== undefined);
      if (paths.length > 0 && held.length === 0) continue;
      results.push(await runRestore(jobEnvironment, { ...request, jobId, paths: held }, options));
    }
    return combinedRestore(results);
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
    const { store, isJobLocked } = this.#roles;
    const parts = store.jobs.parts(job.jobId);
    if (parts.length > 0)
      return combinedSummary(
        job,
        parts.map((part) => this.#summary(withTrueStatus(part, isJobLocked))),
      );
    const finished = store.finishedJob(job.jobId);
    const exceptions = finished?.sources.reduce((sum, source) => sum + source.exceptions, 0n) ?? 0n;
    return {
      ...job,
      objects: finished?.objects ?? 0n,
      exceptions,
      bytes: finished?.endOffset ?? 0n,
      ...(isWrittenOver(store, job.jobId) ? { writtenOver: true } : {}),
    };
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
      jobId: familyName(this.#roles.store.jobs, object.jobId),
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

function attemptOptions({ leave, ...options }: ResumeOptions): AttemptOptions {
  if (leave === undefined) return options;
  return { ...options, leave: { volumeTag: leave, reason: `${leave} is not waited for` } };
}

function combinedRestore(results: readonly RestoreResult[]): RestoreResult {
  const sum = (value: (each: RestoreResult) => bigint): bigint => results.reduce((all, each) => all + value(each), 0n);
  return {
    objectsRestored: sum(({ objectsRestored }) => objectsRestored),
    bytesRestored: sum(({ bytesRestored }) => bytesRestored),
    bytesUnproved: sum(({ bytesUnproved }) => bytesUnproved),
    damagedCount: sum(({ damagedCount }) => damagedCount),
    damaged: results.flatMap(({ damaged }) => damaged),
    unreadable: results.flatMap(({ unreadable }) => unreadable),
  };
}

/** Members have relative paths. */
function relative(path: Uint8Array): Buffer {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  let start = 0;
  while (bytes[start] === 0x2f) start++;
  return bytes.subarray(start);
}
