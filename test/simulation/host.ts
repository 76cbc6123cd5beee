// SPDX-License-Identifier: Apache-2.0
/**
 * The computer of a simulated course. Every call of the process to its disk and its catalog store passes here, is
 * counted, and may be the one at which a fault happens. Without power nothing happens any more: each call throws.
 */
import { createHash } from "node:crypto";
import type { CallEffect, Crash, Fault } from "./fault.ts";

export class PowerOffError extends Error {
  constructor() {
    super("the simulated computer is off");
  }
}

export interface HostCall {
  /** What is called: `append`, `synchronise`, `jobs.update`. */
  readonly operation: string;
  /** What it concerns, for the trace. */
  readonly detail: string;
}

export interface HostOptions {
  readonly faults: readonly Fault[];
  /** Takes the power away. */
  readonly crash: (crash: Crash) => void;
  /** It may also have been taken away at a SCSI command. */
  readonly isOff: () => boolean;
}

export class Host {
  readonly #options: HostOptions;
  readonly #calls: HostCall[] = [];
  readonly #hash = createHash("sha256");
  readonly #faults: readonly (Fault & { readonly at: "call" })[];
  #sticky: Extract<CallEffect, { kind: "error" }> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#faults = options.faults.filter((fault) => fault.at === "call");
  }

  /** In order; the first one has number 1. */
  get calls(): readonly HostCall[] {
    return this.#calls;
  }

  digest(): Buffer {
    return this.#hash.copy().digest();
  }

  /**
   * Carries a call out, or lets happen what was planned for it.
   * @param faulty - what the call does where the fault is none that ends the process
   */
  pass<T>(call: HostCall, work: () => T, faulty: (effect: Exclude<CallEffect, Crash>) => T): T {
    if (this.#options.isOff()) throw new PowerOffError();
    const number = this.#calls.push(call);
    this.#hash.update(`${call.operation} ${call.detail}\n`);
    const effect = this.#faults.find((fault) => fault.number === number)?.effect ?? this.#sticky;
    if (effect === undefined) return work();
    if (effect.kind !== "crash") {
      if (effect.kind === "error" && effect.isSticky) this.#sticky = effect;
      return faulty(effect);
    }
    if (effect.isDone) work();
    this.#options.crash(effect);
    throw new PowerOffError();
  }
}
