// SPDX-License-Identifier: Apache-2.0
/** What only a person can do for a job, kept until it is done. */

export interface OperatorRequest {
  readonly id: string;
  /** `load`: bring one of the cartridges into the library (or the drive). `remove`: take them out. `look`: see to it. */
  readonly kind: "load" | "remove" | "look";
  /** One of them will do. Empty where any cartridge of `pool` does. */
  readonly volumeTags: readonly string[];
  readonly pool?: string;
  readonly jobId?: string;
  /** Name of the drive or element that it is about. */
  readonly device?: string;
  /** The whole request in one sentence. */
  readonly text: string;
  readonly sinceMs: number;
}

export interface OperatorRequestRegister {
  /** Asking the same for the same job again gives the request that is there. */
  open(request: Omit<OperatorRequest, "id">): OperatorRequest;
  close(id: string): void;
  /** All requests of a job: it has ended, or goes on. */
  closeOfJob(jobId: string): void;
  list(): readonly OperatorRequest[];
}
