// SPDX-License-Identifier: Apache-2.0
/** The way on where a cartridge is not what it must be, or does not hold what it must: its job would never end without. */
import { OperatorError } from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";

const identityCodes = [
  "ERR_TAPE_CARTRIDGE_UNLABELLED",
  "ERR_TAPE_CARTRIDGE_FOREIGN",
  "ERR_TAPE_CARTRIDGE_WRONG",
] as const;

export function giveUpAdvice(jobId: string, volumeTag: string): string {
  return `If what the job wrote on it is lost: tidemark job resume ${jobId} --give-up ${volumeTag} writes that again on another cartridge`;
}

/** The label is gone, or another one (step 2). */
export function withAdvice(error: unknown, jobId: string, volumeTag: string): unknown {
  if (!(error instanceof OperatorError)) return error;
  const code = identityCodes.find((candidate) => candidate === error.code);
  if (code === undefined) return error;
  return new OperatorError(`${error.message}. ${giveUpAdvice(jobId, volumeTag)}`, { code, cause: error });
}

/** As {@link withAdvice}, of a volume on which nothing more is to be written: what is on it must be read all the same. */
export function unreadableClaims(error: unknown, jobId: string, volumeTag: string): unknown {
  if (!isMediumFault(error)) return withAdvice(error, jobId, volumeTag);
  const text = `${error.message}. What the job claims on ${volumeTag} cannot be proved. ${giveUpAdvice(jobId, volumeTag)}`;
  return new OperatorError(text, { code: "ERR_TAPE_VOLUME_ALTERED", cause: error });
}
