// SPDX-License-Identifier: Apache-2.0
/**
 * Finished jobs in SQLite: taken in, copied, forgotten. A copy is a job with segments of its own and no objects: those of
 * the job that it is a copy of are its too.
 */
import type { Database, Statement } from "better-sqlite3";
import { CatalogError } from "../../errors.ts";
import type { Segment } from "../../protocol/tape.ts";
import type { FinishedJob, StoredJob } from "../catalog-store.ts";
import { replaceSegments, segmentsOfJob } from "./segments.ts";
import { sourcesOfJob, updateSources } from "./source-volumes.ts";

/** What `job.folded` says. */
export const foldState = { none: 0, begun: 1, complete: 2 } as const;

/** Directories whose objects one transaction forgets: others write in between. */
const forgottenDirectories = 10_000;

interface FoldedRow {
  readonly record_size: bigint;
  readonly end_offset: bigint;
  readonly objects: bigint;
  readonly copy_of: bigint | null;
}

export class StoredJobs {
  readonly #database: Database;
  /** Asked for each file of a job. */
  readonly #copyOf: Statement<[string], number | null>;

  constructor(database: Database) {
    this.#database = database;
    this.#copyOf = database.prepare<[string], number | null>("SELECT copy_of FROM job WHERE id = ?").pluck();
  }

  get(jobId: string): StoredJob | undefined {
    const row = this.#database
      .prepare<[string, number], FoldedRow>(
        "SELECT record_size, end_offset, objects, copy_of FROM job WHERE id = ? AND folded = ?",
      )
      .safeIntegers()
      .get(jobId, foldState.complete);
    if (row === undefined) return undefined;
    const own = segmentsOfJob(this.#database, jobId);
    const copies = this.#copies(jobId).map((id) => ({ jobId: id, segments: segmentsOfJob(this.#database, id) }));
    return {
      jobId,
      recordSizeBytes: Number(row.record_size),
      endOffset: row.end_offset,
      objects: row.objects,
      sources: this.#sources(row.copy_of === null ? jobId : String(row.copy_of)),
      // Where its own cartridges were written over, it is where its oldest copy is.
      segments: own.length > 0 ? own : (copies[0]?.segments ?? []),
      copies,
    };
  }

  /** The job that has the objects of `jobId`: the one that it is a copy of, or itself. */
  holder(jobId: string): string {
    const copyOf = this.#copyOf.get(jobId);
    return copyOf === null || copyOf === undefined ? jobId : String(copyOf);
  }

  /** Takes away what an earlier, interrupted fold left, and puts the job's segments and source volumes in. */
  beginFold(job: FinishedJob): void {
    const database = this.#database;
    const { jobId } = job;
    const state = this.#foldState(jobId);
    if (state === undefined) throw new CatalogError(`the catalog has no job ${jobId} to take in`);
    // Only then: without an index by job it reads every row.
    const tables = state === foldState.none ? [] : ["object", "extent"];
    for (const table of tables) database.prepare(`DELETE FROM ${table} WHERE job_id = ?`).run(jobId);
    this.#setFoldState(jobId, foldState.begun);
    updateSources(database, jobId, job.sources);
    replaceSegments(database, jobId, job.segments);
  }

  endFold(job: FinishedJob): void {
    this.#database
      // Counted, not summed up: a directory's repeated member takes the place of the first.
      .prepare(
        `UPDATE job SET objects = (SELECT count(*) FROM object WHERE job_id = job.id),
         folded = ?, record_size = ?, end_offset = ? WHERE id = ?`,
      )
      .run(foldState.complete, job.recordSizeBytes, job.endOffset, job.jobId);
  }

  addCopy(jobId: string, copyJobId: string, segments: readonly Segment[]): void {
    this.#database
      .transaction(() => {
        if (this.#foldState(jobId) !== foldState.complete)
          throw new CatalogError(`the catalog has no finished job ${jobId} to be copied`);
        const isCopy = this.holder(copyJobId) === jobId && copyJobId !== jobId;
        if (!isCopy) throw new CatalogError(`job ${copyJobId} is no copy of job ${jobId}`);
        replaceSegments(this.#database, copyJobId, segments);
        this.#database
          .prepare(
            `UPDATE job SET folded = ?, record_size = source.record_size, end_offset = source.end_offset,
             objects = source.objects FROM (SELECT * FROM job WHERE id = ?) AS source WHERE job.id = ?`,
          )
          .run(foldState.complete, jobId, copyJobId);
      })
      .immediate();
  }

  forget(jobId: string): void {
    const database = this.#database;
    const holder = this.holder(jobId);
    const isLast = database
      .transaction(() => {
        const state = this.#foldState(holder);
        if (state === undefined) throw new CatalogError(`the catalog has no job ${jobId} to forget`);
        if (state === foldState.none || this.#isElsewhere(holder, jobId)) {
          this.#forgetSegments(jobId, holder !== jobId);
          return false;
        }
        this.#setFoldState(holder, foldState.begun);
        return true;
      })
      .immediate();
    if (!isLast) return;
    this.#forgetObjects(holder);
    // Segments last: as long as they are there, an interrupted call is seen to be needed again.
    database
      .transaction(() => {
        this.#forgetSegments(jobId, true);
        this.#setFoldState(holder, foldState.none);
      })
      .immediate();
  }

  /** Objects are in order of directories; a pass over all of them in one transaction would keep all others waiting. */
  #forgetObjects(jobId: string): void {
    const database = this.#database;
    database.prepare("DELETE FROM extent WHERE job_id = ?").run(jobId);
    const last = database.prepare<[], number | null>("SELECT max(id) FROM directory").pluck().get() ?? 0;
    const remove = database.prepare("DELETE FROM object WHERE directory_id > ? AND directory_id <= ? AND job_id = ?");
    for (let id = 0; id < last; id += forgottenDirectories) remove.run(id, id + forgottenDirectories, jobId);
  }

  #forgetSegments(jobId: string, andJob: boolean): void {
    this.#database.prepare("DELETE FROM segment WHERE job_id = ?").run(jobId);
    if (andJob) this.#setFoldState(jobId, foldState.none);
  }

  /** Whether segments of the job or of one of its copies remain without those of `jobId`. */
  #isElsewhere(holder: string, jobId: string): boolean {
    return [holder, ...this.#copies(holder)]
      .filter((id) => id !== jobId)
      .some((id) => segmentsOfJob(this.#database, id).length > 0);
  }

  #copies(jobId: string): readonly string[] {
    return this.#database
      .prepare<[string, number], number>("SELECT id FROM job WHERE copy_of = ? AND folded = ? ORDER BY id")
      .pluck()
      .all(jobId, foldState.complete)
      .map(String);
  }

  #sources(jobId: string): StoredJob["sources"] {
    return sourcesOfJob(this.#database, jobId).map((row) => ({
      index: Number(row.number),
      path: row.path,
      streamStart: row.stream_start ?? 0n,
      streamEnd: row.stream_end ?? 0n,
      objects: row.objects ?? 0n,
      exceptions: row.exceptions ?? 0n,
    }));
  }

  #foldState(jobId: string): number | undefined {
    return this.#database.prepare<[string], number>("SELECT folded FROM job WHERE id = ?").pluck().get(jobId);
  }

  #setFoldState(jobId: string, state: number): void {
    this.#database.prepare("UPDATE job SET folded = ? WHERE id = ?").run(state, jobId);
  }
}
