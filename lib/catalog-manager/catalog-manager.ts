// SPDX-License-Identifier: Apache-2.0
/**
 * The catalog manager: appends persistent records to the temporary catalog, reconciles them with byte counts, and
 * folds finished jobs into the catalog store.
 */
import { join } from "node:path";
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { Claims } from "../catalog/claims.ts";
import type { OpenObject } from "../catalog/claims.ts";
import type { Environment } from "../catalog/environment.ts";
import { nonceBytes } from "../catalog/frame.ts";
import type { Frame } from "../catalog/frame.ts";
import { encodeRecords } from "../catalog/persistent-record.ts";
import type {
  InterruptionRecord,
  PersistentRecord,
  SegmentCloseRecord,
  SegmentOpenRecord,
  VolumeLostRecord,
} from "../catalog/persistent-record.ts";
import { SievedPass } from "../catalog/record-sieve.ts";
import type { JournalPart, RecordSieve, RecordVisitor, WholeContainer } from "../catalog/record-sieve.ts";
import { emptySummary, TemporaryCatalogReader } from "../catalog/temporary-catalog-reader.ts";
import type { CatalogDamage } from "../catalog/temporary-catalog-reader.ts";
import { TemporaryCatalog } from "../catalog/temporary-catalog.ts";
import type { TemporaryCatalogOptions } from "../catalog/temporary-catalog.ts";
import { removeTemporaryCatalog } from "../catalog/removed-catalog.ts";
import { keepVolumeLost } from "../catalog/volume-lost-file.ts";
import { CatalogError, FormatError, JobError, ProtocolError } from "../errors.ts";
import { formatVersion } from "../format/version.ts";
import type {
  Casualties,
  Boundary,
  CatalogManager,
  CatalogSpace,
  EpochToken,
  FooterRecords,
  FooterVerdict,
  Interruption,
  JobOnRecord,
  JobRecords,
  NewJob,
  ObjectAcross,
  RecordFrame,
  ResumeStory,
  SetOfFooter,
  TapeFooter,
} from "../protocol/catalog-manager.ts";
import type { SourceVolume } from "../protocol/source-volume.ts";
import type { DurableMark, LoggedBlocks, Segment } from "../protocol/tape.ts";
import { finishedJob } from "./finished-job.ts";
import { casualtiesPast } from "./casualties.ts";
import { FooterBacklog } from "./footer-backlog.ts";
import { takeIn } from "./footer-intake.ts";
import { FootersOnTape } from "./footers-on-tape.ts";
import {
  durableRecord,
  extentRecord,
  interruptionRecord,
  jobHistory,
  jobRecords,
  objectAcross,
  segmentCloseRecord,
  segmentOpenRecord,
  sourceVolumeOf,
  storyOf,
  survivingSegments,
} from "./job-records.ts";
import type { ReadJob } from "./job-records.ts";
import { RecoveredRecords } from "./recovered-records.ts";

export interface CatalogManagerEnvironment extends Environment {
  readonly jobsFolder: string;
  readonly store: CatalogStore;
  /** Disk space kept back for each temporary catalog where it is not the usual. */
  readonly reserveBytes?: number;
}

/** A job whose temporary catalog is open. */
interface OpenJob extends ReadJob {
  readonly jobId: string;
  readonly folder: string;
  readonly reader: TemporaryCatalogReader;
  readonly interruptions: Interruption[];
  readonly footers: FootersOnTape;
  /** Records that were surely on the disk are lost, and the tapes have not answered yet for what is left. */
  unproved: CatalogDamage | undefined;
  /** Withdrawn claims that the journal does not have yet; `isKept`: the second file has them. */
  losses: readonly { readonly record: VolumeLostRecord; readonly isKept: boolean }[];
  /** What footers on tape gave back of what is lost. */
  readonly recovered: RecoveredRecords;
  /** Records of a boundary that was applied and is not on disk yet. */
  pending:
    | { readonly epoch: number; readonly records: readonly PersistentRecord[]; readonly throughSequence: bigint }
    | undefined;
  writing: Writing | undefined;
}

