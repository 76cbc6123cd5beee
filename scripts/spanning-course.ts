// SPDX-License-Identifier: Apache-2.0
/**
 * The course of a job in `scripts/spanning`: begun, killed again and again at random places of the tape, one cartridge
 * missing at a resume; and what each interruption cost.
 */
import type { SpanningLibrary } from "./spanning-library.ts";
import { Noise } from "./make-tree.ts";
import { lastLines } from "./spanning-product.ts";
import type { Ended, Product } from "./spanning-product.ts";

const exitCodes = { done: 0, interrupted: 4, needsOperator: 5, deviceFailure: 6 } as const;

export interface CourseWish {
  readonly interruptions: number;
  readonly seed: number;
  /** About the bytes that the whole job puts on tape. */
  readonly streamBytes: number;
  readonly backup: readonly string[];
}

/** What the plan of a resume says of a part of the job, as far as it is looked at here. */
interface ResumePlan {
  readonly jobId: string;
  /** Absent where the part has not written anything. */
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
  readonly jobId: string;
  readonly status: string;
  readonly bytes: number;
  readonly segments: readonly SegmentStatus[];
  /** Of a job that is written by several drives at once: each part has a stream of its own. */
  readonly parts?: readonly string[];
}

/** What an interruption did to one part of the job. */
export interface InterruptedPart {
  readonly jobId: string;
  /** The cartridge that was being written. */
  readonly volumeTag: string;
  /** Where the stream on the cartridges ends, and where the resume goes on. */
  readonly streamOnTape: number;
  readonly resumedAt: number;
  readonly discardedBytes: number;
  /** Bytes of the stream that are on tape, are not discarded, and are written nevertheless. */
  readonly twiceBytes: number;
  readonly continued: boolean;
}

export interface Interruption {
  readonly number: number;
  readonly how: "SIGKILL" | "library crash";
  /** Bytes on all cartridges when it was over. */
  readonly imageBytes: number;
  /** Those that are not complete. */
  readonly parts: readonly InterruptedPart[];
  /** The cartridge that a first resume did not find. */
  readonly missing?: string;
  /** How the run ended whose library crashed. */
  readonly exitCode?: number;
}

export interface Course {
  readonly jobId: string;
  readonly interruptions: readonly Interruption[];
}

interface OperatorRequest {
  readonly kind: string;
  readonly volumeTags: readonly string[];
}

/** The first job of a new installation. */
const jobId = "1";

/** The last bytes are left alone: a run that is to be killed there could be faster. */
const endShare = 0.08;

