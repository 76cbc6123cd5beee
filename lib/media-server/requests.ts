// SPDX-License-Identifier: Apache-2.0
/** What a library asks of a person. */
import { OperatorError } from "../errors.ts";
import type { OperatorRequest } from "../protocol/operator-request.ts";
import type { CartridgeEntry } from "../protocol/volume.ts";
import type { LibraryEnvironment } from "./library-environment.ts";

type RequestEnvironment = Pick<LibraryEnvironment, "requests" | "cartridges" | "nowMs">;

/** `LTO042L9 (in vault "bank")`. */
export function whereText(cartridge: CartridgeEntry | undefined, volumeTag: string): string {
  return cartridge?.location.kind === "vault" ? `${volumeTag} (in vault "${cartridge.location.name}")` : volumeTag;
}

/**
 * Asks for one of the cartridges.
 * @returns the error that the one who wanted it gets
 */
export function askToLoad(
  environment: RequestEnvironment,
  wanted: {
    readonly volumeTags: readonly string[];
    /** `into the library`, `into drive-0`. */
    readonly place: string;
    readonly device?: string;
    readonly jobId?: string;
    /** Instead of naming the cartridges. */
    readonly what?: string;
  },
): OperatorError {
  const { cartridges, requests, nowMs } = environment;
  const names = wanted.volumeTags.map((tag) => whereText(cartridges.get(tag), tag));
  const text = `${wanted.what ?? `load one of: ${names.join(", ")}`}: put it ${wanted.place}`;
  requests.open({
    kind: "load",
    volumeTags: wanted.volumeTags,
    text,
    sinceMs: nowMs(),
    ...(wanted.device === undefined ? {} : { device: wanted.device }),
    ...(wanted.jobId === undefined ? {} : { jobId: wanted.jobId }),
  });
  return new OperatorError(text, { code: "ERR_TAPE_CARTRIDGE_MISSING" });
}

/** Asks for a look at a device, or for a cartridge. */
export function askToLook(environment: RequestEnvironment, device: string, text: string, volumeTag?: string): void {
  const volumeTags = volumeTag === undefined ? [] : [volumeTag];
  environment.requests.open({ kind: "look", volumeTags, device, text, sinceMs: environment.nowMs() });
}

/** Asks for cartridges to be taken out of a device. */
export function askToRemove(
  environment: RequestEnvironment,
  device: string,
  text: string,
  volumeTags: readonly string[],
): void {
  environment.requests.open({ kind: "remove", volumeTags, device, text, sinceMs: environment.nowMs() });
}

/** What was asked for has come about. A request of another job stays: its own job sees to it. */
export function closeRequests(
  environment: Pick<RequestEnvironment, "requests">,
  done: {
    readonly kind: OperatorRequest["kind"];
    readonly volumeTag?: string;
    readonly device?: string;
    readonly jobId?: string;
    /** Only requests that name no cartridge. */
    readonly ofNoCartridge?: boolean;
  },
): void {
  for (const request of environment.requests.list()) {
    const isMeant =
      request.kind === done.kind &&
      (done.volumeTag === undefined || request.volumeTags.includes(done.volumeTag)) &&
      (done.device === undefined || request.device === done.device) &&
      (done.ofNoCartridge !== true || request.volumeTags.length === 0) &&
      (request.jobId === undefined || done.jobId === undefined || request.jobId === done.jobId);
    if (isMeant) environment.requests.close(request.id);
  }
}
