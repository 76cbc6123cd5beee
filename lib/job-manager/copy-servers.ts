// SPDX-License-Identifier: Apache-2.0
import type { MediaServer } from "../protocol/media-server.ts";

/** Two sessions, each with a drive of its own: one reads the job's cartridges, one writes the copy's. */
export interface CopyServers {
  readonly reading: Pick<MediaServer, "readStretch">;
  readonly writing: Pick<
    MediaServer,
    | "prepare"
    | "examine"
    | "beginWriting"
    | "endSegmentAt"
    | "cutSegmentAt"
    | "nextSegment"
    | "checkpointAndStop"
    | "failure"
    | "progress"
    | "counts"
    | "endWriting"
  >;
}