export class SpanningCourse {
  readonly #library: SpanningLibrary;
  readonly #product: Product;
  readonly #wish: CourseWish;
  readonly #recordBytes: number;
  readonly #say: (text: string) => void;
  readonly #noise: Noise;
  readonly #missingAt: number;
  readonly #crashAt: number | undefined;
  #begunBytes = 0;

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
    this.#noise = new Noise(wish.seed);
    // The last one: without its cartridge one part stands still, while the others go on to their ends.
    this.#missingAt = wish.interruptions - 1;
    this.#crashAt = library.crash === undefined ? undefined : this.#noise.number(0, Math.max(1, wish.interruptions));
  }

  async run(): Promise<Course> {
    const interruptions: Interruption[] = [];
    this.#begunBytes = this.#library.writtenBytes();
    let command = this.#wish.backup;
    for (let index = 0; index < this.#wish.interruptions; index++) {
      const interruption = await this.#interrupt(index, command);
      interruptions.push(interruption);
      this.#say(sentence(interruption));
      command = ["job", "resume", jobId];
    }
    const ended = await this.#product.run(...command, "--json");
    if (ended.code !== exitCodes.done) throw new Error(`the last run ${howItEnded(ended)}`);
    this.#tellNotices(ended);
    this.#say("the job is complete");
    return { jobId, interruptions };
  }

  async #interrupt(index: number, command: readonly string[]): Promise<Interruption> {
    const how = index === this.#crashAt ? "library crash" : "SIGKILL";
    const dueBytes = this.#place(index);
    const isTime = (): boolean => this.#library.writtenBytes() >= dueBytes;
    const exitCode = await (how === "SIGKILL" ? this.#kill(isTime, command) : this.#crash(isTime, command));
    const imageBytes = this.#library.writtenBytes();
    const missing = index === this.#missingAt ? await this.#loseCartridge() : undefined;
    const plans = await this.#plans();
    const parts = await Promise.all(plans.map((plan) => this.#interruptedPart(plan)));
    return {
      number: index + 1,
      how,
      imageBytes,
      parts: parts.filter((part) => part !== undefined),
      ...(missing === undefined ? {} : { missing }),
      ...(exitCode === undefined ? {} : { exitCode }),
    };
  }

  /** Somewhere in the next one of as many stretches of what is left as there are interruptions to come. */
  #place(index: number): number {
    const written = this.#library.writtenBytes();
    const left = Math.max(0, this.#wish.streamBytes * (1 - endShare) - (written - this.#begunBytes));
    const stretch = Math.floor(left / (this.#wish.interruptions - index));
    return written + this.#noise.number(1, Math.max(2, stretch));
  }

  async #plans(): Promise<readonly ResumePlan[]> {
    const plan = await this.#product.json<ResumePlan | { readonly parts: readonly ResumePlan[] }>(
      "job",
      "resume",
      jobId,
      "--plan",
    );
    return "parts" in plan ? plan.parts : [plan];
  }

  async #interruptedPart({ jobId: part, tape, continued }: ResumePlan): Promise<InterruptedPart | undefined> {
    if (tape === undefined) return undefined;
    const { segments } = await this.#product.json<JobDetails>("job", "show", part);
    const { volumeTag, streamOffset, boundaryBlock } = tape;
    const end = this.#library.objects(volumeTag)?.length ?? tape.endOfData;
    const streamOnTape = streamBefore(segments, volumeTag, end, this.#recordBytes);
    const kept = streamBefore(segments, volumeTag, boundaryBlock, this.#recordBytes);
    return {
      jobId: part,
      volumeTag,
      streamOnTape,
      resumedAt: streamOffset,
      discardedBytes: streamOnTape - kept,
      twiceBytes: kept - streamOffset,
      continued: continued !== undefined,
    };
  }

  async #kill(isTime: () => boolean, command: readonly string[]): Promise<undefined> {
    const ended = await this.#product.runUntil(isTime, [...command, "--json"]);
    if (ended.code !== null) throw new Error(`the run that was to be killed ${howItEnded(ended)}`);
    this.#tellNotices(ended);
    return undefined;
  }

  /** The library goes; the product must notice, and say that the job can be resumed. */
  async #crash(isTime: () => boolean, command: readonly string[]): Promise<number> {
    let crashed: Promise<void> | undefined;
    const ended = await this.#product.runUntil(isTime, [...command, "--json"], () => {
      crashed = this.#library.crash?.();
    });
    await crashed;
    const isExpected = ended.code === exitCodes.interrupted || ended.code === exitCodes.deviceFailure;
    if (crashed === undefined || !isExpected) throw new Error(`the run whose library crashed ${howItEnded(ended)}`);
    await this.#library.restart();
    this.#say(`the library crashed: exit code ${ended.code}, ${messageOf(ended)}`);
    return ended.code;
  }

  /** Takes the cartridge out that a part needs: the resume must say which one it wants, and write nothing on others. */
  async #loseCartridge(): Promise<string> {
    const wanted = (await this.#plans()).flatMap(({ tapeVolumesWanted }) => tapeVolumesWanted).at(0);
    if (wanted === undefined) throw new Error("no part of the job wants a cartridge");
    await this.#library.takeOut(wanted);
    const ended = await this.#product.run("job", "resume", jobId, "--json");
    if (ended.code !== exitCodes.needsOperator || !ended.error.includes(wanted))
      throw new Error(`the resume without ${wanted} ${howItEnded(ended)}`);
    this.#say(`${wanted} is missing at the resume: ${messageOf(ended)}`);
    const { requests } = await this.#product.json<{ readonly requests: readonly OperatorRequest[] }>(
      "library",
      "requests",
    );
    if (!requests.some(({ kind, volumeTags }) => kind === "load" && volumeTags.includes(wanted)))
      throw new Error(`no request asks for ${wanted}: ${JSON.stringify(requests)}`);
    await this.#library.putBack(wanted);
    return wanted;
  }

  /** What the product had to say, such as that it went on after a failed write. */
  #tellNotices({ out }: Ended): void {
    for (const line of out.split("\n")) {
      if (!line.startsWith('{"type":"notice"')) continue;
      const { kind, text } = JSON.parse(line) as { readonly kind: string; readonly text: string };
      if (kind === "goesOn") this.#say(text);
    }
  }
}

/** How much of the stream lies on the cartridges in front of an object of the one that is being written. */
function streamBefore(
  segments: readonly SegmentStatus[],
  volumeTag: string,
  object: number,
  recordBytes: number,
): number {
  return segments.reduce((furthest, segment) => {
    const known = segment.streamEnd ?? Number.POSITIVE_INFINITY;
    const counted = segment.streamStart + Math.max(0, object - segment.firstDataBlock) * recordBytes;
    const end = segment.volumeTag === volumeTag ? Math.min(known, counted) : (segment.streamEnd ?? segment.streamStart);
    return Math.max(furthest, end);
  }, 0);
}

function sentence({ number, how, imageBytes, parts }: Interruption): string {
  const where = parts.map(({ volumeTag, resumedAt, discardedBytes }) => {
    return `${volumeTag} goes on at stream offset ${resumedAt}, ${discardedBytes} bytes discarded`;
  });
  return `interruption ${number} (${how}) at ${imageBytes} bytes on the cartridges: ${where.join("; ")}`;
}

function howItEnded({ code, out, error }: Ended): string {
  return `${code === null ? "was killed" : `ended with ${code}`}:\n${lastLines(out)}\n${lastLines(error)}`;
}

function messageOf({ error }: Ended): string {
  const line = error.trim().split("\n").at(-1) ?? "";
  const parsed = JSON.parse(line) as { readonly error?: { readonly message?: string } };
  return parsed.error?.message ?? line;
}
