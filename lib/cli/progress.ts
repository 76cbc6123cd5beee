// SPDX-License-Identifier: Apache-2.0
/** Shows how a job goes on: one redrawn line on a terminal, a plain line every few seconds elsewhere, or NDJSON. */
import type { JobNotice, JobProgress } from "../service/api.ts";
import { waitText } from "./job-time-text.ts";
import { jsonText } from "./json-text.ts";
import type { Session } from "./session.ts";
import { countText, pathText, rateText, sizeText } from "./text.ts";

const redrawIntervalMs = 100;
const plainIntervalMs = 5000;

export class ProgressDisplay {
  readonly #session: Session;
  #lastShownMs = Number.NEGATIVE_INFINITY;
  #isLineOpen = false;

  constructor(session: Session) {
    this.#session = session;
  }

  show(progress: JobProgress): void {
    const { terminal, json } = this.#session;
    if (json) {
      // Programs get every report; how often there is one is the service's choice.
      terminal.writeOut(`${jsonText(progress)}\n`);
      return;
    }
    const now = terminal.nowMs();
    const interval = terminal.errorIsTerminal ? redrawIntervalMs : plainIntervalMs;
    if (now - this.#lastShownMs < interval) return;
    this.#lastShownMs = now;
    if (terminal.errorIsTerminal) {
      terminal.writeError(`\r\u001b[2K${progressLine(progress, terminal.columns() - 1)}`);
      this.#isLineOpen = true;
    } else {
      terminal.writeError(`${progressLine(progress, Number.MAX_SAFE_INTEGER)}\n`);
    }
  }

  /** A line of its own, for what a person should know. */
  note(notice: JobNotice): void {
    const { terminal, json } = this.#session;
    if (json) {
      terminal.writeOut(`${jsonText({ ...notice })}\n`);
      return;
    }
    // The line of progress names the volume all the time.
    if (notice.kind === "volumeMounted") return;
    this.end();
    terminal.writeError(`${notice.text}\n`);
  }

  /** Takes the redrawn line away, so that what follows starts on an empty one. */
  end(): void {
    if (this.#isLineOpen) this.#session.terminal.writeError("\r\u001b[2K");
    this.#isLineOpen = false;
  }
}

export function progressLine(progress: JobProgress, width: number): string {
  const where =
    progress.volumeTag === undefined
      ? []
      : [
          `${progress.volumeTag}${progress.tapePosition === undefined ? "" : ` object ${countText(progress.tapePosition)}`}`,
        ];
  const line = [
    progress.phase,
    `${countText(progress.objects)} files`,
    sizeText(progress.bytes),
    rateText(progress.bytesPerSecond),
    ...(progress.waitsFor === undefined ? [] : [waitText(progress.waitsFor)]),
    ...where,
    `${sizeText(progress.bytesAtRisk)} at risk`,
    pathText(progress.currentPath),
  ].join("  ");
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 3))}...`;
}
