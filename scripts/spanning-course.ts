// SPDX-License-Identifier: Apache-2.0
/**
 * The course of a job in `scripts/spanning`: begun, killed again and again at random places of the tape, one cartridge
 * missing at a resume; and what each interruption cost.
 */
import type { SpanningLibrary } from "./spanning-library.ts";
import { Noise } from "./make-tree.ts";
import { lastLines } from "./spanning-product.ts";
import type { Ended, Product } from "./spanning-product.ts";

export const exitCodes = { done: 0, interrupted: 4, needsOperator: 5 } as const;

export interface CourseWish {
  readonly interruptions: number;
  readonly seed: number;
  /** About the bytes that the whole job puts on tape. */
  readonly streamBytes: number;
  readonly backup: readonly string[];
}

/** What the plan of a resume says, as far as it is looked at here. */
interface ResumePlan {
  readonly tape?: {
    readonly volumeTag: string;
    readonly streamOffset: number;
    readonly endOfData: number;
    readonly boundaryBlock: number;
    readonly discardedBlocks: number;
  };
  readonly tapeVolumesWanted: readonly string[];
  readonly continued?: { readonly path: string; readonly fromByte: number; readonly archivedBytes: number };
}

export interface SegmentStatus {
  readonly segment: number;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly firstDataBlock: number;
  readonly streamStart: number;
  readonly streamEnd?: number;
  readonly ended?: "closed" | "cut";
}

export interface JobDetails {
  readonly status: string;
  readonly objects: number;
  readonly bytes: number;
  readonly interruptions: number;
  readonly segments: readonly SegmentStatus[];
}

export interface Interruption {
  readonly number: number;
  readonly how: "SIGKILL" | "library crash";
  /** Bytes on all cartridges when it was due, and when it was over. */
  readonly dueBytes: number;
  readonly imageBytes: number;
  /** The cartridge that was being written. */
  readonly volumeTag: string;
  /** Where the stream on the cartridges ends, and where the resume goes on. */
  readonly streamOnTape: number;
  readonly resumedAt: number;
  readonly discardedBytes: number;
  /** Bytes of the stream that were on tape, were not discarded, and are written nevertheless. */
  readonly twiceBytes: number;
  readonly continued: boolean;
  /** The cartridge that a first resume did not find. */
  readonly missing?: string;
  /** How the run ended whose library crashed. */
  readonly exitCode?: number;
}

export interface Course {
  readonly jobId: string;
  readonly interruptions: readonly Interruption[];
}

const jobId = "1";

export class SpanningCourse {
  readonly #library: SpanningLibrary;
  readonly #product: Product;
  readonly #wish: CourseWish;
  readonly #recordBytes: number;
  readonly #say: (text: string) => void;
  readonly #places: readonly number[];
  readonly #missingAt: number;
  readonly #crashAt: number | undefined;

  constructor(
    library: SpanningLibrary,
    product: Product,
    wish: CourseWish,
    settings: { readonly recordBytes: number; readonly say: (text: string) => void },
  ) {
    this.#library = library;
    this.#product = product;
    this.#wish = wish;
    this.#recordBytes = settings.recordBytes;
    this.#say = settings.say;
    const noise = new Noise(wish.seed);
    this.#places = placesOf(noise, wish);
    this.#missingAt = noise.number(0, Math.max(1, wish.interruptions));
    this.#crashAt = library.crash === undefined ? undefined : noise.number(0, Math.max(1, wish.interruptions));
  }

  async run(): Promise<Course> {
    const interruptions: Interruption[] = [];
    const begunBytes = this.#library.writtenBytes();
    let command = this.#wish.backup;
    for (const [index, place] of this.#places.entries()) {
      const interruption = await this.#interrupt(index, begunBytes + place, command);
      interruptions.push(interruption);
      this.#say(sentence(interruption));
      command = ["job", "resume", jobId];
    }
    const ended = await this.#product.run(...command, "--json");
    if (ended.code !== exitCodes.done) throw new Error(`the last run ${howItEnded(ended)}`);
    this.#say("the job is complete");
    return { jobId, interruptions };
  }

