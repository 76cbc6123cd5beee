// SPDX-License-Identifier: Apache-2.0
/** A verification: what lies on tape is read and compared with the catalog; nothing is written anywhere. */
import { JobError } from "../errors.ts";
import type { VerificationSession, VerificationSummary } from "../protocol/data-server.ts";
import type { RunOptions } from "../protocol/job.ts";
import type { UnreadableBlocks } from "../protocol/media-server.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { sessionOptions } from "./session-options.ts";

export interface VerifyWish {
  readonly jobId: string;
  /** Only what lies on this volume; everything of the job where it is not given. */
  readonly volumeUuid?: string;
}

export interface VerifyResult extends VerificationSummary {
  readonly jobId: string;
  /** In the order in which they were read. */
  readonly volumeTags: readonly string[];
  readonly unreadable: readonly UnreadableBlocks[];
  /**
   * Objects that lie on other volumes too: their parts on the wanted one were read, but a digest is of all of an
   * object. At most 1000; `partsCount` has them all.
   */
  readonly parts: readonly Uint8Array[];
  readonly partsCount: bigint;
}

const mostListed = 1000;
export async function verifyJob(
  environment: JobManagerEnvironment,
  wish: VerifyWish,
  options: RunOptions,
): Promise<VerifyResult> {
  const { catalogServer } = environment;
  const media = environment.mediaServer.openSession({ ...sessionOptions(wish.jobId, options), purpose: "verify" });
  const session = await environment.connectDataServer().openVerification();
  const volumeTags: string[] = [];
  const unreadable: UnreadableBlocks[] = [];
  const parts: Uint8Array[] = [];
  let partsCount = 0n;
  const stopProgress = reportProgress(environment, wish.jobId, session, () => volumeTags.at(-1), options);
  try {
    for await (const batch of catalogServer.verificationBatches(wish.jobId, wish.volumeUuid)) {
      session.expect(batch.objects);
      parts.push(...batch.parts.slice(0, mostListed - parts.length));
      partsCount += BigInt(batch.parts.length);
      for (const stretch of batch.stretches) {
        if (options.signal?.aborted === true) throw new JobError("the verification was stopped before its end");
        if (!volumeTags.includes(stretch.volumeTag)) volumeTags.push(stretch.volumeTag);
        unreadable.push(...(await media.readStretch(stretch, session)));
      }
    }
    return { jobId: wish.jobId, volumeTags, unreadable, parts, partsCount, ...(await session.finish()) };
  } finally {
    stopProgress();
    await media.close();
  }
}

function reportProgress(
  environment: JobManagerEnvironment,
  jobId: string,
  session: VerificationSession,
  volumeTag: () => string | undefined,
  options: RunOptions,
): () => void {
  let lastBytes = 0n;
  let lastMs = environment.nowMs();
  return environment.everyReport(() => {
    const { objects, bytes } = session.progress();
    const nowMs = environment.nowMs();
    const tag = volumeTag();
    options.onProgress?.({
      type: "progress",
      jobId,
      phase: "verifying",
      objects,
      bytes,
      bytesPerSecond: Math.round(Number(bytes - lastBytes) / (Math.max(nowMs - lastMs, 1) / 1000)),
      streamOffset: bytes,
      bytesAtRisk: 0n,
      ...(tag === undefined ? {} : { volumeTag: tag }),
      currentPath: Buffer.alloc(0),
    });
    lastBytes = bytes;
    lastMs = nowMs;
  });
}
