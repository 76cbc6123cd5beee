// SPDX-License-Identifier: Apache-2.0
/**
 * The key that a drive is reserved with (SPC-5 5.13): "TM", 4 bytes for the installation, 2 bytes for the job. So the
 * holder of a drive can be named, and what a dead process of this installation has left is told from a stranger's.
 */

const product = 0x544dn;
const installationBits = 32n;
const jobBits = 16n;
const jobMask = (1n << jobBits) - 1n;

/** @param jobId jobs have numbers; anything else, or no job, counts as none */
export function reservationKey(installation: number, jobId: string | undefined): bigint {
  const job = jobId !== undefined && /^\d+$/.test(jobId) ? BigInt(jobId) & jobMask : 0n;
  return (product << (installationBits + jobBits)) | (BigInt(installation >>> 0) << jobBits) | job;
}

/** Of this installation, whatever the job: who has the drive's lease knows that no other process of it is at work. */
export function isOwnKey(key: bigint, installation: number): boolean {
  return key >> jobBits === reservationKey(installation, undefined) >> jobBits;
}

/** `544d…0011 (job 17 of another Tidemark installation)`. */
export function keyText(key: bigint): string {
  const digits = key.toString(16).padStart(16, "0");
  if (key >> (installationBits + jobBits) !== product) return digits;
  const job = key & jobMask;
  return `${digits} (${job === 0n ? "" : `job ${job} of `}another Tidemark installation)`;
}
