// SPDX-License-Identifier: Apache-2.0
/** One redrawn line while a measurement runs; only on a terminal: elsewhere the report says all. */
import type { BenchProgress } from "../service/drive-bench.ts";
import type { Session } from "./session.ts";
import { rateText, sizeText } from "./text.ts";

const redrawIntervalMs = 100;

export class BenchProgressLine {
  readonly #session: Session;
  #lastShownMs = Number.NEGATIVE_INFINITY;
  #isOpen = false;

  constructor(session: Session) {
    this.#session = session;
  }

  show(progress: BenchProgress): void {
    const { terminal, json } = this.#session;
    if (json || !terminal.errorIsTerminal) return;
    const now = terminal.nowMs();
    if (now - this.#lastShownMs < redrawIntervalMs) return;
    this.#lastShownMs = now;
    terminal.writeError(`\r\u001b[2K${benchProgressLine(progress).slice(0, terminal.columns() - 1)}`);
    this.#isOpen = true;
  }

  /** Takes the line away, so that what follows starts on an empty one. */
  end(): void {
    if (this.#isOpen) this.#session.terminal.writeError("\r\u001b[2K");
    this.#isOpen = false;
  }
}

const phases: Readonly<Record<BenchProgress["phase"], string>> = {
  recordSizes: "trying records of",
  stream: "streaming records of",
  source: "feeding files, records of",
};

export function benchProgressLine({ phase, recordSizeBytes, bytes, elapsedUs }: BenchProgress): string {
  const rate = elapsedUs === 0 ? 0 : (Number(bytes) * 1_000_000) / elapsedUs;
  return [`${phases[phase]} ${sizeText(BigInt(recordSizeBytes))}`, sizeText(bytes), rateText(rate)].join("  ");
}