interface Writing {
  readonly catalog: TemporaryCatalog;
  readonly token: EpochToken;
  readonly footers: FooterBacklog;
  readonly spaceLow: Promise<CatalogSpace | undefined>;
  readonly onSpace: (space: CatalogSpace | undefined) => void;
}

/** A cancelled job goes on for one record: the one that ends it. */
const cancelled: ResumeStory = { cause: "cancelled", discardedObjects: 0n, repeatedBytes: 0n, reasons: [] };

export class LocalCatalogManager implements CatalogManager {
  readonly #environment: CatalogManagerEnvironment;
  readonly #jobs = new Map<string, OpenJob>();

  constructor(environment: CatalogManagerEnvironment) {
    this.#environment = environment;
  }

  async createJob(job: NewJob): Promise<EpochToken> {
    const { fileSystem, clock, random } = this.#environment;
    const { jobId } = job;
    const folder = this.#folder(jobId);
    const reader = new TemporaryCatalogReader(fileSystem, folder);
    const found = await reader.summary();
    if (found.frames > 0) throw new CatalogError(`${folder} holds the temporary catalog of another job`);
    // A damaged one of which nothing is left: what it wrote on tape carries epochs that must not come again.
    const token: EpochToken = { jobId, epoch: 1 + (found.damage?.epoch ?? 0), nonce: random.bytes(nonceBytes) };
    const recovered = new RecoveredRecords(fileSystem, folder);
    const opened = newlyOpened({ jobId, folder, reader, recovered, summary: emptySummary });
    const records: readonly PersistentRecord[] = [
      epochRecord(token),
      {
        type: "job",
        jobId,
        originalStartMs: BigInt(clock.nowMs()),
        sources: job.sources.map((path) => Buffer.from(path)),
        settings: { ...job.settings },
        formatVersion,
      },
    ];
    opened.claims.applyAll(records);
    await this.#start(opened, token, records, new FooterBacklog(reader));
    this.#jobs.set(jobId, opened);
    return token;
  }

