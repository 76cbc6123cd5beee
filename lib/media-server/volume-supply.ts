// SPDX-License-Identifier: Apache-2.0
/** Finds the volume that a session writes next, and waits for a person where only a person can bring it. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, JobError, OperatorError, TapeError } from "../errors.ts";
import { knownMedia } from "../media/known-media.ts";
import { chooseMediaSet, nextSetNumber } from "../media/media-set.ts";
import { chooseVolumes } from "../media/volume-choice.ts";
import type { VolumeCandidate, VolumeChoice } from "../media/volume-choice.ts";
import type { SessionRequest, WriteSession } from "../protocol/media-server.ts";
import type { TapeVolumeIdentity } from "../protocol/tape.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import type { DriveSeat } from "./drive-seat.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { identify, standAtEnd } from "./loaded-volume.ts";
import type { LoadedVolume } from "./loaded-volume.ts";
import { relabel as labelAnew } from "./labelling.ts";
import { renewed } from "./renewed-attempts.ts";
import { LibraryFaultError } from "./robot-fault.ts";
import type { SessionFailure } from "./session-failure.ts";
import { writeFailureKind } from "./write-failure.ts";

/** How often the library is looked at while a person is waited for: a door that closes tells nobody. */
const lookAgainMs = 1000;
/** A pool may have hundreds of volumes: "volume show" tells of each. */
const reasonsTold = 5;

export interface VolumeWish {
  readonly pool: string;
  readonly mediaSet: string;
  readonly recordSizeBytes?: number;
  /** UUIDs of the volumes that hold segments of the job. */
  readonly written?: readonly string[];
}

export class VolumeSupply {
  readonly #environment: MediaServerEnvironment;
  readonly #request: SessionRequest;
  readonly #seat: DriveSeat;
  readonly #failure: SessionFailure;

  constructor(environment: MediaServerEnvironment, request: SessionRequest, seat: DriveSeat, failure: SessionFailure) {
    this.#environment = environment;
    this.#request = request;
    this.#seat = seat;
    this.#failure = failure;
  }

  /** The media set that this job goes to, with all parts of the same job. */
  mediaSetFor(pool: string): string {
    return this.#environment.atomically(() => this.#mediaSetFor(pool));
  }

  #mediaSetFor(pool: string): string {
    const { jobs } = this.#environment;
    const job = jobs.get(this.#request.jobId);
    const sibling = jobs
      .list()
      .find(({ parentJobId, mediaSet }) => mediaSet !== undefined && parentJobId === (job?.parentJobId ?? ""));
    const mediaSet = job?.mediaSet ?? sibling?.mediaSet ?? this.#chooseMediaSet(pool);
    // Before it is written on: until then another job would close it under this one.
    if (job !== undefined && job.mediaSet !== mediaSet) jobs.update({ ...job, mediaSet });
    return mediaSet;
  }

