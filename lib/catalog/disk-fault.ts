// SPDX-License-Identifier: Apache-2.0
/** What the operating system says of the disk that holds a temporary catalog, as a sentence that says what to do. */
import { CatalogError } from "../errors.ts";

/** So much disk space is kept back for a temporary catalog. */
export const defaultReserveBytes = 64 * 1024 * 1024;

/** Carries out `work` on a folder. @throws CatalogError for what the file system throws */
export async function onDisk<T>(folder: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw diskFault(folder, what, cause);
  }
}

export function diskFault(folder: string, what: string, cause: unknown): Error {
  if (!(cause instanceof Error)) return new CatalogError(`cannot ${what} ${folder}: ${String(cause)}`, { cause });
  // Without a code it is a mistake of this program, and shows itself as one.
  if (cause instanceof CatalogError || codeOf(cause) === undefined) return cause;
  if (isFull(cause)) {
    const text = `cannot ${what} the temporary catalog: ${fullDiskText(folder, defaultReserveBytes)}`;
    return new CatalogError(text, { code: "ERR_TAPE_CATALOG_FULL", cause });
  }
  const text = `cannot ${what} the temporary catalog in ${folder}: ${String(cause)}. Check that disk, then resume the job`;
  return new CatalogError(text, { code: "ERR_TAPE_CATALOG_IO", cause });
}

/** What a person has to do. */
export function fullDiskText(folder: string, neededBytes: number | bigint): string {
  return `the disk that holds ${folder} is full. Make at least ${mebibytes(neededBytes)} free there, then resume the job`;
}

/** No space, or no more of it for this user. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
}

export function mebibytes(bytes: number | bigint): string {
  return `${Math.floor(Number(bytes) / 1_048_576)} MiB`;
}

function codeOf(error: NodeJS.ErrnoException): string | undefined {
  return error.code;
}
