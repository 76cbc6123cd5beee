// SPDX-License-Identifier: Apache-2.0
/** Appending where the operating system takes only a part of what it is given. */
import type { AppendFile } from "./environment.ts";

/** @returns how many bytes were taken: at least one */
export async function appendSome(file: AppendFile, bytes: Buffer): Promise<number> {
  const count = await file.append(bytes);
  if (count === 0) throw Object.assign(new Error("nothing was written and no error reported"), { code: "EIO" });
  return count;
}

export async function appendAll(file: AppendFile, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await appendSome(file, bytes.subarray(written));
}