  #chooseMediaSet(pool: string): string {
    const { jobs, mediaSets, newUuid, nowMs, poolPolicy } = this.#environment;
    const unfinished = jobs
      .list()
      .filter(({ endedAtMs }) => endedAtMs === undefined)
      .flatMap(({ mediaSet }) => mediaSet ?? []);
    const { set, closes } = chooseMediaSet({
      pool,
      allocation: poolPolicy(pool).allocation,
      sets: mediaSets.list(),
      unfinished: new Set(unfinished),
      nowMs: nowMs(),
    });
    for (const closed of closes) mediaSets.put({ ...closed, closedAtMs: nowMs() });
    if (set !== undefined) return set.uuid;
    const begun = { uuid: newUuid(), pool, createdAtMs: nowMs() };
    mediaSets.put(begun);
    return begun.uuid;
  }

  /**
   * The next volume of the set, loaded and proved, standing where the next segment goes.
   * @throws OperatorError ERR_TAPE_POOL_EXHAUSTED with the reasons, where none will do
   */
  async next(wish: VolumeWish): Promise<LoadedVolume> {
    const { library } = this.#environment;
    return this.#orAsk(async () => {
      const choice = await this.#chooseWithDrive(wish);
      let refused: Error | undefined;
      for (const candidate of await this.#inOrder(choice.candidates)) {
        try {
          const loaded = await renewed(this.#seat, () => this.#load(candidate, wish));
          if (loaded !== undefined) return loaded;
        } catch (error) {
          // A cartridge that is not what it should be is set aside; the next one may do.
          if (!this.#isOfCandidate(error)) throw error;
          this.#setAside(candidate.volume, error);
          refused = error instanceof OperatorError || error instanceof DeviceError ? error : refused;
        }
      }
      if (refused !== undefined) throw refused;
      const isAsFound = choice.candidates.length === 0;
      throw this.#exhausted(wish, isAsFound ? choice : this.#choose(wish, await library.presentTags()));
    });
  }

  /** A named cartridge in the drive; waits for a drive, for the cartridge, and for a person where one must bring it. */
  async mount(volumeTag: string): Promise<TapeDrive> {
    return this.#orAsk(() => this.#seat.mount(volumeTag));
  }

  /** From here on the volume is this job's, and belongs to its media set. */
  markInUse({ volumeUuid, volumeTag }: TapeVolumeIdentity, { token, mediaSet }: WriteSession): void {
    const { atomically, volumes } = this.#environment;
    const entry = atomically(() => {
      const setNumber = nextSetNumber(volumes.list(), mediaSet);
      return volumes.change(volumeUuid, (now) => {
        // Chosen before: a person may have been quicker, and is obeyed.
        if (now.state === "retired") throw this.#failure.interrupted(retired(volumeTag));
        const isInSet = now.mediaSet === mediaSet && now.setNumber !== undefined;
        return { ...now, state: "inUse", lastJobId: token.jobId, ...(isInSet ? {} : { mediaSet, setNumber }) };
      });
    });
    if (entry === undefined) throw new OperatorError(`volume ${volumeTag} is not in the catalog: label it first`);
  }

  /** A volume that this job took and never wrote on is what it was before. */
  #asBefore(volume: VolumeEntry, { written = [] }: VolumeWish): VolumeEntry {
    const isTakenInVain =
      volume.state === "inUse" && volume.lastJobId === this.#request.jobId && !written.includes(volume.volumeUuid);
    return isTakenInVain ? { ...volume, state: volume.tapeFiles > 1 ? "appendable" : "empty" } : volume;
  }

  /** Chosen with a drive in hand: while it was waited for, another job may have finished with a volume of the set. */
  async #chooseWithDrive(wish: VolumeWish): Promise<VolumeChoice> {
    const { library } = this.#environment;
    const choice = this.#choose(wish, await library.presentTags());
    const [best] = choice.candidates;
    if (best === undefined) return choice;
    await this.#seat.take(best.volume.volumeTag);
    return this.#choose(wish, await library.presentTags());
  }

  /** A person brings one cartridge at a time: they were asked for this one. */
  #mustWaitFor(error: OperatorError): boolean {
    return this.#environment.library.isFedAtDrive && error.code === "ERR_TAPE_CARTRIDGE_MISSING";
  }

  /** Where a person or a stacker feeds the drive: what is in it already, so that nobody is asked in vain. */
  async #inOrder(candidates: readonly VolumeCandidate[]): Promise<readonly VolumeCandidate[]> {
    if (!this.#environment.library.isFedAtDrive || candidates.length === 0) return candidates;
    const loaded = await this.#seat.loadedTag();
    const isLoaded = ({ volume }: VolumeCandidate): boolean => volume.volumeTag === loaded;
    return [...candidates.filter(isLoaded), ...candidates.filter((candidate) => !isLoaded(candidate))];
  }

  #choose(wish: VolumeWish, present: ReadonlySet<string>): VolumeChoice {
    const known = knownMedia(this.#environment);
    const volumes = known.volumes.map((volume) => this.#asBefore(volume, wish));
    return chooseVolumes({ ...known, volumes }, { ...wish, present });
  }

  async #load({ volume }: VolumeCandidate, wish: VolumeWish): Promise<LoadedVolume | undefined> {
    const drive = await this.#seat.tryMount(volume.volumeTag);
    if (drive === undefined) return undefined;
    // Chosen before the drive was waited for: another job may have been quicker.
    const now = this.#choose(wish, new Set([volume.volumeTag])).candidates.find(
      (candidate) => candidate.volume.volumeUuid === volume.volumeUuid,
    );
    if (now === undefined) return undefined;
    if (!now.relabel) return standAtEnd(drive, now.volume);
    await identify(drive, volume);
    const recordSizeBytes = wish.recordSizeBytes ?? volume.recordSizeBytes;
    return standAtEnd(drive, await labelAnew(this.#environment, drive, { ...volume, recordSizeBytes }));
  }

  /** Whether the fault is this cartridge's, or lies where it is: of another one there may be more to hope for. */
  #isOfCandidate(error: unknown): error is TapeError {
    if (error instanceof OperatorError) return !this.#mustWaitFor(error);
    const kind = writeFailureKind(error);
    return kind === "volume" || kind === "protected" || isOutOfReach(error);
  }

  #setAside({ volumeUuid, volumeTag }: VolumeEntry, error: TapeError): void {
    const { volumes, cartridges, nowMs } = this.#environment;
    if (isOutOfReach(error) || error instanceof LibraryFaultError) return;
    if (!(error instanceof OperatorError)) return this.#failure.closeVolume({ volumeUuid, volumeTag }, error);
    if (error.code === "ERR_TAPE_VOLUME_ALTERED") volumes.change(volumeUuid, (now) => ({ ...now, state: "altered" }));
    const lastError = { atMs: nowMs(), text: error.message };
    cartridges.change(volumeTag, (cartridge) => ({
      ...cartridge,
      lastError,
      ...(error.code === "ERR_TAPE_CARTRIDGE_PROTECTED" ? { writeProtected: true } : {}),
      ...(error.code === "ERR_TAPE_CARTRIDGE_FOREIGN" ? { kind: "foreign" } : {}),
    }));
  }

  #exhausted({ pool }: VolumeWish, { absent, refused }: VolumeChoice): OperatorError {
    const { requests, nowMs } = this.#environment;
    const { jobId } = this.#request;
    const volumeTags = absent.map(({ volume }) => volume.volumeTag);
    const advice =
      volumeTags.length > 0
        ? `load one of: ${volumeTags.join(" ")}`
        : `put cartridges into the library and label them (tidemark volume label --all --pool ${pool})`;
    const reasons = refused.map(({ volume, reason }) => `${volume.volumeTag}: ${reason}`);
    const because = reasons.length === 0 ? "" : ` (${reasons.slice(0, reasonsTold).join("; ")})`;
    const text = `no cartridge of pool "${pool}" in the library can be written${because}: ${advice}`;
    requests.open({ kind: "load", volumeTags, pool, jobId, text, sinceMs: nowMs() });
    return new OperatorError(text, { code: "ERR_TAPE_POOL_EXHAUSTED" });
  }

  /** Tries; where a person is needed, gives the drive back and tries again until the time that people have is over. */
  async #orAsk<T>(attempt: () => Promise<T>): Promise<T> {
    const { library, nowMs, operatorWaitMs, requests } = this.#environment;
    const { jobId, onNotice } = this.#request;
    const deadlineMs = nowMs() + operatorWaitMs;
    let said: string | undefined;
    for (;;) {
      try {
        const done = await attempt();
        if (said !== undefined) requests.closeOfJob(jobId);
        return done;
      } catch (error) {
        if (!isForOperator(error)) throw error;
        if (!library.isFedAtDrive) await this.#seat.leave();
        if (nowMs() >= deadlineMs) throw error;
        if (said !== error.message) onNotice?.({ kind: "waitingForOperator", text: error.message });
        said = error.message;
        await this.#pause(lookAgainMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#request;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(new JobError("stopped while waiting for a cartridge", { code: "ERR_TAPE_JOB_INTERRUPTED" }));
      };
      const cancel = this.#environment.after(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      if (signal?.aborted === true) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }
}

function retired(volumeTag: string): OperatorError {
  return new OperatorError(`${volumeTag} was taken out of use before this job had written on it`);
}

/** In a drive that another process, or another host, uses. */
function isOutOfReach(error: unknown): boolean {
  return (
    error instanceof TapeError && (error.code === "ERR_TAPE_DEVICE_LOCKED" || error.code === "ERR_TAPE_DEVICE_RESERVED")
  );
}

function isForOperator(error: unknown): error is OperatorError {
  return (
    error instanceof OperatorError &&
    (error.code === "ERR_TAPE_CARTRIDGE_MISSING" || error.code === "ERR_TAPE_POOL_EXHAUSTED")
  );
}
