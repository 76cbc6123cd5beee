// SPDX-License-Identifier: Apache-2.0
/** Work that takes long: it shows progress, and it can be interrupted. */
import type { RunOptions } from "../service/api.ts";
import { exitCodes } from "./exit-code.ts";
import { ProgressDisplay } from "./progress.ts";
import type { Session } from "./session.ts";

export interface LongWork<T> {
  readonly result: T;
  readonly wasInterrupted: boolean;
}

/**
 * Runs `work`. The first SIGINT or SIGTERM asks it to come to a good stop, which takes a checkpoint's time;
 * the second ends the process at once, and the next resume finds out what reached the tape.
 */
export async function runLongWork<T>(
  session: Session,
  work: (options: RunOptions) => Promise<T>,
): Promise<LongWork<T>> {
  const { terminal } = session;
  const abort = new AbortController();
  const display = new ProgressDisplay(session);
  const stopListening = terminal.onInterrupt(() => {
    if (abort.signal.aborted) {
      terminal.exitNow(exitCodes.signal);
      return;
    }
    display.end();
    session.remark("stopping at a good point; interrupt once more to stop at once");
    abort.abort();
  });
  try {
    const result = await work({
      signal: abort.signal,
      onProgress: (progress) => display.show(progress),
      onNotice: (notice) => display.note(notice),
    });
    return { result, wasInterrupted: abort.signal.aborted };
  } finally {
    stopListening();
    display.end();
  }
}