  async #interrupt(index: number, dueBytes: number, command: readonly string[]): Promise<Interruption> {
    const how = index === this.#crashAt ? "library crash" : "SIGKILL";
    const isTime = (): boolean => this.#library.writtenBytes() >= dueBytes;
    const exitCode = await (how === "SIGKILL" ? this.#kill(isTime, command) : this.#crash(isTime, command));
    const imageBytes = this.#library.writtenBytes();
    const missing = index === this.#missingAt ? await this.#loseCartridge() : undefined;
    const plan = await this.#product.json<ResumePlan>("job", "resume", jobId, "--plan");
    const { tape } = plan;
    if (tape === undefined) throw new Error(`interruption ${index + 1} came before anything was on tape`);
    const streamOnTape = await this.#streamOnTape(tape);
    const discardedBytes = tape.discardedBlocks * this.#recordBytes;
    return {
      number: index + 1,
      how,
      dueBytes,
      imageBytes,
      volumeTag: tape.volumeTag,
      streamOnTape,
      resumedAt: tape.streamOffset,
      discardedBytes,
      twiceBytes: streamOnTape - tape.streamOffset - discardedBytes,
      continued: plan.continued !== undefined,
      ...(missing === undefined ? {} : { missing }),
      ...(exitCode === undefined ? {} : { exitCode }),
    };
  }

  async #kill(isTime: () => boolean, command: readonly string[]): Promise<undefined> {
    const ended = await this.#product.runUntil(isTime, [...command, "--json"]);
    if (ended.code !== null) throw new Error(`the run that was to be killed ${howItEnded(ended)}`);
    return undefined;
  }

  /** The library goes; the product must notice, and say that the job can be resumed. */
  async #crash(isTime: () => boolean, command: readonly string[]): Promise<number> {
    let crashed: Promise<void> | undefined;
    const ended = await this.#product.runUntil(isTime, [...command, "--json"], () => {
      crashed = this.#library.crash?.();
    });
    await crashed;
    if (crashed === undefined || ended.code !== exitCodes.interrupted)
      throw new Error(`the run whose library crashed ${howItEnded(ended)}`);
    await this.#library.restart();
    this.#say(`the library crashed: exit code ${ended.code}, ${messageOf(ended)}`);
    return ended.code;
  }

  /** Takes the cartridge out that the resume needs: it must say which one it wants, and write nothing. */
  async #loseCartridge(): Promise<string> {
    const { tapeVolumesWanted } = await this.#product.json<ResumePlan>("job", "resume", jobId, "--plan");
    const [wanted] = tapeVolumesWanted;
    if (wanted === undefined) throw new Error("the plan wants no cartridge");
    await this.#library.takeOut(wanted);
    const before = this.#library.writtenBytes();
    const ended = await this.#product.run("job", "resume", jobId, "--json");
    if (ended.code !== exitCodes.needsOperator || !ended.error.includes(wanted))
      throw new Error(`the resume without ${wanted} ${howItEnded(ended)}`);
    if (this.#library.writtenBytes() !== before) throw new Error(`the resume without ${wanted} wrote something`);
    this.#say(`${wanted} is missing at the resume: ${messageOf(ended)}`);
    await this.#library.putBack(wanted);
    return wanted;
  }

  /**
   * Where the stream on the cartridge ends: counted from the image, where there is one that can be read; the product's
   * own word is the last resort.
   */
  async #streamOnTape(tape: NonNullable<ResumePlan["tape"]>): Promise<number> {
    const { segments } = await this.#product.json<JobDetails>("job", "show", jobId);
    const objects = this.#library.objects(tape.volumeTag)?.length ?? tape.endOfData;
    const last = segments.filter(({ volumeTag }) => volumeTag === tape.volumeTag).at(-1);
    if (last === undefined || last.streamEnd !== undefined || objects <= last.firstDataBlock) return tape.streamOffset;
    return last.streamStart + (objects - last.firstDataBlock) * this.#recordBytes;
  }
}

/** One place in each stretch of the stream, so that none falls on another one; where in the stretch is random. */
function placesOf(noise: Noise, { interruptions, streamBytes }: CourseWish): readonly number[] {
  const [from, to] = [0.04, 0.94];
  const stretch = ((to - from) * streamBytes) / interruptions;
  return Array.from({ length: interruptions }, (_, index) =>
    Math.floor(from * streamBytes + index * stretch + noise.number(0, Math.max(1, Math.floor(stretch)))),
  );
}

function sentence(interruption: Interruption): string {
  const { number, how, imageBytes, volumeTag, resumedAt, discardedBytes } = interruption;
  return `interruption ${number} (${how}) at ${imageBytes} bytes on the cartridges, on ${volumeTag}: goes on at stream offset ${resumedAt}, ${discardedBytes} bytes discarded`;
}

function howItEnded({ code, out, error }: Ended): string {
  return `${code === null ? "was killed" : `ended with ${code}`}:\n${lastLines(out)}\n${lastLines(error)}`;
}

function messageOf({ error }: Ended): string {
  const line = error.trim().split("\n").at(-1) ?? "";
  const parsed = JSON.parse(line) as { readonly error?: { readonly message?: string } };
  return parsed.error?.message ?? line;
}