  async hasRecords(jobId: string): Promise<"none" | "some" | "lost"> {
    const reader = new TemporaryCatalogReader(this.#environment.fileSystem, this.#folder(jobId));
    for await (const _first of reader.frames()) return "some";
    return (await reader.summary()).damage === undefined ? "none" : "lost";
  }

  async loadJob(jobId: string): Promise<JobRecords> {
    // Whoever loads it has its lock: the job ends before it is loaded again.
    if (this.#jobs.get(jobId)?.writing !== undefined)
      throw new ProtocolError(`the temporary catalog of job ${jobId} is being written: it cannot be loaded again`);
    const job = await this.#read(jobId);
    this.#jobs.set(jobId, job);
    return jobRecords(job);
  }

  async readJob(jobId: string): Promise<JobOnRecord> {
    const job = await this.#read(jobId);
    const open = job.claims.openObjects.at(-1);
    return {
      records: jobRecords(job),
      ...(open === undefined ? {} : { openObject: objectAcross(open) }),
    };
  }

  /** From the disk, whatever this manager has open: what is being written is told only there. */
  async #read(jobId: string): Promise<OpenJob> {
    const folder = this.#folder(jobId);
    const { fileSystem } = this.#environment;
    const reader = new TemporaryCatalogReader(fileSystem, folder);
    const summary = await reader.summary();
    if (summary.frames === 0) {
      throw new JobError(
        `job ${jobId} was interrupted before anything of it was recorded: start it again with tidemark backup`,
        { code: "ERR_TAPE_JOB_STATE" },
      );
    }
    const recovered = new RecoveredRecords(fileSystem, folder);
    const job = newlyOpened({ jobId, folder, reader, recovered, summary });
    await foldRecords(job, this.#environment.newSieve());
    return job;
  }

  /** For the catalog server: the claims of an open job, and its journal for another pass. */
  reconciled(jobId: string): { readonly claims: Claims; readonly journal: AsyncIterable<JournalPart> } {
    const { claims, reader, recovered } = this.#job(jobId);
    return { claims, journal: inOrder<JournalPart>(reader.journal(), recovered.journal()) };
  }

  casualties(jobId: string, streamOffset: bigint): Promise<Casualties> {
    return casualtiesPast(this.reconciled(jobId).journal, this.#environment.newSieve(), streamOffset);
  }

  objectAcross(jobId: string, streamOffset: bigint): Promise<ObjectAcross | undefined> {
    const found = this.#job(jobId).claims.objectAcross(streamOffset);
    return Promise.resolve(found === undefined ? undefined : objectAcross(found));
  }

  segments(jobId: string): Promise<readonly Segment[]> {
    return Promise.resolve(survivingSegments(this.#job(jobId).claims));
  }

  sourceVolumes(jobId: string): Promise<readonly SourceVolume[]> {
    return Promise.resolve(this.#job(jobId).claims.sourceVolumes.map(sourceVolumeOf));
  }

  claimsProved(jobId: string): Promise<void> {
    this.#job(jobId).unproved = undefined;
    return Promise.resolve();
  }

  applyVolumeLost(jobId: string, volumeUuid: string, fromBlock: bigint): Promise<void> {
    const job = this.#job(jobId);
    if (job.pending !== undefined)
      throw new ProtocolError(`job ${jobId}: claims on ${volumeUuid} must be withdrawn before the boundary is applied`);
    const record: VolumeLostRecord = { type: "volumeLost", volumeUuid, fromBlock };
    // Not as a record in its place: it comes behind all others, in the start's first frame.
    job.claims.loseVolume(record, job.claims.epoch);
    job.footers.lose(record, job.claims.epoch);
    job.losses = [...job.losses, { record, isKept: false }];
    return Promise.resolve();
  }

  async takeFooter(jobId: string, footer: TapeFooter): Promise<FooterVerdict> {
    const job = this.#job(jobId);
    const { claims, recovered } = job;
    const { volumeUuid } = footer.mark;
    const isLost =
      job.losses.some(({ record }) => record.volumeUuid === volumeUuid) ||
      claims.segments.some((segment) => segment.volumeUuid === volumeUuid && segment.lostFrom !== undefined);
    if (isLost) return { refused: "claims on its volume were withdrawn" };
    const objects = await takeIn(claims, footer, (records) => recovered.append(records)).catch(whyUnreadable);
    if (typeof objects === "string") {
      recovered.reject();
      return { refused: objects };
    }
    await recovered.append([durableRecord(footer.mark, footer.ending.epoch)]);
    for await (const records of recovered.accept()) for (const record of records) applyRecord(job, record);
    return { records: jobRecords(job), objects };
  }

  applyBoundary(jobId: string, boundary: Boundary | undefined): Promise<void> {
    const job = this.#job(jobId);
    const epoch = 1 + Math.max(job.claims.epoch, boundary?.epochOnTape ?? 0, job.summary.damage?.epoch ?? 0);
    const records = boundary === undefined ? truncateUnseen(job.claims, epoch) : boundaryRecords(boundary, epoch);
    for (const record of records) applyRecord(job, record);
    job.pending = { epoch, records, throughSequence: job.summary.last?.sequence ?? 0n };
    return Promise.resolve();
  }

  async beginEpoch(jobId: string, story: ResumeStory): Promise<EpochToken> {
    const { clock, fileSystem, random } = this.#environment;
    const job = this.#job(jobId);
    const { pending } = job;
    if (pending === undefined) throw new ProtocolError(`job ${jobId}: no boundary was applied before the new epoch`);
    if (job.unproved !== undefined) {
      const { file, position } = job.unproved;
      const text = `the temporary catalog of job ${jobId} is damaged at byte ${position} of ${file}, and its tape volumes were not looked at: nothing that it claims counts`;
      throw new CatalogError(text, { code: "ERR_TAPE_CATALOG_DAMAGED" });
    }
    const token: EpochToken = { jobId, epoch: pending.epoch, nonce: random.bytes(nonceBytes) };
    const origin = originOf(token);
    for (const { record, isKept } of job.losses)
      if (!isKept) await keepVolumeLost({ fileSystem, folder: job.folder, origin }, record);
    const epoch = epochRecord(token);
    const told = interruptionRecord(story, token.epoch, clock.nowMs());
    job.claims.apply(epoch);
    applyRecord(job, told);
    // As they stand now: they grow while the footers are still to be written.
    const boundary = job.claims.durableStreamOffset;
    const across = job.claims.objectAcross(boundary);
    const footers = new FooterBacklog(job.reader, {
      afterSequence: job.footers.heldThrough(job.claims),
      throughSequence: pending.throughSequence,
      isLive: (record) => isFooterRecord(record) && isBefore(record, boundary, across),
      boundary,
      newSieve: this.#environment.newSieve,
    });
    // One frame: either all of the decision is on disk, or nothing of it (*).
    const losses = job.losses.map(({ record }) => record);
    await this.#start(job, token, [epoch, ...losses, ...pending.records, told], footers);
    await job.recovered.remove();
    job.losses = [];
    job.pending = undefined;
    return token;
  }

  nextContainerId(jobId: string): Promise<bigint> {
    return Promise.resolve(BigInt(this.#job(jobId).claims.nextContainerId));
  }

  async appendFrame(frame: RecordFrame): Promise<void> {
    const writing = this.#current(frame.token);
    // A frame of another epoch or nonce is a late one of a start that is over: dropped (*).
    if (writing === undefined) return;
    writing.footers.add(await writing.catalog.append(frame.bytes), frame.bytes);
  }

  async sourceVolumeOpened(token: EpochToken, index: number, streamOffset: bigint): Promise<void> {
    const path = this.#job(token.jobId).claims.job.sources[index];
    if (path === undefined) throw new ProtocolError(`job ${token.jobId} has no source volume ${index}`);
    await this.#append(token, [{ type: "sourceVolumeOpen", index, path, streamOffset }]);
  }

  async sourceVolumeDone(
    token: EpochToken,
    index: number,
    counts: {
      readonly containers: bigint;
      readonly objects: bigint;
      readonly exceptions: bigint;
      readonly endOffset: bigint;
    },
  ): Promise<void> {
    await this.#append(token, [{ type: "sourceVolumeDone", index, ...counts, complete: true }]);
    await this.#writing(token).catalog.synchronise();
  }

  async segmentOpened(token: EpochToken, segment: Segment): Promise<void> {
    await this.#append(token, [segmentOpenRecord(segment)]);
    await this.#writing(token).catalog.synchronise();
  }

  async segmentEnded(token: EpochToken, segment: Segment): Promise<void> {
    const record = segmentCloseRecord(segment);
    if (record === undefined) throw new ProtocolError(`segment ${segment.segment} has not ended`);
    // What the footer holds is on tape once the segment's durable mark is on disk; the close itself goes into the next.
    if (record.footerBlock !== null) this.#writing(token).footers.release();
    await this.#append(token, [record]);
  }

  async blocksAnnounced(token: EpochToken, volumeUuid: string, blocks: LoggedBlocks): Promise<void> {
    const record: PersistentRecord = { type: "blocks", volumeUuid, ...blocks, digests: Buffer.from(blocks.digests) };
    this.#job(token.jobId).claims.apply(record);
    await this.#writing(token).catalog.append(encodeRecords([record]));
  }

  async extentsCut(...[token, object, extents]: Parameters<CatalogManager["extentsCut"]>): Promise<void> {
    if (extents.length === 0) return;
    const records = extents.map((extent) => extentRecord(object, extent));
    await this.#append(token, records);
  }

  async durable(token: EpochToken, mark: DurableMark): Promise<void> {
    const record = durableRecord(mark, token.epoch);
    const { catalog } = this.#writing(token);
    // It throws where the mark contradicts what is on disk: appended, it would make every later reading fail.
    this.#job(token.jobId).claims.apply(record);
    await catalog.append(encodeRecords([record]));
    await catalog.synchronise();
  }

  async volumeClosed(
    token: EpochToken,
    volumeUuid: string,
    position: bigint,
    streamOffset: bigint,
    reason: string,
  ): Promise<void> {
    await this.#append(token, [{ type: "volumeClose", volumeUuid, position, streamOffset, reason }]);
    await this.#writing(token).catalog.synchronise();
  }

  spaceLow(token: EpochToken): Promise<CatalogSpace | undefined> {
    return this.#writing(token).spaceLow;
  }

  hasBegun(token: EpochToken): boolean {
    return this.#current(token) !== undefined;
  }

  pendingFooterBytes(token: EpochToken): bigint {
    return this.#current(token)?.footers.bytes ?? 0n;
  }

  async footerRecords(token: EpochToken, ending: Segment, set?: SetOfFooter): Promise<FooterRecords> {
    const { catalog, footers } = this.#writing(token);
    const { claims } = this.#job(token.jobId);
    // Frames of the members before the segment's end may still be on their way to the disk.
    await catalog.settled();
    const held = footers.hold();
    // Job and segments in every footer: each cartridge tells of the whole job so far.
    const earlier = survivingSegments(claims).filter(({ segment }) => segment !== ending.segment);
    const closes = earlier.flatMap((segment) => segmentCloseRecord(segment) ?? []);
    const described: readonly PersistentRecord[] = set === undefined ? [] : [{ type: "mediaSet", ...set }];
    const opens = [...earlier, ending].map(segmentOpenRecord);
    const front = encodeRecords([claims.job, ...described, ...opens, ...closes]);
    let bytes = BigInt(front.length);
    for await (const payload of held.payloads()) bytes += BigInt(payload.byteLength);
    return {
      bytes,
      async *pieces() {
        yield front;
        yield* held.payloads();
      },
    };
  }

  async finishJob(token: EpochToken, status: "complete" | "completeWithExceptions", endOffset: bigint): Promise<void> {
    const { catalog } = this.#writing(token);
    refuseUnlessWhole(this.#job(token.jobId).claims, endOffset);
    await this.#append(token, [{ type: "jobDone", status, endOffset }]);
    await catalog.synchronise();
    // The fold may need it.
    await catalog.releaseReserve();
    await this.foldJob(token.jobId);
  }

  async foldJob(jobId: string): Promise<void> {
    const { folder, reader, claims } = this.#job(jobId);
    if (claims.copyOfJobId !== undefined) {
      this.#environment.store.addCopy(claims.copyOfJobId, jobId, survivingSegments(claims));
    } else {
      await finishedJob(this.#environment, reader, join(folder, "fold.sqlite"), (job) =>
        this.#environment.store.fold(job),
      );
    }
    this.#keepHistory(jobId);
  }

  async cancelJob(jobId: string): Promise<void> {
    // Killed before its first record was on disk: nothing of it needs to be given up.
    if ((await this.hasRecords(jobId)) !== "some") return;
    await this.loadJob(jobId);
    // It gives up what it claims: nobody needs to prove that first.
    await this.claimsProved(jobId);
    await this.applyBoundary(jobId, undefined);
    const token = await this.beginEpoch(jobId, cancelled);
    const { claims } = this.#job(jobId);
    await this.#append(token, [{ type: "jobDone", status: "cancelled", endOffset: claims.durableStreamOffset }]);
    await this.#writing(token).catalog.synchronise();
    this.#keepHistory(jobId);
  }

  #keepHistory(jobId: string): void {
    this.#environment.store.histories.keep(jobId, jobHistory(jobRecords(this.#job(jobId))));
  }

  async closeJob(jobId: string): Promise<void> {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    this.#jobs.delete(jobId);
    job.writing?.onSpace(undefined);
    await job.recovered.remove();
    await job.writing?.catalog.close();
  }

  async recordedJobs(): Promise<readonly string[]> {
    const { fileSystem, jobsFolder } = this.#environment;
    return (await fileSystem.list(jobsFolder)).filter((name) => /^[1-9][0-9]*$/.test(name));
  }

  async retireJob(jobId: string): Promise<void> {
    const { fileSystem, store } = this.#environment;
    // One that ended under a version that kept no history, or before that could be kept.
    if (store.histories.get(jobId) === undefined && (await this.hasRecords(jobId)) === "some") {
      await this.loadJob(jobId);
      this.#keepHistory(jobId);
    }
    await this.closeJob(jobId);
    await removeTemporaryCatalog(fileSystem, this.#folder(jobId));
  }

  async close(): Promise<void> {
    for (const jobId of this.#jobs.keys()) await this.closeJob(jobId);
  }

  /** A start's first frame is on the disk when it resolves. */
  async #start(
    job: OpenJob,
    token: EpochToken,
    records: readonly PersistentRecord[],
    footers: FooterBacklog,
  ): Promise<void> {
    const { folder, recovered, summary } = job;
    let onSpace: Writing["onSpace"] = () => undefined;
    const spaceLow = new Promise<CatalogSpace | undefined>((resolve) => {
      onSpace = resolve;
    });
    const onSpaceLow = (reserveBytes: number): void => onSpace({ folder, neededBytes: BigInt(reserveBytes) });
    const options = { ...this.#disk(), folder, origin: originOf(token), onSpaceLow };
    const catalog = await TemporaryCatalog.start(options, summary, encodeRecords(records), recovered.payloads());
    job.writing = { catalog, token, footers, spaceLow, onSpace };
  }

  /** Appends records of this manager's own making, and folds them. */
  async #append(token: EpochToken, records: readonly PersistentRecord[]): Promise<void> {
    const writing = this.#writing(token);
    const job = this.#job(token.jobId);
    for (const record of records) applyRecord(job, record);
    const payload = encodeRecords(records);
    const sequence = await writing.catalog.append(payload);
    if (records.some(isFooterRecord)) writing.footers.add(sequence, payload);
  }

  #current(token: EpochToken): OpenJob["writing"] {
    const writing = this.#jobs.get(token.jobId)?.writing;
    if (writing === undefined) return undefined;
    const isCurrent =
      writing.token.epoch === token.epoch && Buffer.from(writing.token.nonce).equals(Buffer.from(token.nonce));
    return isCurrent ? writing : undefined;
  }

  #writing(token: EpochToken): NonNullable<OpenJob["writing"]> {
    const writing = this.#current(token);
    if (writing === undefined)
      throw new ProtocolError(`job ${token.jobId} is not being written in epoch ${token.epoch}`);
    return writing;
  }

  #job(jobId: string): OpenJob {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new ProtocolError(`the temporary catalog of job ${jobId} is not open`);
    return job;
  }

  #disk(): Pick<TemporaryCatalogOptions, "fileSystem" | "reserveBytes"> {
    const { fileSystem, reserveBytes } = this.#environment;
    return { fileSystem, ...(reserveBytes === undefined ? {} : { reserveBytes }) };
  }

  #folder(jobId: string): string {
    return join(this.#environment.jobsFolder, jobId);
  }
}

function originOf(token: EpochToken): { readonly epoch: number; readonly nonce: Buffer } {
  return { epoch: token.epoch, nonce: Buffer.from(token.nonce) };
}

function newlyOpened(of: Pick<OpenJob, "jobId" | "folder" | "reader" | "recovered" | "summary">): OpenJob {
  const nothingYet = {
    interruptions: [],
    footers: new FootersOnTape(),
    losses: [],
    pending: undefined,
    writing: undefined,
  };
  return { ...of, ...nothingYet, claims: new Claims(), unproved: of.summary.damage };
}

/** A footer that cannot be read, or not all of it, gives nothing back; every other error is one. */
function whyUnreadable(error: unknown): string {
  if (error instanceof FormatError || (error instanceof CatalogError && error.code === "ERR_TAPE_RECORD"))
    return error.message;
  throw error;
}

async function* inOrder<T>(...parts: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  for (const part of parts) yield* part;
}

function epochRecord(token: EpochToken): PersistentRecord {
  return { type: "epoch", epoch: token.epoch, nonce: Buffer.from(token.nonce) };
}

async function foldRecords(job: OpenJob, sieve: RecordSieve): Promise<void> {
  const folding = new Folding(job);
  const pass = new SievedPass(sieve, folding);
  for await (const part of job.reader.journal()) {
    folding.begin(part.frame);
    pass.take(part);
    folding.end();
  }
  pass.finish();
  // A loss stands in the frame that begins its epoch: of a later one the journal has lost that frame, or never had it.
  const known = job.claims.epoch;
  const forgotten = (await job.reader.volumesLost()).filter(({ epoch }) => epoch > known);
  for (const { record, epoch } of forgotten) {
    job.claims.loseVolume(record, epoch);
    job.footers.lose(record, epoch);
  }
  job.losses = forgotten.map(({ record }) => ({ record, isKept: true }));
}

/** Takes the records of a journal, frame by frame, for what an open job is known by. */
class Folding implements RecordVisitor {
  readonly #job: OpenJob;
  readonly #opened = new Map<number, OpenedSegment>();
  #frame: Pick<Frame, "sequence" | "epoch"> = { sequence: 0n, epoch: 0 };
  #beginsEpoch = false;

  constructor(job: OpenJob) {
    this.#job = job;
  }

  begin(frame: Frame): void {
    this.#frame = frame;
    this.#beginsEpoch = false;
  }

  apply(record: PersistentRecord, ordinal: number): void {
    const { footers } = this.#job;
    const { epoch, sequence } = this.#frame;
    applyRecord(this.#job, record, ordinal);
    if (record.type === "epoch") this.#beginsEpoch = true;
    if (record.type === "volumeLost") footers.lose(record, epoch);
    if (record.type === "segmentOpen") {
      this.#opened.set(record.segment, { streamOffset: record.streamOffset, sequence });
    }
    if (record.type !== "segmentClose" || record.footerBlock === null) return;
    const { segment, volumeUuid, footerBlock } = record;
    const through = heldThrough(this.#opened.get(segment), record, sequence);
    footers.add({ segment, volumeUuid, footerBlock, epoch, through });
  }

  applyWhole(container: WholeContainer): void {
    this.#job.claims.applyWhole(container);
  }

  end(): void {
    // As it was when the epoch began, behind the boundary in the same frame.
    if (this.#beginsEpoch) this.#job.footers.begin(this.#job.claims);
  }
}

interface OpenedSegment {
  readonly streamOffset: bigint;
  readonly sequence: bigint;
}

/**
 * A segment of the stream ends at a barrier, so its close follows its last records. A footer-only segment is written
 * while readers go on: what came behind its opening may have missed the footer, and is said again.
 */
function heldThrough(open: OpenedSegment | undefined, close: SegmentCloseRecord, sequence: bigint): bigint {
  return open !== undefined && open.streamOffset === close.streamOffset ? open.sequence : sequence;
}

function applyRecord(job: OpenJob, record: PersistentRecord, ordinal?: number): void {
  if (record.type === "truncate") {
    const adopted = record.streamOffset - job.claims.durableStreamOffset;
    job.interruptions.push({
      epoch: record.epoch,
      volumeUuid: record.volumeUuid,
      boundaryBlock: record.boundaryBlock,
      streamOffset: record.streamOffset,
      adoptedBytes: adopted > 0n ? adopted : 0n,
    });
  }
  if (record.type === "interruption") noteStory(job, record);
  if (record.type === "segmentOpen" && record.continuedHeaderOffset !== null) noteContinued(job, record);
  job.claims.apply(record, ordinal);
}

function noteStory(job: OpenJob, record: InterruptionRecord): void {
  const interruption = job.interruptions.at(-1);
  if (interruption?.epoch !== record.epoch) return;
  job.interruptions.splice(-1, 1, { ...interruption, resumedAtMs: Number(record.atMs), story: storyOf(record) });
}

/** The first segment of an epoch that continues a member goes on with the object that the interruption cut. */
function noteContinued(job: OpenJob, { epoch, continuedHeaderOffset }: SegmentOpenRecord): void {
  const interruption = job.interruptions.at(-1);
  if (interruption?.epoch !== epoch || interruption.continued !== undefined) return;
  const object = job.claims.openObjects.find(({ open }) => open.headerOffset === continuedHeaderOffset);
  if (object === undefined) return;
  const continued = Buffer.concat([object.containerPath, object.open.name]);
  job.interruptions.splice(-1, 1, { ...interruption, continued });
}

function boundaryRecords({ durable, closes }: Boundary, epoch: number): readonly PersistentRecord[] {
  const { volumeUuid, position, streamOffset } = durable;
  const records: PersistentRecord[] = [
    { type: "truncate", volumeUuid, boundaryBlock: position, streamOffset, epoch },
    durableRecord(durable, epoch),
  ];
  // In the same frame: were it lost, the next resume would want a volume that this one has done with.
  if (closes !== undefined) records.push({ type: "volumeClose", volumeUuid, position, streamOffset, reason: closes });
  return records;
}

/** No volume may be gone on with: what lies past the place where the stream goes on is void all the same. */
function truncateUnseen(claims: Claims, epoch: number): readonly PersistentRecord[] {
  const last = claims.volumes.at(-1);
  if (last === undefined) return [];
  const { volumeUuid, position = 0n, closed } = last;
  const { resumableStreamOffset: streamOffset } = claims;
  return [
    { type: "truncate", volumeUuid, boundaryBlock: position, streamOffset, epoch },
    // A truncation opens its volume again.
    ...(closed === undefined ? [] : [closed]),
  ];
}

/** JOB_DONE counts all of the job, and nothing that is not durable (I2, I7). A copy has no source volumes of its own. */
function refuseUnlessWhole(claims: Claims, endOffset: bigint): void {
  const isWhole = claims.copyOfJobId !== undefined || claims.sourceVolumes.every(({ status }) => status === "complete");
  if (isWhole && endOffset <= claims.resumableStreamOffset) return;
  const text = `job ${claims.job.jobId} is not done: not all that it counts up to stream offset ${endOffset} is durable. It can be resumed`;
  throw new CatalogError(text, { code: "ERR_TAPE_CATALOG_DAMAGED" });
}

/** Footers hold what a catalog is rebuilt from; the others speak of the time of writing. */
function isFooterRecord(record: PersistentRecord): boolean {
  return !["blocks", "durable", "epoch", "interruption"].includes(record.type);
}

/** Does a record survive a truncation at this stream offset, which `across` lies across? */
function isBefore(record: PersistentRecord, streamOffset: bigint, across: OpenObject | undefined): boolean {
  switch (record.type) {
    case "object":
    case "containerClose":
    case "sourceVolumeDone":
      return record.endOffset <= streamOffset;
    case "objectOpen":
      return record.headerOffset < streamOffset;
    case "extent":
      if (record.headerOffset !== across?.open.headerOffset) return record.headerOffset < streamOffset;
      return across.open.dataOffset + record.to <= streamOffset;
    default:
      return true;
  }
}
