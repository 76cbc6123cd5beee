// SPDX-License-Identifier: Apache-2.0
/** A restore: the catalog server says what lies where, the media server reads, the data server writes. */
import type { RestoreSummary } from "../protocol/data-server.ts";
import type { RunOptions } from "../protocol/job.ts";
import type { UnreadableBlocks } from "../protocol/media-server.ts";
import { JobError } from "../errors.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { sessionOptions } from "./session-options.ts";

export interface RestoreWish {
  readonly jobId: string;
  readonly paths: readonly Uint8Array[];
  readonly targetFolder: Uint8Array;
  readonly overwrite: boolean;
}

export interface RestoreOutcome extends RestoreSummary {
  readonly unreadable: readonly UnreadableBlocks[];
}

export async function runRestore(
  environment: JobManagerEnvironment,
  wish: RestoreWish,
  options: RunOptions,
): Promise<RestoreOutcome> {
  const { catalogServer } = environment;
  const recorded = await environment.chooseStream(wish.jobId);
  const media = environment.mediaServer.openSession({ ...sessionOptions(wish.jobId, options), purpose: "restore" });
  const dataServer = environment.connectDataServer();
  const session = await dataServer.openRestore({ folder: wish.targetFolder, overwrite: wish.overwrite });
  const unreadable: UnreadableBlocks[] = [];
  let volumeTag: string | undefined;
  let lastBytes = 0n;
  const stopProgress = environment.everyReport(() => {
    const { objects, bytes } = session.progress();
    options.onProgress?.({
      type: "progress",
      jobId: wish.jobId,
      phase: "restoring",
      objects,
      bytes,
      bytesPerSecond: Number(bytes - lastBytes),
      streamOffset: bytes,
      bytesAtRisk: 0n,
      ...(volumeTag === undefined ? {} : { volumeTag }),
      currentPath: Buffer.alloc(0),
    });
    lastBytes = bytes;
  });
  try {
    for await (const batch of catalogServer.restoreBatches(recorded, wish.paths)) {
      session.expect(batch.objects);
      for (const stretch of batch.stretches) {
        if (options.signal?.aborted === true)
          throw new JobError("the restore was stopped; what was restored so far is good");
        volumeTag = stretch.volumeTag;
        unreadable.push(...(await media.readStretch(stretch, session)));
      }
    }
    for await (const directories of catalogServer.directoriesToFinish(recorded, wish.paths)) {
      await session.finishDirectories(directories);
    }
    return { ...(await session.finish()), unreadable };
  } finally {
    stopProgress();
    await media.close();
  }
}
